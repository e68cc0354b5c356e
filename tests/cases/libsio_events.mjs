// libsio: events and acknowledgements in both directions, with binary; disconnects and their reasons.
import assert from 'node:assert/strict';
import { client, goneFor, joined, startFeatures, stats, transports, watcher } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { frame, rawWebSocket } from '../harness/raw.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startFeatures();
const quick = await startFeatures({ 'ping-interval': 300, 'ping-timeout': 200 });
const bytes = (...all) => Buffer.from(all);

for (const ways of transports) {
  test(`acks to the client, binary too, ${ways}`, async (t) => {
    const socket = await joined(t, server, { transports: ways });
    assert.deepEqual(await socket.ask('echo'), []);
    assert.deepEqual(await socket.ask('echo', 1, 'zwei', { drei: [null] }), [1, 'zwei', { drei: [null] }]);
    const [a, b] = await socket.ask('echo', bytes(1, 2, 3), { deep: [bytes(255)] });
    assert.deepEqual([Buffer.from(a), Buffer.from(b.deep[0])], [bytes(1, 2, 3), bytes(255)]);
    const back = socket.all('echo').at(-1);
    assert.deepEqual(Buffer.from(back[0]), bytes(1, 2, 3));
  });

  test(`ten attachments, and an empty one, ${ways}`, async (t) => {
    const socket = await joined(t, server, { transports: ways });
    const sent = Array.from({ length: 10 }, (_, i) => Buffer.alloc(i * 1000, i));
    const answer = await socket.ask('echo', ...sent);
    assert.deepEqual(answer.map((x) => Buffer.from(x)), sent);
  });

  test(`acks from the client, ${ways}`, async (t) => {
    const socket = await joined(t, server, { transports: ways });
    socket.on('question', (...args) => args.pop()('fine', args.slice(0, -1).length));
    socket.emit('ask', 5000, 'how are you?');
    assert.deepEqual(await socket.first('answered'), ['fine', 1]);
  });

  test(`binary acks from the client, ${ways}`, async (t) => {
    const socket = await joined(t, server, { transports: ways });
    socket.on('question', (timeout, data, done) => done({ back: data }, bytes(7)));
    socket.emit('ask', 5000, bytes(1, 2, 3));
    const [first, second] = await socket.first('answered');
    assert.deepEqual([Buffer.from(first.back), Buffer.from(second)], [bytes(1, 2, 3), bytes(7)]);
  });
}

test('an answer that does not come is an empty one, once', async (t) => {
  const socket = await joined(t, server);
  let late;
  socket.on('question', (...args) => (late = args.pop()));
  const begun = Date.now();
  socket.emit('ask', 300);
  assert.deepEqual(await socket.first('answered'), [null]);
  assert.ok(Date.now() - begun >= 290);
  late('too late');
  await socket.ask('echo');
  assert.equal(socket.all('answered').length, 1);
});

test('a socket that goes gives no answer, and its owner is told', async (t) => {
  const watch = await watcher(t, quick);
  const socket = await joined(t, quick);
  for (let i = 0; i < 5; i++) socket.emit('ask', 60_000);
  await until(() => socket.all('question').length === 5, 'the questions');
  socket.io.engine.close();
  await until(() => watch.all('answered').length === 5, 'the empty answers');
  assert.deepEqual(watch.all('answered'), Array(5).fill([null]));
});

test('foreign, unknown and repeated acks are ignored', async (t) => {
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  await ws.next((x) => x.startsWith('40{'));
  ws.send('42["ask",60000,"q"]');
  const question = await ws.next((x) => x.includes('"question"'));
  const id = Number(/^42(\d+)/.exec(question)[1]);
  ws.send(`43${id + 1}["foreign"]`);
  ws.send('43["none"]');
  ws.send(`43${id}["right"]`);
  ws.send(`43${id}["again"]`);
  ws.send('42["echo","end"]');
  await ws.next('42["echo","end"]');
  assert.deepEqual(ws.texts.filter((x) => x.includes('answered')), ['42["answered","right"]']);
});

test('answers to several questions find their own', async (t) => {
  const socket = await joined(t, server);
  const waiting = [];
  socket.on('question', (timeout, i, done) => waiting.push([i, done]));
  for (let i = 0; i < 20; i++) socket.emit('ask', 10_000, i);
  await until(() => waiting.length === 20, 'the questions');
  for (const [i, done] of waiting.reverse()) done(i);
  await until(() => socket.all('answered').length === 20, 'the answers');
  assert.deepEqual(socket.all('answered').map(([i]) => i), Array.from({ length: 20 }, (_, i) => 19 - i));
});

for (const answer of [true, false])
  test(`disconnected by its ${answer ? 'own answer' : 'silence'}, with other questions open`, async (t) => {
    const socket = await joined(t, server);
    socket.on('question', (timeout, which, done) => which === 'last' && answer && done('bye'));
    for (let i = 0; i < 3; i++) socket.emit('ask', 60_000, 'open');
    socket.emit('ask', 300, 'last');
    await until(() => socket.left.length, 'the disconnect');
    assert.deepEqual(socket.left, ['io server disconnect']);
    assert.deepEqual(socket.all('answered'), [[answer ? 'bye' : null]]);
  });

// ---- disconnects ----

for (const ways of transports) {
  test(`the server disconnects a socket: it stays away, ${ways}`, async (t) => {
    const watch = await watcher(t, server);
    const socket = await joined(t, server, { transports: ways });
    const other = await joined(t, server, { namespace: '/other', manager: socket.io });
    const { id } = socket;
    socket.emit('disconnect-me', false);
    await until(() => socket.left.length, 'the disconnect');
    assert.deepEqual(socket.left, ['io server disconnect']);
    assert.equal(await goneFor(watch, id), 'server namespace disconnect');
    await other.ask('still here');
    await sleep(200);
    assert.equal(socket.joins, 1);
    assert.equal(socket.all('too late').length, 0);
    await socket.connect().in();
  });

  test(`the server closes the connection: it comes back, ${ways}`, async (t) => {
    const watch = await watcher(t, server);
    const socket = await joined(t, server, { transports: ways });
    const other = await joined(t, server, { namespace: '/other', manager: socket.io });
    const ids = [socket.id, other.id];
    socket.emit('disconnect-me', true);
    await until(() => socket.joins === 2 && other.joins === 2, 'both to come back');
    assert.deepEqual([socket.left, other.left], [['transport close'], ['transport close']]);
    assert.deepEqual([await goneFor(watch, ids[0]), await goneFor(watch, ids[1])], ['forced close', 'forced close']);
  });

  test(`the server disconnects all sockets of a connection, and closes it, ${ways}`, async (t) => {
    const watch = await watcher(t, server);
    const socket = await joined(t, server, { transports: ways });
    const other = await joined(t, server, { namespace: '/other', manager: socket.io });
    const ids = [socket.id, other.id];
    const closed = new Promise((done) => socket.io.engine.once('close', done));
    socket.emit('disconnect-me', 'all');
    await closed;
    await sleep(200);
    assert.deepEqual([socket.left, other.left], [['io server disconnect'], ['io server disconnect']]);
    assert.deepEqual([await goneFor(watch, ids[0]), await goneFor(watch, ids[1])], Array(2).fill('server namespace disconnect'));
    assert.deepEqual([socket.joins, other.joins], [1, 1], 'they stay away');
    await socket.connect().in();
  });

  test(`the client disconnects, ${ways}`, async (t) => {
    const watch = await watcher(t, server);
    const socket = await joined(t, server, { transports: ways });
    const { id } = socket;
    socket.disconnect();
    assert.equal(await goneFor(watch, id), 'client namespace disconnect');
  });

  test(`the client closes its connection, ${ways}`, async (t) => {
    const watch = await watcher(t, server);
    const socket = await joined(t, server, { transports: ways });
    const { id } = socket;
    socket.io.engine.close();
    assert.equal(await goneFor(watch, id), 'transport close');
  });
}

async function entered(t, on) {
  const ws = rawWebSocket(t, on);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  const { sid } = JSON.parse((await ws.next((x) => x.startsWith('40{'))).slice(2));
  return { ws, sid };
}

const ends = {
  'transport close': [(ws) => ws.write(frame(8, Buffer.from([3, 232]))), (ws) => ws.socket.end(), (ws) => ws.send('1')],
  'transport error': [(ws) => ws.write(frame(3, 'what?')), (ws) => ws.socket.resetAndDestroy(), (ws) => ws.send('2')],
  'parse error': [(ws) => ws.send('x')],
  'forced close': [(ws) => ws.send('4x'), (ws) => ws.send('42/other,["e"]'), (ws) => ws.send('40'), (ws) => ws.write(frame(2, 'x')), (ws) => ws.send('42["disconnect"]')],
};
for (const [reason, ways] of Object.entries(ends))
  ways.forEach((end, i) =>
    test(`${reason}, ${i + 1}`, async (t) => {
      const watch = await watcher(t, server);
      const { ws, sid } = await entered(t, server);
      end(ws);
      assert.equal(await goneFor(watch, sid), reason);
    }),
  );

test('ping timeout, WebSocket', async (t) => {
  const watch = await watcher(t, quick);
  const { ws, sid } = await entered(t, quick);
  await ws.next('2');
  assert.equal(await goneFor(watch, sid), 'ping timeout');
});

test('ping timeout, polling: who asks after it finds nothing', async (t) => {
  const watch = await watcher(t, quick);
  const poll = await polling(t, quick);
  await poll.post('40');
  const { sid } = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2));
  assert.equal(await goneFor(watch, sid), 'ping timeout');
  assert.equal((await poll.get()).status, 400);
});

test('an aborted poll is a transport error', async (t) => {
  const watch = await watcher(t, server);
  const poll = await polling(t, server);
  await poll.post('40');
  const { sid } = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2));
  const { tcp } = await import('../harness/raw.mjs');
  const connection = tcp(t, server);
  connection.write(`GET /socket.io/?${poll.query} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await sleep(50);
  connection.close();
  assert.equal(await goneFor(watch, sid), 'transport error');
});

for (const [room, reason, left] of [['shown out', 'server namespace disconnect', 'io server disconnect'], ['thrown out', 'forced close', 'transport close']])
  test(`${room} in on_connect`, async (t) => {
    const watch = await watcher(t, server);
    const socket = client(t, server, { namespace: '/gate', auth: { rooms: [room] }, reconnection: false });
    socket.emit('waits');
    await until(() => socket.left.length, 'the disconnect');
    assert.deepEqual(socket.left, [left]);
    await watch.first('went', (ns, _, why) => ns === '/gate' && why === reason);
  });

for (const connection of [false, true])
  for (const ways of [['websocket'], ['polling']])
    test(`one socket takes ${connection ? 'the connection' : 'another one'} along from on_disconnect, ${ways}`, { alone: true }, async (t) => {
      const watch = await watcher(t, server);
      const socket = await joined(t, server, { transports: ways, reconnection: false });
      const gate = await joined(t, server, { namespace: '/gate', manager: socket.io, auth: { rooms: ['dominoes'] } });
      await socket.ask('domino');
      if (connection) await socket.ask('join', 'and the connection');
      const ids = [socket.id, gate.id];
      gate.disconnect();
      await until(() => socket.left.length, 'the fall');
      assert.deepEqual(socket.left, [connection ? 'transport close' : 'io server disconnect']);
      assert.equal(await goneFor(watch, ids[0]), connection ? 'forced close' : 'server namespace disconnect');
      assert.equal(await goneFor(watch, ids[1]), 'client namespace disconnect');
    });

test('the counters', { alone: true }, async (t) => {
  const idle = await until(async () => {
    const now = await stats(server);
    return now.sockets === 0 && now.sessions === 0 && now;
  }, async () => `everybody to have gone: ${JSON.stringify(await stats(server))}`, 40_000);
  const socket = await joined(t, server);
  const other = await joined(t, server, { namespace: '/other', manager: socket.io });
  for (let i = 0; i < 10; i++) await other.ask('count', i);
  const now = await stats(server);
  assert.equal(now.sockets, 2);
  assert.equal(now.sessions, 1);
  assert.ok(now.connections >= 1);
  assert.equal(now.eventsIn - idle.eventsIn, 10);
  assert.equal(now.packetsOut - idle.packetsOut, 10);
  assert.equal(now.connects - now.disconnects, 2);
  client(t, server, { namespace: '/nowhere' });
});
