// libsio: limits for what clients can make the server keep: unread answers, polls, what comes before the first namespace,
// bodies that a route does not want.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { goneFor, joined, startFeatures, stats, watcher } from '../harness/features.mjs';
import { polling, post, SEPARATOR } from '../harness/polling.mjs';
import { CONTINUATION, frame, rawWebSocket, tcp, TEXT } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { command, example } from '../harness/server.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const MIB = 1 << 20;

const memory = (server) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;

// ---- unread answers ----

test('answers that nobody reads take no more memory than allowed; who reads is not hit', async (t) => {
  const server = await startFeatures({ stalled: 32 * MIB, threads: 2 });
  const reader = await joined(t, server);
  const before = memory(server);
  const idlers = [];
  for (let i = 0; i < 40; i++) {
    const connection = tcp(t, server);
    connection.socket.pause();
    connection.write(`GET /big?${11 * MIB} HTTP/1.1\r\nHost: x\r\n\r\n`);
    idlers.push(connection);
    if (i % 5 === 0) assert.equal((await request(server, 'GET', `/big?${3 * MIB}`)).text.length, 3 * MIB);
  }
  await until(async () => (await stats(server)).slowClosed >= 30, async () => `most to be closed: ${JSON.stringify(await stats(server))}`);
  const more = memory(server) - before;
  if (slowness === 1) assert.ok(more < 260 * MIB, `${more / MIB} MiB more`); // sanitizers keep what is freed
  assert.deepEqual(await reader.ask('echo', 1), [1]);
  assert.deepEqual(reader.left, []);
});

// ---- bursts between two polls ----

const server = await startFeatures();
const numbers = (packets, event) => packets.filter((p) => p.startsWith(`42["${event}",`)).map((p) => JSON.parse(p.slice(2))[1]);
const large = (n) => `42["echo","${'x'.repeat(n)}"]`;
const upTo = (n) => Array.from({ length: n }, (_, i) => i);

/** A polling client in the room of its own id. */
async function poller(t, on) {
  const poll = await polling(t, on);
  await poll.post('40');
  poll.id = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2)).sid;
  poll.packets = [];
  return poll;
}

const burst = (helper, poll, times, more) => helper.ask('orders', [{ op: 'emit', rooms: [poll.id], event: 'n', times, size: 100_000, ...more }]);

test('a burst between two polls arrives whole, in answers of about a megabyte', async (t) => {
  const helper = await joined(t, server);
  const poll = await poller(t, server);
  await burst(helper, poll, 30);
  await until(async () => {
    const answer = await poll.get();
    assert.equal(answer.status, 200);
    assert.ok(answer.text.length <= MIB, `${answer.text.length} bytes in one answer`);
    poll.packets.push(...answer.text.split(SEPARATOR));
    return numbers(poll.packets, 'n').length === 30;
  }, 'all of it');
  assert.deepEqual(numbers(poll.packets, 'n'), upTo(30));
});

test('attachments keep their place when a burst is split', async (t) => {
  const helper = await joined(t, server);
  const poll = await poller(t, server);
  await burst(helper, poll, 20, { binary: true });
  await until(async () => (await poll.poll()) && poll.packets.length === 60, () => `all of it; got ${poll.packets.length}`);
  assert.equal(poll.packets.map((p) => (p.startsWith('452-["n"') ? 'h' : p.length > 100_000 ? 'l' : 's')).join(''), 'hls'.repeat(20));
});

test('the official client takes bursts while it polls', async (t) => {
  const helper = await joined(t, server);
  const socket = await joined(t, server, { transports: ['polling'] });
  for (let i = 1; i <= 3; i++) {
    await burst(helper, socket, 60);
    await until(() => socket.all('n').length === 60 * i, () => `a burst; got ${socket.all('n').length}`);
  }
  assert.deepEqual(socket.all('n').map(([i]) => i), [...upTo(60), ...upTo(60), ...upTo(60)]);
  assert.deepEqual(socket.left, []);
});

test('a packet larger than an answer comes alone', async (t) => {
  const helper = await joined(t, server);
  const poll = await poller(t, server);
  await helper.ask('orders', [1, 3_000_000, 2].map((size) => ({ op: 'emit', rooms: [poll.id], event: 'n', size })));
  const sizes = [];
  while (sizes.flat().length < 3) sizes.push((await poll.poll()).map((p) => p.length > 1000));
  assert.deepEqual(sizes, [[false], [true], [false]]);
});

test('what waits goes over to the WebSocket whole', async (t) => {
  const helper = await joined(t, server);
  for (const patient of [true, false]) {
    const poll = await poller(t, server);
    await burst(helper, poll, 50);
    const ws = rawWebSocket(t, server, { query: `EIO=4&transport=websocket&sid=${poll.sid}` });
    await until(() => ws.open, 'the probe');
    ws.send('2probe');
    if (patient) await ws.next('3probe');
    ws.send('5');
    await until(() => numbers(ws.texts, 'n').length === 50, () => `all of it; got ${numbers(ws.texts, 'n').length}`);
    assert.deepEqual(numbers(ws.texts, 'n'), upTo(50));
  }
});

test('a session that ends by the server gives out what waits before it says so', async (t) => {
  const helper = await joined(t, server);
  const poll = await poller(t, server);
  await burst(helper, poll, 30);
  await helper.ask('orders', [{ op: 'close', rooms: [poll.id] }]);
  while (!poll.packets.includes('1')) await poll.poll();
  assert.deepEqual(numbers(poll.packets, 'n'), upTo(30));
  assert.equal((await poll.get()).status, 400);
});

test('above its limit a polling client that does not fetch is closed, and counted', async (t) => {
  const small = await startFeatures({ 'polling-queue': 500_000 });
  const watch = await watcher(t, small);
  const poll = await poller(t, small);
  const before = (await stats(small)).slowClosed;
  await burst(watch, poll, 4);
  assert.equal((await poll.poll()).length, 4);
  await burst(watch, poll, 6);
  assert.equal(await goneFor(watch, poll.id), 'transport error');
  assert.equal((await stats(small)).slowClosed - before, 1);
});

test('what waits for all who do not poll takes no more memory than allowed; who polls is not hit', async (t) => {
  // In a slow build a quarter of everything; and no heartbeat ends a session meanwhile.
  const scale = slowness === 1 ? 1 : 1 / 4;
  const server = await startFeatures({ threads: 1, stalled: 8 * MIB * scale, 'ping-interval': 600_000 });
  const reader = await joined(t, server, { transports: ['polling'] });
  const before = memory(server);
  const idlers = [];
  for (let i = 0; i < 40; i++) {
    const poll = await poller(t, server);
    idlers.push(poll);
    for (let k = 0; k < 4; k++) await poll.post(large(900_000 * scale));
    if (i % 3 === 0) await poll.post('broken'); // one that is closed keeps what waits until it is told, and counts as well
    if (i % 5 === 0) assert.deepEqual(await reader.ask('echo', i), [i]);
    if (i !== 10) continue;
    // Two whose turn has come: they are told while it is remembered who they were.
    assert.equal((await idlers[1].get()).text, '1');
    assert.equal((await idlers[1].get()).status, 400);
    assert.equal((await idlers[0].get()).text, '1');
  }
  const more = memory(server) - before;
  if (slowness === 1) assert.ok(more < 50 * MIB, `${more / MIB} MiB more`); // sanitizers keep what is freed
  const { slowClosed } = await stats(server);
  assert.ok(slowClosed >= 20 && slowClosed <= 27, `${slowClosed} closed`); // one in three has closed itself
  await idlers[39].until((p) => p === '1');
  assert.equal(idlers[39].packets.filter((p) => p.startsWith('42["echo"')).length, 4);
  assert.deepEqual(reader.left, []);
});

test('the same for many polling clients counts once', async (t) => {
  const server = await startFeatures({ threads: 1, stalled: 8 * MIB });
  const helper = await joined(t, server);
  const polls = [];
  for (let i = 0; i < 20; i++) polls.push(await poller(t, server));
  await helper.ask('orders', [{ op: 'emit', event: 'n', times: 10, size: 100_000 }]);
  for (const poll of polls) {
    while (numbers(poll.packets, 'n').length < 10) await poll.poll();
    assert.deepEqual(numbers(poll.packets, 'n'), upTo(10));
  }
  assert.equal((await stats(server)).slowClosed, 0);
});

// ---- before the first namespace ----

const MAX = 65536;
async function opened(t, options) {
  const ws = rawWebSocket(t, server, options);
  if (!options) assert.equal(JSON.parse((await ws.next((x) => x.startsWith('0{'))).slice(1)).maxPayload, 1_000_000);
  else await until(() => ws.open, 'the probe');
  return ws;
}

/** Of a session that polls. */
async function upgraded(t, poll) {
  const ws = await opened(t, { query: `EIO=4&transport=websocket&sid=${poll.sid}` });
  ws.send('2probe');
  await ws.next('3probe');
  ws.send('5');
  return ws;
}

async function takesLarge(ws) {
  ws.send(large(900_000));
  await ws.next(large(900_000));
}

test('a WebSocket that has joined nothing may send little', async (t) => {
  const first = await opened(t);
  first.write(frame(TEXT, '4', { length: MAX + 1 })); // no more than its head and a byte
  assert.equal(await first.closed(), 1009);
  const second = await opened(t);
  second.write(frame(TEXT, `4${'x'.repeat(MAX / 2)}`, { fin: false }));
  second.write(frame(CONTINUATION, '', { length: MAX / 2 }));
  assert.equal(await second.closed(), 1009);
});

test('while its CONNECT is being decided too', async (t) => {
  const ws = await opened(t);
  ws.send('40/gate,{"decide":"hold","key":"for ever"}');
  ws.write(frame(TEXT, '', { length: MAX + 1 }));
  assert.equal(await ws.closed(), 1009);
});

test('CONNECT may be as large as that; then everything may be as large as announced', async (t) => {
  const ws = await opened(t);
  ws.send(`40{"key":"${'x'.repeat(MAX - 12)}"}`);
  await ws.next((x) => x.startsWith('40{'));
  await takesLarge(ws);
  ws.send('41');
  ws.send('40');
  await until(() => ws.texts.filter((x) => x.startsWith('40{')).length === 2, 'to be in again');
  await takesLarge(ws);
});

test('a polling session that has joined nothing may send little', async (t) => {
  const poll = await polling(t, server);
  assert.equal((await poll.post(large(MAX))).status, 413);
  await until(async () => (await poll.get()).status === 400, 'the session to be over');
  const joins = await poller(t, server);
  assert.equal((await joins.post(large(900_000))).status, 200);
  await joins.until((p) => p === large(900_000));
  assert.equal((await post(server, 'EIO=4&transport=polling', 'x'.repeat(MAX + 1))).status, 413);
  assert.equal((await post(server, 'EIO=4&transport=polling', 'x'.repeat(MAX))).status, 400);
});

test('an upgrade takes the limit along', async (t) => {
  const strange = await upgraded(t, await polling(t, server));
  strange.write(frame(TEXT, '', { length: MAX + 1 }));
  assert.equal(await strange.closed(), 1009);
  await takesLarge(await upgraded(t, await poller(t, server)));
  const late = await upgraded(t, await polling(t, server));
  late.send('40');
  await late.next((x) => x.startsWith('40{'));
  await takesLarge(late);
});

test('a probe may send little, whatever its session may', async (t) => {
  const poll = await poller(t, server);
  const ws = await opened(t, { query: `EIO=4&transport=websocket&sid=${poll.sid}` });
  ws.write(frame(TEXT, '', { length: MAX + 1 }));
  assert.equal(await ws.closed(), 1009);
  await poll.post(large(10));
  await poll.until((p) => p === large(10));
});

// ---- bodies of routes ----

/** The first answer's status to these bytes. */
function statusOf(t, text) {
  const connection = tcp(t, server);
  connection.write(text);
  return connection.status();
}

const head = (lines) => `POST /echo HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n`;

test('a route says how long a body it wants, before it comes', async (t) => {
  const limited = { headers: { 'X-Limit': '10' } };
  assert.equal((await request(server, 'POST', '/echo', { raw: '0123456789', ...limited })).json.body, '0123456789');
  assert.equal(await statusOf(t, head('X-Limit: 10\r\nContent-Length: 11')), 413);
  assert.equal(await statusOf(t, head('X-Limit: 10\r\nContent-Length: 11\r\nExpect: 100-continue')), 413);
  assert.equal(await statusOf(t, `${head('X-Limit: 10\r\nTransfer-Encoding: chunked')}6\r\n012345\r\n5\r\n01234\r\n`), 413);
  assert.equal(await statusOf(t, `${head('X-Limit: 10\r\nTransfer-Encoding: chunked')}5\r\n01234\r\n5\r\n01234\r\n0\r\n\r\n`), 201);
  assert.equal(await statusOf(t, head('X-Limit: 0\r\nContent-Length: 1')), 413);
  assert.equal(await statusOf(t, head('X-Limit: 0\r\nContent-Length: 0')), 201);
});

test('the configured limit holds as well', async (t) => {
  assert.equal(await statusOf(t, head(`Content-Length: ${MIB + 1}`)), 413);
  assert.equal(await statusOf(t, head(`X-Limit: ${10 * MIB}\r\nContent-Length: ${MIB + 1}`)), 413);
  const whole = await request(server, 'POST', '/echo', { raw: 'x'.repeat(MIB), headers: { 'X-Limit': String(MIB) } });
  assert.equal(whole.json.body.length, MIB);
});

// ---- sessions before anybody has joined ----

const unjoined = (n) => startFeatures({ threads: 1, 'unjoined-sessions': n });
const isGone = async (poll) => (await poll.get()).status === 400;

test('only so many sessions that have joined nothing: the oldest makes room for the next', async (t) => {
  const server = await unjoined(3);
  const joins = await poller(t, server);
  const [first, second, third, fourth] = [await polling(t, server), await polling(t, server), await polling(t, server), await polling(t, server)];
  assert.ok(await isGone(first));
  await third.post('40');
  await third.until((p) => p.startsWith('40'));
  const fifth = await polling(t, server);
  await fifth.post('40');
  await fifth.until((p) => p.startsWith('40'));
  await second.post('40');
  await second.until((p) => p.startsWith('40'));
  for (const poll of [joins, third, fourth, fifth]) assert.equal((await poll.post('40/other')).status, 200);
});

test('who polls makes room after those who do not, and is told; who has a WebSocket comes last', async (t) => {
  const server = await unjoined(3);
  const open = async () => {
    const ws = rawWebSocket(t, server);
    await ws.next((x) => x.startsWith('0{'));
    return ws;
  };
  const first = await open();
  const polls = await polling(t, server);
  const told = tcp(t, server);
  told.write(`GET /none HTTP/1.1\r\nHost: x\r\n\r\nGET /socket.io/?${polls.query} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await told.status(); // both have been read
  const idle = await polling(t, server);
  const second = await open();
  assert.ok(await isGone(idle));
  assert.doesNotMatch(told.text, /\r\n1$/);
  const third = await open();
  await until(() => /\r\n1$/.test(told.text), 'the poll to be told');
  await open();
  await first.closed();
  for (const ws of [second, third]) {
    ws.send('40');
    await ws.next((x) => x.startsWith('40{'));
  }
});

test('a client whose CONNECT is being decided makes no room: the next is told to come again', async (t) => {
  const server = await unjoined(2);
  const handshake = () => request(server, 'GET', '/socket.io/?EIO=4&transport=polling');
  const helper = await joined(t, server);
  const held = [await polling(t, server), await polling(t, server)];
  for (const [i, poll] of held.entries()) await poll.post(`40/gate,{"decide":"hold","key":"${i}"}`);
  assert.equal((await handshake()).status, 503);
  await helper.ask('release', '0', { refuse: 'no' });
  await held[0].until((p) => p.startsWith('44/gate'));
  assert.equal((await handshake()).status, 200); // in the place of the refused one
  assert.ok(await isGone(held[0]));
  await helper.ask('release', '1', {});
  await held[1].until((p) => p.startsWith('40/gate'));
});

test('a session that ends before it has joined anything leaves nothing behind', async (t) => {
  const server = await startFeatures({ threads: 1, 'connect-timeout': 200 });
  const silent = await polling(t, server);
  const waiting = await polling(t, server);
  assert.equal((await waiting.get()).text, '1');
  await until(async () => (await stats(server)).sessions === 0, 'both to be forgotten');
  assert.ok(await isGone(silent));
});

// ---- the program's own mistakes ----

test('a configuration that makes no sense is refused, and what is wrong in it is named', async () => {
  const start = (...args) => command(['--port', '0', ...args], { file: example('conformance') });
  for (const [option, value, fault] of [
    ['--max-payload', '0', /max_payload_bytes is 0/],
    ['--ping-timeout', '0', /ping_timeout_ms is 0/],
    ['--threads', '65', /more than 64 threads/],
  ]) {
    const { code, stderr } = await start(option, value);
    assert.equal(code, 2);
    assert.match(stderr, fault);
  }
});
