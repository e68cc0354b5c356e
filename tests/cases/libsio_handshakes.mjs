// libsio: who may open a session, header lines of the program's own, the cookie, compression, transports, the path.
import assert from 'node:assert/strict';
import http from 'node:http';
import { gunzipSync, inflateSync } from 'node:zlib';
import { client, joined, startFeatures } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { rawWebSocket, tcp } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { soon, test, until } from '../harness/suite.mjs';

const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';
const plain = await startFeatures();
const hooked = await startFeatures({ hooks: 1 });
const cookies = await startFeatures({ cookie: 'io' });
const open = (server, query = '', headers = {}) => request(server, 'GET', `${HANDSHAKE}${query}`, { headers });
const sidOf = (answer) => JSON.parse(answer.text.slice(1)).sid;

// ---- may this client come in? ----

for (const [door, status, message] of [
  ['refuse', 403, 'Forbidden'],
  ['no+entry', 403, 'no entry'],
  ['thread-refuse', 403, 'not "you"'],
  ['thread', 200],
])
  test(`the program decides: ${door}`, async (t) => {
    const answer = await open(hooked, `&door=${door}`);
    assert.equal(answer.status, status);
    if (message) assert.equal(answer.text, JSON.stringify({ code: 4, message }));
    const ws = rawWebSocket(t, hooked, { query: `EIO=4&transport=websocket&door=${door}` });
    if (!message) return ws.next((x) => x.startsWith('0{'));
    await ws.end();
    assert.match(ws.text, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.ok(ws.text.endsWith(`\r\n\r\n${message}`), ws.text);
  });

test('requests of a session are not asked about, nor its upgrade', async (t) => {
  const socket = client(t, hooked, { transports: ['polling', 'websocket'], query: { door: 'thread' } });
  await socket.in();
  await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
  const sid = sidOf(await open(hooked));
  assert.equal((await request(hooked, 'POST', `${HANDSHAKE}&sid=${sid}&door=refuse`, { raw: '40' })).text, 'ok');
});

test('who leaves before the decision does no harm', async (t) => {
  for (let i = 0; i < 20; i++) tcp(t, hooked).write(`GET ${HANDSHAKE}&door=thread HTTP/1.1\r\nHost: x\r\n\r\n`).socket.end();
  assert.equal((await open(hooked, '&door=thread')).status, 200);
});

// ---- header lines ----

test('lines of the program: on every answer of a session, some on the first alone', async (t) => {
  const first = await open(hooked, '', { 'X-Name': 'anna' });
  assert.deepEqual([first.headers['x-answer'], first.headers['x-first'], first.headers['x-bad']], ['yes', 'anna', undefined]);
  const sid = sidOf(first);
  const post = await request(hooked, 'POST', `${HANDSHAKE}&sid=${sid}`, { raw: '40' });
  const poll = await open(hooked, `&sid=${sid}`);
  for (const answer of [post, poll]) assert.deepEqual([answer.headers['x-answer'], answer.headers['x-first']], ['yes', undefined]);
  const ws = rawWebSocket(t, hooked);
  await ws.next((x) => x.startsWith('0{'));
  assert.match(ws.text, /\r\nX-Answer: yes\r\nX-First: nobody\r\n/);
  const probe = rawWebSocket(t, hooked, { query: `EIO=4&transport=websocket&sid=${sid}` });
  await until(() => probe.open, '101');
  assert.match(probe.text, /X-Answer: yes/);
  assert.doesNotMatch(probe.text, /X-First/);
  const refused = await open(hooked, '&sid=unknown');
  assert.deepEqual([refused.status, refused.headers['x-answer']], [400, undefined]);
});

test('the cookie comes with a polling handshake alone', async (t) => {
  const first = await open(cookies);
  const sid = sidOf(first);
  assert.deepEqual(first.headers['set-cookie'], [`io=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
  assert.equal((await request(cookies, 'POST', `${HANDSHAKE}&sid=${sid}`, { raw: '40' })).headers['set-cookie'], undefined);
  assert.equal((await open(cookies, `&sid=${sid}`)).headers['set-cookie'], undefined);
  const ws = rawWebSocket(t, cookies);
  await ws.next((x) => x.startsWith('0{'));
  assert.doesNotMatch(ws.text, /set-cookie/i);
  assert.equal((await open(plain)).headers['set-cookie'], undefined);
});

// ---- compression ----

/** A poll's answer as it came: {headers, bytes}. */
function raw(server, path, encoding) {
  const headers = encoding ? { 'Accept-Encoding': encoding } : {};
  return soon(
    new Promise((done, fail) => {
      http
        .get({ host: '127.0.0.1', port: server.port, path, headers, agent: false }, (res) => {
          const parts = [];
          res.on('data', (d) => parts.push(d));
          res.on('end', () => done({ headers: res.headers, bytes: Buffer.concat(parts) }));
        })
        .on('error', fail);
    }),
    path,
  );
}

/** A session for which an event of so many bytes waits. */
async function waiting(t, server, size) {
  const poll = await polling(t, server);
  await poll.post('40');
  await poll.until((p) => p.startsWith('40'));
  await poll.post(`42["echo","${'x'.repeat(size)}"]`);
  return `${HANDSHAKE}&sid=${poll.sid}`;
}

for (const [accept, coding, decode] of [
  ['gzip', 'gzip', gunzipSync],
  ['deflate', 'deflate', inflateSync],
  ['br, gzip;q=0.5, deflate;q=0.8', 'deflate', inflateSync],
  ['gzip;q=0', undefined, (x) => x],
  ['br', undefined, (x) => x],
  [undefined, undefined, (x) => x],
])
  test(`large answers: Accept-Encoding: ${accept}`, async (t) => {
    const answer = await raw(plain, await waiting(t, plain, 5000), accept);
    assert.equal(answer.headers['content-encoding'], coding);
    assert.equal(Number(answer.headers['content-length']), answer.bytes.length);
    assert.equal(decode(answer.bytes).toString(), `42["echo","${'x'.repeat(5000)}"]`);
    if (coding) assert.ok(answer.bytes.length < 200, `${answer.bytes.length}`);
  });

test('small answers go as they are; the size is configured; it can be off', async (t) => {
  assert.equal((await raw(plain, await waiting(t, plain, 1000), 'gzip')).headers['content-encoding'], undefined);
  const eager = await startFeatures({ compression: 10 });
  assert.equal((await raw(eager, await waiting(t, eager, 20), 'gzip')).headers['content-encoding'], 'gzip');
  const never = await startFeatures({ compression: 0 });
  assert.equal((await raw(never, await waiting(t, never, 20_000), 'gzip')).headers['content-encoding'], undefined);
});

// ---- transports, upgrades, the path ----

test('a transport that is not enabled is unknown, and not offered', async (t) => {
  const onlyPolling = await startFeatures({ transports: 1 });
  const onlyWebSocket = await startFeatures({ transports: 2 });
  assert.deepEqual(JSON.parse((await open(onlyPolling)).text.slice(1)).upgrades, []);
  const refused = rawWebSocket(t, onlyPolling);
  await refused.end();
  assert.ok(refused.text.endsWith('Transport unknown'));
  assert.deepEqual((await open(onlyWebSocket)).json, { code: 0, message: 'Transport unknown' });
  const socket = await joined(t, onlyWebSocket);
  assert.deepEqual(await socket.ask('echo', 1), [1]);
});

test('upgrades that are not offered are still possible', async (t) => {
  const server = await startFeatures({ upgrades: 0 });
  const first = await open(server);
  assert.deepEqual(JSON.parse(first.text.slice(1)).upgrades, []);
  const ws = rawWebSocket(t, server, { query: `EIO=4&transport=websocket&sid=${sidOf(first)}` });
  await until(() => ws.open, '101');
  ws.send('2probe');
  await ws.next('3probe');
});

test('another path, without a slash behind it', async (t) => {
  const server = await startFeatures({ path: '/chat' });
  for (const path of ['/chat?EIO=4&transport=polling', '/chat/?EIO=4&transport=polling']) assert.equal((await request(server, 'GET', path)).text[0], '0', path);
  assert.equal((await open(server)).status, 404);
  const socket = client(t, server, { path: '/chat', addTrailingSlash: false });
  await socket.in();
});

// ---- refusals that the connection makes itself ----

test('413 ends the session at once, and browsers may read it', async (t) => {
  const server = await startFeatures({ 'max-payload': 100, cors: '*' });
  const watch = await joined(t, server);
  await watch.ask('join', 'watchers');
  for (const chunked of [false, true]) {
    const poll = await polling(t, server);
    await poll.post('40');
    const { sid } = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2));
    const pending = poll.get();
    const connection = tcp(t, server);
    connection.write(`POST ${HANDSHAKE}&sid=${poll.sid} HTTP/1.1\r\nHost: x\r\n${chunked ? 'Transfer-Encoding: chunked\r\n\r\n65\r\n' : 'Content-Length: 101\r\n\r\n'}${'6'.repeat(101)}`);
    assert.equal(await connection.status(), 413);
    await connection.end();
    assert.match(connection.text, /\r\nAccess-Control-Allow-Origin: \*\r\n/);
    assert.match(connection.text, /\r\nContent-Length: 0\r\n/);
    assert.deepEqual([(await pending).text, (await poll.get()).status], ['1', 400]);
    await watch.first('went', (_, who) => who === sid);
  }
});

test('a GET that comes behind its own close is told so', async (t) => {
  const poll = await polling(t, plain);
  const closing = poll.post('1');
  await until(async () => {
    const late = await poll.get();
    assert.ok((late.status === 200 && late.text === '6') || late.status === 400, late.text);
    return true;
  }, 'an answer');
  assert.equal((await closing).text, 'ok');
  assert.equal((await poll.get()).status, 400);
});
