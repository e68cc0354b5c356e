// libsio: polling across loops, the upgrade under traffic, slow receivers, large messages.
import assert from 'node:assert/strict';
import { joined, goneFor, startFeatures, stats, watcher } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { BINARY, rawWebSocket, tcp, TEXT } from '../harness/raw.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startFeatures();
const single = await startFeatures({ threads: 1 });
const narrow = await startFeatures({ 'out-queue': 65536, 'polling-queue': 65536 });
const upTo = (n) => Array.from({ length: n }, (_, i) => i);

// ---- nothing lost, nothing twice, one order ----

async function traffic(t, transports, n) {
  const socket = await joined(t, server, { transports });
  socket.emit('stream', n);
  for (let i = 0; i < n; i++) {
    socket.emit('up', i);
    if (i % 4 === 0) await sleep(10);
    if (i === n / 2) assert.deepEqual((await socket.ask('echo', i, Buffer.from([i]))).length, 2);
  }
  assert.deepEqual(await socket.ask('up-total'), [n, 0]);
  await until(() => socket.all('down').length >= n, () => `${n} numbers; got ${socket.all('down').length}`, 20_000);
  assert.deepEqual(socket.all('down').map(([i]) => i), upTo(n));
  assert.equal(socket.left.length, 0);
  return socket.io.engine.transport.name;
}

test('the upgrade under traffic in both directions', { alone: true }, async (t) => {
  const names = await Promise.all(upTo(24).map(() => traffic(t, ['polling', 'websocket'], 300)));
  assert.deepEqual(new Set(names), new Set(['websocket']));
});

test('polling under traffic in both directions, on four loops', { alone: true }, async (t) => {
  const names = await Promise.all(upTo(12).map(() => traffic(t, ['polling'], 200)));
  assert.deepEqual(new Set(names), new Set(['polling']));
});

test('every request of one session on another connection', async (t) => {
  const poll = await polling(t, server);
  for (let i = 0; i < 12; i++) {
    const sent = i === 0 ? '40' : `42${i}["echo",${i}]`;
    assert.equal((await poll.post(sent)).text, 'ok');
    await poll.until((p) => (i === 0 ? p.startsWith('40') : p === `43${i}[${i}]`));
  }
  assert.deepEqual(poll.packets.filter((p) => p.startsWith('42["echo"')), upTo(12).slice(1).map((i) => `42["echo",${i}]`));
});

// ---- connections of polling clients ----

function keepAlive(t, on) {
  const connection = tcp(t, on);
  connection.answers = () => connection.text.split('HTTP/1.1 ').length - 1;
  connection.ask = (method, query, body = '') =>
    connection.write(`${method} /socket.io/?${query} HTTP/1.1\r\nHost: x\r\n${method === 'POST' ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : ''}\r\n${body}`);
  return connection;
}

for (const wrong of ['EIO=3&transport=polling', 'EIO=4&transport=websocket', 'EIO=4&transport=nothing'])
  test(`a refused POST leaves nothing behind on its connection: ${wrong}`, async (t) => {
    const watch = await watcher(t, single);
    const first = await polling(t, single);
    const second = await polling(t, single);
    await second.post('40');
    const { sid } = JSON.parse((await second.until((p) => p.startsWith('40'))).slice(2));
    const connection = keepAlive(t, single);
    connection.ask('POST', `${wrong}&sid=${first.sid}`, '40');
    await until(() => connection.answers() === 1, 'the refusal');
    assert.match(connection.text, /^HTTP\/1\.1 400/);
    connection.ask('GET', second.query);
    await sleep(50);
    await first.post('1');
    connection.close();
    assert.equal(await goneFor(watch, sid), 'transport error');
  });

test('two POSTs at once end the session, with a connection that is used again', async (t) => {
  const watch = await watcher(t, single);
  const poll = await polling(t, single);
  await poll.post('40');
  const { sid } = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2));
  const connection = keepAlive(t, single);
  connection.write(`POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n42`);
  await sleep(50);
  assert.equal((await poll.post('42["echo"]')).status, 400);
  assert.equal(await goneFor(watch, sid), 'transport error');
  await connection.end();
});

test('a POST cut in the middle ends the session', async (t) => {
  const watch = await watcher(t, server);
  const poll = await polling(t, server);
  await poll.post('40');
  const { sid } = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2));
  const connection = keepAlive(t, server);
  connection.write(`POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n42`);
  await sleep(50);
  connection.close();
  assert.equal(await goneFor(watch, sid), 'transport error');
});

test('a session that ends while its POST is on the way', async (t) => {
  const poll = await polling(t, server);
  const connection = keepAlive(t, server);
  connection.write(`POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n42`);
  await sleep(50);
  const ws = rawWebSocket(t, server, { query: `EIO=4&transport=websocket&sid=${poll.sid}` });
  await until(() => ws.open, 'the probe');
  ws.send('5');
  await sleep(50);
  ws.send('1');
  await ws.closed();
  connection.write('["');
  await until(() => connection.answers() === 1, 'an answer');
  assert.match(connection.text, /^HTTP\/1\.1 400/);
});

test('a message larger than the queue reaches a polling client and a WebSocket', async (t) => {
  const helper = await joined(t, narrow);
  for (const transports of [['polling'], ['websocket']]) {
    const socket = await joined(t, narrow, { transports });
    await helper.ask('orders', [{ op: 'emit', rooms: [socket.id], event: 'large', size: 3_000_000 }]);
    assert.equal((await socket.first('large'))[1].length, 3_000_000);
    await helper.ask('orders', [{ op: 'emit', rooms: [socket.id], event: 'binary', size: 3_000_000, binary: true }]);
    assert.equal((await socket.first('binary'))[1].length, 3_000_000);
    assert.equal(socket.left.length, 0);
  }
});

// ---- slow receivers ----

async function sleeper(t, on, room) {
  const ws = rawWebSocket(t, on);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  const { sid } = JSON.parse((await ws.next((x) => x.startsWith('40{'))).slice(2));
  if (room) {
    ws.send(`420["join","${room}"]`);
    await ws.next('430[]');
  }
  ws.socket.pause();
  return { ws, sid };
}

test('a slow receiver is closed and counted; the others miss nothing', { alone: true }, async (t) => {
  const watch = await watcher(t, narrow);
  const quick = await joined(t, narrow);
  await quick.ask('join', 'slow 1');
  const { sid } = await sleeper(t, narrow, 'slow 1');
  const before = await stats(narrow);
  let sent = 0;
  while (!watch.all('went').some(([, id]) => id === sid) && sent < 2000) {
    await quick.ask('orders', [{ op: 'emit', rooms: ['slow 1'], event: 'n', times: 5, size: 100_000 }]);
    sent += 5;
    await until(() => quick.all('n').length === sent, 'the quick one');
  }
  assert.equal(await goneFor(watch, sid), 'transport error');
  const after = await stats(narrow);
  assert.equal(after.slowClosed - before.slowClosed, 1);
  assert.equal(after.dropped, before.dropped);
  assert.deepEqual(quick.all('n').map(([i]) => i), upTo(sent).map((i) => i % 5));
});

test('what may be dropped is dropped whole, and counted', { alone: true }, async (t) => {
  const helper = await joined(t, narrow);
  const { ws } = await sleeper(t, narrow, 'slow 2');
  const before = await stats(narrow);
  let sent = 0;
  do {
    await helper.ask('orders', [{ op: 'emit', rooms: ['slow 2'], event: 'n', times: 20, size: 50_000, binary: true, mayDrop: true }]);
    sent += 20;
  } while ((await stats(narrow)).dropped - before.dropped < 40 && sent < 4000);
  const after = await stats(narrow);
  const dropped = after.dropped - before.dropped;
  assert.ok(dropped >= 40);
  assert.equal(after.slowClosed, before.slowClosed);
  ws.socket.resume();
  const heads = () => ws.texts.filter((x) => x.startsWith('452-["n"')).length;
  await until(() => heads() === sent - dropped && ws.frames.at(-1).opcode === BINARY, () => `${sent - dropped} packets; got ${heads()}`);
  const shape = ws.frames.filter((f) => f.opcode === BINARY || f.payload.toString().startsWith('452-')).map((f) => (f.opcode === TEXT ? 'h' : f.payload.length === 5 ? 's' : f.payload.length === 50_000 ? 'l' : '?'));
  assert.equal(shape.join(''), 'hls'.repeat(sent - dropped));
  ws.send('421["in","slow 2"]');
  await ws.next('431[true]');
});

test('a polling client that never polls: dropped and counted, then closed and counted', { alone: true }, async (t) => {
  const helper = await joined(t, narrow);
  const watch = await watcher(t, narrow);
  const poll = await polling(t, narrow);
  await poll.post('40');
  const { sid } = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2));
  const before = await stats(narrow);
  const orders = (mayDrop) => [{ op: 'emit', rooms: [sid], event: 'n', times: 10, size: 20_000, mayDrop }];
  await helper.ask('orders', orders(true));
  assert.equal((await stats(narrow)).dropped - before.dropped, 7, 'three fit into 64 KiB');
  await helper.ask('orders', orders(false));
  assert.equal(await goneFor(watch, sid), 'transport error');
  assert.equal((await stats(narrow)).slowClosed - before.slowClosed, 1);
  assert.deepEqual((await poll.poll()).map((p) => p.slice(0, 7)), ['42["n",', '42["n",', '42["n",']);
  assert.deepEqual(await poll.poll(), ['1']);
  assert.equal((await poll.get()).status, 400);
});

test('who does not read its acknowledgements is closed and counted', { alone: true }, async (t) => {
  const watch = await watcher(t, narrow);
  const before = await stats(narrow);
  const { ws, sid } = await sleeper(t, narrow);
  for (let i = 0; i < 400 && !watch.all('went').some(([, id]) => id === sid); i++) {
    ws.send(`42${i}["echo","${'x'.repeat(50_000)}"]`);
    await sleep(2);
  }
  assert.equal(await goneFor(watch, sid), 'transport error');
  assert.equal((await stats(narrow)).slowClosed - before.slowClosed, 1);
});

test('a hundred connections come and go', { alone: true }, async (t) => {
  await Promise.all(
    upTo(100).map(async (i) => {
      const socket = await joined(null, server, { transports: i % 2 ? ['polling'] : ['websocket'] });
      await socket.ask('echo', i);
      if (i % 3 === 0) socket.io.engine.close();
      else if (i % 3 === 1) socket.disconnect();
      else socket.emit('disconnect-me', false);
      await until(() => !socket.connected, 'the end');
      socket.disconnect();
    }),
  );
});
