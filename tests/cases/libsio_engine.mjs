// libsio: Engine.IO alone, beside Socket.IO on one server.
import assert from 'node:assert/strict';
import { Socket } from 'engine.io-client';
import { joined, startFeatures, stats } from '../harness/features.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startFeatures();
const upTo = (n) => Array.from({ length: n }, (_, i) => i);
const transports = [['websocket'], ['polling'], ['polling', 'websocket']];

/** A socket of the official Engine.IO client with a memory. */
async function open(t, options) {
  const socket = new Socket(server.url, { path: '/engine/', ...options });
  socket.binaryType = 'arraybuffer';
  socket.got = [];
  // An empty text is told as undefined.
  socket.on('data', (data = '') => socket.got.push(typeof data === 'string' ? data : new Uint8Array(data)));
  socket.on('close', (reason) => (socket.left = reason));
  t.after(() => socket.close());
  await until(() => socket.readyState === 'open', 'the handshake');
  return socket;
}

const count = (socket, n) => until(() => socket.got.length >= n, () => `${n} messages; got ${socket.got.length}`);

for (const names of transports) {
  test(`texts and bytes come back whole and in order: ${names}`, async (t) => {
    const socket = await open(t, { transports: names });
    const sent = upTo(300).map((i) => (i % 3 ? `${i} é 🙂` : new Uint8Array([i & 255, 0, 255])));
    for (const [i, message] of sent.entries()) {
      socket.send(message);
      if (i % 10 === 0) await new Promise((done) => setTimeout(done, 3));
    }
    await count(socket, sent.length);
    assert.deepEqual(socket.got, sent);
    assert.equal(socket.transport.name, names.at(-1));
  });

  test(`a burst of the server, empty messages, a large one: ${names}`, async (t) => {
    const socket = await open(t, { transports: names });
    socket.send('burst');
    await count(socket, 5);
    assert.deepEqual(socket.got, ['0', new Uint8Array([49]), '2', new Uint8Array([51]), '4']);
    for (const message of ['', new Uint8Array(0), 'x'.repeat(500_000), new Uint8Array(400_000).fill(7)]) {
      socket.got = [];
      socket.send(message);
      await count(socket, 1);
      assert.deepEqual(socket.got, [message]);
    }
  });

  test(`the server closes: ${names}`, async (t) => {
    const socket = await open(t, { transports: names });
    socket.send('close');
    await until(() => socket.left, 'the end');
    assert.equal(socket.left, 'transport close');
  });
}

test('a socket knows its id, its peer and its handshake', async (t) => {
  const socket = await open(t, { transports: ['polling'], extraHeaders: { 'X-Name': 'anna' } });
  socket.send('who');
  await count(socket, 1);
  assert.equal(socket.got[0], `${socket.id} 127.0.0.1 anna`);
});

test('each endpoint has sessions of its own', async (t) => {
  const { sid } = JSON.parse((await request(server, 'GET', '/engine/?EIO=4&transport=polling')).text.slice(1));
  const there = await request(server, 'GET', `/socket.io/?EIO=4&transport=polling&sid=${sid}`);
  assert.deepEqual([there.status, there.json], [400, { code: 1, message: 'Session ID unknown' }]);
  const probe = rawWebSocket(t, server, { path: '/socket.io/', query: `EIO=4&transport=websocket&sid=${sid}` });
  await until(() => probe.refused, 'a refusal');
  const post = await request(server, 'POST', `/engine/?EIO=4&transport=polling&sid=${sid}`, { raw: '4here' });
  assert.equal(post.text, 'ok');
  assert.equal((await request(server, 'GET', `/engine/?EIO=4&transport=polling&sid=${sid}`)).text, '4here');
});

test('Socket.IO is not disturbed, and sockets are counted while they live', { alone: true }, async (t) => {
  await until(async () => (await stats(server)).engineSockets === 1, 'the raw session alone');
  const socket = await open(t, { transports: ['websocket'] });
  const other = await joined(t, server);
  assert.deepEqual(await other.ask('echo', 1), [1]);
  await until(async () => (await stats(server)).engineSockets === 2, 'two');
  socket.close();
  await until(async () => (await stats(server)).engineSockets === 1, 'one');
});
