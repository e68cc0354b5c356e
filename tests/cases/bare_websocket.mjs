// Bare WebSockets (sio_websocket.h): the echo of `conformance`, without Engine.IO, driven by npm's ws and by hand.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import WebSocket from 'ws';
import { startFeatures, watcher } from '../harness/features.mjs';
import { BINARY, CLOSE, frame, PING, PONG, rawWebSocket, TEXT } from '../harness/raw.mjs';
import { example, launch } from '../harness/server.mjs';
import { soon, test, until } from '../harness/suite.mjs';

const start = (...args) => launch(example('conformance'), ['--port', '0', ...args]);
const server = await start('--threads', '2');
const MiB = 1024 * 1024;
const bare = (t, options, to = server) => rawWebSocket(t, to, { path: '/echo', query: 'a=b', ...options });

async function client(t, options, to = server) {
  const ws = new WebSocket(`ws://127.0.0.1:${to.port}/echo`, options);
  t.after(() => ws.terminate());
  ws.got = [];
  ws.on('message', (data, binary) => ws.got.push(binary ? data : data.toString()));
  await soon(new Promise((done, fail) => ws.on('open', done).on('error', fail)), 'the handshake');
  return ws;
}

test('text and binary come back as they were sent, in order', async (t) => {
  const ws = await client(t, { perMessageDeflate: false });
  const sent = ['', 'é😀', Buffer.alloc(0), randomBytes(70_000), 'x'.repeat(70_000), '[1]'];
  for (const message of sent) ws.send(message);
  await until(() => ws.got.length === sent.length, 'all of them');
  assert.deepEqual(ws.got, sent);
});

test('messages of 16 MiB, and not a byte more', async (t) => {
  const ws = await client(t, { maxPayload: 17 * MiB });
  const bytes = randomBytes(16 * MiB);
  ws.send(bytes);
  ws.send('x'.repeat(16 * MiB));
  await until(() => ws.got.length === 2, 'both', 30_000);
  assert.ok(bytes.equals(ws.got[0]));
  assert.equal(ws.got[1].length, 16 * MiB);
  ws.send(Buffer.alloc(16 * MiB + 1));
  const code = await soon(new Promise((done) => ws.on('close', done).on('error', () => {})), 'the end');
  assert.equal(code, 1009);
});

test('of a peer that does not read no more is read, and nothing of it is lost', async (t) => {
  const ws = bare(t);
  await until(() => ws.open, '101');
  ws.socket.pause();
  const count = 40;
  const bytes = Buffer.alloc(2 * MiB, 'a');
  let written = 0;
  for (let i = 0; i < count; i++) ws.socket.write(frame(BINARY, bytes), () => written++);
  const memory = () => Number(/VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024;
  const before = memory();
  let last = -1;
  await until(async () => {
    if (written !== last) last = written;
    else if (written > 0) return true;
    await new Promise((done) => setTimeout(done, 100));
    return false;
  }, 'the server to read no more');
  assert.ok(written < count, `${written} were taken`);
  if (!process.env.ASAN_OPTIONS) assert.ok(memory() - before < 64, `${before} MiB before, ${memory()} MiB now`);
  ws.socket.resume();
  await until(() => ws.frames.length === count, () => `all of them; ${ws.frames.length}`, 30_000);
  assert.ok(ws.frames.every((f) => f.opcode === BINARY && f.payload.equals(bytes)));
});

test('what is no handshake is refused, other paths are not taken', async (t) => {
  const plain = await fetch(`http://127.0.0.1:${server.port}/echo`);
  assert.equal(plain.status, 400);
  const wrong = bare(t, { key: 'short' });
  await until(() => wrong.refused, 'a refusal');
  assert.equal(wrong.refused, 400);
  const other = rawWebSocket(t, server, { path: '/echo/' });
  await until(() => other.refused, 'a refusal');
  assert.equal(other.refused, 404);
});

test('a stopping server says 1001 and ends in time', async (t) => {
  const own = await start();
  const ws = await client(t, {}, own);
  const silent = bare(t, {}, own);
  await until(() => silent.open, '101');
  const closed = new Promise((done) => ws.on('close', done));
  const end = await own.stop();
  assert.equal(await soon(closed, 'the close'), 1001);
  assert.ok(end.ms < 5000, `${end.ms} ms`);
  await until(() => silent.frames.some((f) => f.opcode === CLOSE), 'the close frame of the one that does not answer');
});

test('after our close frame nothing more is heard', async (t) => {
  const ws = bare(t);
  await until(() => ws.open, '101');
  ws.write(Buffer.concat([frame(TEXT, 'one'), frame(CLOSE, Buffer.from([0x0b, 0xb8])), frame(TEXT, 'two')]));
  assert.equal(await ws.closed(), 3000);
  await ws.end();
  assert.deepEqual(ws.texts, ['one']);
});

test('a silent peer is pinged, one that answers stays, one that does not is given up', { alone: true }, async (t) => {
  const features = await startFeatures();
  const watch = await watcher(t, features);
  const open = async () => {
    const ws = rawWebSocket(t, features, { path: '/bare' });
    await until(() => ws.open, '101');
    return ws;
  };
  const pings = (ws) => ws.frames.filter((f) => f.opcode === PING).length;
  const [living, dead] = [await open(), await open()];
  let answered = 0;
  living.socket.on('data', () => {
    for (; answered < pings(living); answered++) living.write(frame(PONG, ''));
  });
  assert.equal(await dead.closed(), 0);
  assert.equal(pings(dead), 1);
  await until(() => watch.all('bare went').length === 1, 'the end of the silent one');
  assert.deepEqual(watch.all('bare went'), [['ping timeout']]);
  await until(() => pings(living) >= 3, () => `more pings: ${living.ended} ${answered} ${JSON.stringify(living.frames)}`);
  living.send('still here');
  await living.next('still here');
  living.write(frame(CLOSE, ''));
  await watch.first('bare went', (reason) => reason === 'transport close');
});
