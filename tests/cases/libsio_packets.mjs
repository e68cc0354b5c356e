// libsio: Socket.IO packets as the reference takes or refuses them; binary packets whose attachments come late, or not at all.
import assert from 'node:assert/strict';
import { joined, startFeatures, stats, transports } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { BINARY, frame, PONG, rawWebSocket } from '../harness/raw.mjs';
import { sleep, test, until, within } from '../harness/suite.mjs';

const server = await startFeatures();
const few = await startFeatures({ 'max-attachments': 2, 'partial-bytes': 5000, 'partial-timeout': 600 });
const many = await startFeatures({ 'max-attachments': 255 });

async function entered(t, on = server) {
  const ws = rawWebSocket(t, on);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  await ws.next((x) => x.startsWith('40{'));
  ws.attach = (...all) => all.forEach((data) => ws.write(frame(BINARY, data)));
  return ws;
}

const head = (n, extra = '') => `45${n}-["echo",${Array.from({ length: n }, (_, i) => `{"_placeholder":true,"num":${i}}`).join()}${extra}]`;

// ---- taken ----

const taken = {
  'the name "error"': ['421["error"]', null],
  'the empty name': ['421[""]', null],
  'an id with zeros in front': ['42007["echo"]', '437[]'],
  'a blank for an id': ['42 ["echo"]', '430[]'],
  'the largest id': ['429007199254740992["echo"]', '439007199254740992[]'],
  'a newline behind it': ['421["echo"]\n', '431[]'],
  'the name of its namespace': ['42/,1["echo"]', '431[]'],
  'deep nesting': [`421["echo",${'['.repeat(2000)}${']'.repeat(2000)}]`, `431[${'['.repeat(2000)}${']'.repeat(2000)}]`],
  'a lone surrogate': ['421["echo","\\ud800"]', '431["\\ud800"]'],
  'no payload': ['42', null],
  'an acknowledgement without payload': ['431', null],
  'an acknowledgement without id': ['43["x"]', null],
  'a placeholder in an event without attachments': ['421["echo",{"_placeholder":true,"num":7}]', '431[{"_placeholder":true,"num":7}]'],
  '"5" of Engine.IO': ['5', null],
};
for (const [what, [text, answer]] of Object.entries(taken))
  test(`taken: ${what}`, async (t) => {
    const ws = await entered(t);
    ws.send(text);
    if (answer) await ws.next(answer);
    ws.send('4299["echo","behind"]');
    await ws.next('4399["behind"]');
  });

test('a number for a name', async (t) => {
  const ws = await entered(t);
  ws.send('40/other,');
  ws.send('42/other,1[7,"seven"]');
  await ws.next('43/other,1["seven"]');
});

test('numbers that JavaScript writes otherwise come back as they came', async (t) => {
  const ws = await entered(t);
  ws.send('421["echo",-0,1e400,1.0]');
  await ws.next('431[-0,1e400,1.0]');
});

// ---- refused ----

const refused = ['42{}', '42"e"', '42[]', '42[{}]', '42[null]', '42[true]', '42[["e"]]', '42["e"', '42["e"]x', '42["e",]', '42["e",01]', '42["e",NaN]', '42["e","\n"]', '42-1["e"]', '421.5["e"]', '421e2["e"]', '429007199254740993["e"]', '43{}', '431{}', '431"x"', '41{}', '41,', '41[]', '44{"message":"x"}', '47', '4', '4x', '40', '42/other,["e"]', '43/other,1[]', '41/other,',
  ...['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener'].map((name) => `42["${name}"]`),
  '45["e"]', '450-["e"]', '45-1-["e"]', '4511-["e"]', '45x-["e"]', '451-', '451-{}', '451-["e",{"_placeholder":true}]', '451-["e",{"_placeholder":true,"num":1}]', '451-["e",{"_placeholder":true,"num":-1}]', '451-["e",{"_placeholder":true,"num":"0"}]', '461-1["e",{"_placeholder":true,"num":1}]', '451-/other,["e"]'];
for (const text of refused)
  test(`refused: ${JSON.stringify(text)}`, async (t) => {
    const ws = await entered(t);
    const before = (await stats(server)).refused;
    ws.send(text);
    assert.equal(await ws.closed(), 0, 'an empty close frame');
    assert.ok((await stats(server)).refused > before);
  });

for (const text of ['42["e"]', '41', '431[]', '451-["e",{"_placeholder":true,"num":0}]', '40[]', '40"x"', '40null', '40{', '40/other,[]', '42'])
  test(`refused before CONNECT: ${text}`, async (t) => {
    const ws = rawWebSocket(t, server);
    await ws.next((x) => x.startsWith('0{'));
    ws.send(text);
    assert.equal(await ws.closed(), 0);
  });

for (const text of ['40/other', '40/other,', '40/other,{"a":1}', '40/other,5{}'])
  test(`CONNECT: ${text}`, async (t) => {
    const ws = rawWebSocket(t, server);
    await ws.next((x) => x.startsWith('0{'));
    ws.send(text);
    assert.match(await ws.next((x) => x.startsWith('40/other,')), /^40\/other,\{"sid":"[\w-]{20}"\}$/);
  });

test('after the last namespace is left anything but CONNECT ends the connection', async (t) => {
  for (const text of ['42["echo"]', '431[]', '41', '42/other,["e"]']) {
    const ws = await entered(t);
    ws.send('41');
    await sleep(50);
    assert.equal(ws.ended, false);
    ws.send(text);
    assert.equal(await ws.closed(), 0, text);
  }
});

test('CONNECT and an event in one POST', async (t) => {
  const poll = await polling(t, server);
  await poll.post('40\x1e421["echo","at once"]');
  await poll.until((p) => p === '431["at once"]');
});

// ---- attachments ----

test('attachments named twice, or not at all, or by half', async (t) => {
  const ws = await entered(t);
  const two = (args) => `452-1["echo",${args}]`;
  for (const args of ['{"_placeholder":true,"num":1},{"num":1,"_placeholder":true}', '"none"', '{"_placeholder":true,"num":0.5}']) {
    ws.send(two(args));
    ws.attach('a', 'b');
    await ws.next(`462-1[${args}]`);
  }
  assert.deepEqual(ws.frames.filter((f) => f.opcode === BINARY).map((f) => String(f.payload)), Array(6).fill(['a', 'b']).flat().slice(0, 12));
});

test('what may come between attachments, and what may not', async (t) => {
  const ws = await entered(t);
  ws.send(head(2));
  ws.attach('a');
  ws.write(frame(PONG, ''));
  for (const text of ['6', '3', '5']) ws.send(text);
  ws.attach('b');
  await ws.next(head(2));
  ws.send(head(1));
  ws.send('42["echo"]');
  assert.equal(await ws.closed(), 0);
});

test('an attachment that nobody announced ends the connection', async (t) => {
  const ws = await entered(t);
  ws.attach('a');
  assert.equal(await ws.closed(), 0);
});

test('a session that ends between attachments', async (t) => {
  const ws = await entered(t);
  ws.send(head(2));
  ws.attach('a');
  await sleep(50);
  ws.close();
  const next = await entered(t);
  next.send('42["echo"]');
  await next.next('42["echo"]');
});

for (const ways of transports)
  test(`255 attachments where they are allowed, ${ways}`, async (t) => {
    const socket = await joined(t, many, { transports: ways });
    const ws = await entered(t, many);
    ws.send(head(255));
    ws.attach(...Array.from({ length: 255 }, (_, i) => String(i)));
    await ws.next(head(255));
    await until(() => ws.frames.filter((f) => f.opcode === BINARY).length === 255, 'all of them');
    assert.deepEqual((await socket.ask('echo', ...Array.from({ length: 10 }, (_, i) => Buffer.from([i])))).map((x) => x[0]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

test('more than are allowed', async (t) => {
  const ws = await entered(t, few);
  ws.send(head(2));
  ws.attach('a', 'b');
  await ws.next(head(2));
  ws.send(head(3));
  assert.equal(await ws.closed(), 0);
});

test('the server sends no more than are allowed either, and says so', async (t) => {
  const one = await startFeatures({ 'max-attachments': 1 });
  const socket = await joined(t, one);
  const helper = await joined(t, one);
  await socket.ask('orders', [{ op: 'emitSelf', event: 'two', binary: true }, { op: 'emit', event: 'two', binary: true }, { op: 'emitSelf', event: 'behind' }]);
  await socket.first('behind');
  assert.deepEqual([socket.all('two'), helper.all('two')], [[], []]);
  await until(() => /2 attachments is not sent: max_attachments is 1/.test(one.output.stderr), 'a line in the log');
});

test('attachments that do not come', async (t) => {
  const ws = await entered(t, few);
  const begun = Date.now();
  ws.send(head(2));
  ws.attach('a');
  assert.equal(await ws.closed(), 0);
  const took = Date.now() - begun;
  assert.ok(took >= 590 && took < 600 + within(1000), `${took} ms`);
});

test('attachments that are too large together', async (t) => {
  const ws = await entered(t, few);
  ws.send(head(2));
  ws.attach(Buffer.alloc(2400), Buffer.alloc(2400));
  await ws.next(head(2));
  ws.send(head(2));
  ws.attach(Buffer.alloc(2600), Buffer.alloc(2600));
  assert.equal(await ws.closed(), 0);
});
