// libsio's smallest example: a Socket.IO server of one page, with the official client.
import assert from 'node:assert/strict';
import { io } from 'socket.io-client';
import { rawWebSocket } from '../harness/raw.mjs';
import { example, launch } from '../harness/server.mjs';
import { soon, test, until } from '../harness/suite.mjs';

const server = await launch(example('echo'), ['0']);

function client(t, transports, namespace = '/') {
  const socket = io(server.url + namespace, { forceNew: true, transports });
  t.after(() => {
    socket.disconnect();
    socket.io.engine?.close();
  });
  return socket;
}

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`events, acks, binary, ${transports}`, async (t) => {
    const socket = client(t, transports);
    const got = [];
    socket.onAny((...args) => got.push(args));
    const bytes = Buffer.from([0, 1, 2, 250, 255]);
    socket.emit('plain', 1, 'two', { three: [null, true, 'é😀'] });
    socket.emit('nothing');
    socket.emit('binary', bytes, { deep: [bytes, 'x'] });
    socket.emit('large', 'x'.repeat(500_000));
    await until(() => got.length >= 4, () => `four echoes: ${JSON.stringify(got).slice(0, 300)}`);
    assert.deepEqual(got.slice(0, 2), [['plain', 1, 'two', { three: [null, true, 'é😀'] }], ['nothing']]);
    assert.deepEqual(Buffer.from(got[2][1]), bytes);
    assert.deepEqual(Buffer.from(got[2][2].deep[0]), bytes);
    assert.equal(got[3][1].length, 500_000);
    const answer = await soon(new Promise((done) => socket.emit('ask', 'a', { b: 2 }, (...args) => done(args))), 'the ack');
    assert.deepEqual(answer, ['a', { b: 2 }]);
    const many = 500;
    for (let i = 0; i < many; i++) socket.emit('count', i);
    await until(() => got.filter((g) => g[0] === 'count').length === many, 'all of them');
    assert.deepEqual(got.filter((g) => g[0] === 'count').map((g) => g[1]), Array.from({ length: many }, (_, i) => i));
  });
}

test('an unknown namespace is refused', async (t) => {
  const socket = client(t, ['websocket'], '/nowhere');
  const error = await soon(new Promise((done) => socket.on('connect_error', done)), 'the refusal');
  assert.equal(error.message, 'Invalid namespace');
});

test('a broken packet ends its own connection alone', async (t) => {
  const socket = client(t, ['websocket']);
  await until(() => socket.connected, 'the connect');
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  await ws.next((x) => x.startsWith('40{'));
  ws.send('42[broken');
  await ws.closed();
  const answer = await soon(new Promise((done) => socket.emit('ask', 1, done)), 'the ack');
  assert.equal(answer, 1);
});
