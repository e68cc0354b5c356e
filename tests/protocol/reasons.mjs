// Why a socket went: what the server's handler is told, and what the stock client makes of it.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { client, goneFor, joined, watcher } from '../harness/features.mjs';
import { fetchOnce } from '../harness/http.mjs';
import { polling } from '../harness/polling.mjs';
import { frame, TEXT } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { joinedPolling, joinedWebSocket, openWebSocket, packetsOf, PATH, pendingPoll } from '../harness/wire.mjs';

const plain = pair();
const beating = pair({ 'ping-interval': 300, 'ping-timeout': 300 });
const waiting = pair({ 'connect-timeout': 700 });

// ---- the stock client ----

const causes = [
  ['the server leaves the namespace', (socket) => socket.emit('disconnect-me', false), 'server namespace disconnect', 'io server disconnect', false],
  ['the server closes the connection', (socket) => socket.emit('disconnect-me', true), 'forced close', 'transport close', true],
  ['the client leaves', (socket) => socket.disconnect(), 'client namespace disconnect', 'io client disconnect', false],
  ['the client closes its engine', (socket) => socket.io.engine.close(), 'transport close', 'forced close', true],
  ['a malformed packet', (socket) => socket.io.engine.write('9'), 'forced close', 'transport close', true],
  ['an acknowledgement of nothing joined', (socket) => socket.io.engine.write('3/nowhere,1[]'), 'forced close', 'transport close', true],
];

for (const transports of [['websocket'], ['polling']])
  for (const [what, cause, there, here, again] of causes)
    both(`${what}, ${transports}`, plain, async (t, server) => {
      const watch = await watcher(t, server);
      const socket = await joined(t, server, { transports });
      const { id } = socket;
      cause(socket);
      assert.equal(await goneFor(watch, id), there);
      await until(() => socket.left.length, 'the client to see it');
      assert.equal(socket.left[0], here);
      if (again) await until(() => socket.joins === 2, 'the client to come back by itself');
      else assert.equal(socket.active, false);
    });

both('the connection is lost', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const socket = await joined(t, server);
  const { id } = socket;
  socket.io.engine.transport.ws._socket.destroy();
  assert.equal(await goneFor(watch, id), 'transport close');
  await until(() => socket.left.length, 'the client to see it');
  assert.equal(socket.left[0], 'transport close');
});

both('the client hears nothing', beating, async (t, server) => {
  const watch = await watcher(t, server);
  const socket = await joined(t, server);
  const { id } = socket;
  socket.io.engine.transport.ws._socket.pause(); // nothing comes in any more, and no pong goes out
  const ends = /^(ping timeout|transport close)$/; // both clocks run out together, and the first one tells the other
  assert.match(await goneFor(watch, id), ends);
  await until(() => socket.left.length, 'the client to see it');
  assert.match(socket.left[0], ends);
});

both('the server stops', plain, async (t) => {
  const server = await pair()[t.target]();
  const socket = await joined(t, server, { reconnection: false });
  await server.stop();
  await until(() => socket.left.length, 'the client to see it');
  assert.equal(socket.left[0], 'transport close');
  await until(() => server.output.stdout.includes('went: server shutting down'), 'its handler to be told');
});

// ---- by hand ----

for (const [what, packet, reason] of [
  ['an unknown packet', 'abc', 'parse error'],
  ['an empty frame', '', 'parse error'],
  ['a client ping', '2', 'transport error'],
])
  both(`${what} on a WebSocket`, plain, async (t, server) => {
    const watch = await watcher(t, server);
    const ws = await joinedWebSocket(t, server);
    ws.send(packet);
    assert.equal(await goneFor(watch, ws.id), reason);
  });

for (const [what, body, reason] of [
  ['an unknown packet', 'abc', 'parse error'],
  ['an empty body', '', 'parse error'],
  ['a client ping', '2', 'transport error'],
  ['the close packet', '1', 'transport close'],
])
  both(`${what} on polling`, plain, async (t, server) => {
    const watch = await watcher(t, server);
    const poll = await joinedPolling(t, server);
    await poll.post(body);
    assert.equal(await goneFor(watch, poll.id), reason);
  });

both("the client's close frame", plain, async (t, server) => {
  const watch = await watcher(t, server);
  const ws = await joinedWebSocket(t, server);
  ws.write(frame(8));
  assert.equal(await goneFor(watch, ws.id), 'transport close');
});

both('an error of WebSocket', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const ws = await joinedWebSocket(t, server);
  ws.write(frame(TEXT, '6', { masked: false }));
  assert.equal(await goneFor(watch, ws.id), 'transport error');
});

both('two GETs at once', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const poll = await joinedPolling(t, server);
  await pendingPoll(t, server, poll);
  await poll.get();
  assert.equal(await goneFor(watch, poll.id), 'transport error');
});

both('an aborted GET', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const poll = await joinedPolling(t, server);
  (await pendingPoll(t, server, poll)).connection.close();
  assert.equal(await goneFor(watch, poll.id), 'transport error');
});

both('binary content in a POST', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const poll = await joinedPolling(t, server);
  await fetchOnce(t, server, 'POST', `${PATH}?${poll.query}`, { body: '6', headers: { 'Content-Type': 'application/octet-stream' } });
  assert.equal(await goneFor(watch, poll.id), 'transport error');
});

both('no pong', beating, async (t, server) => {
  const watch = await watcher(t, server);
  const [ws, poll] = [await joinedWebSocket(t, server), await joinedPolling(t, server)];
  assert.equal(await goneFor(watch, ws.id), 'ping timeout');
  assert.equal(await goneFor(watch, poll.id), 'ping timeout');
});

both('every namespace of a lost connection has its reason', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const main = await joined(t, server);
  const other = await joined(t, server, { namespace: '/other', manager: main.io });
  const ids = [main.id, other.id];
  main.io.engine.close();
  for (const id of ids) assert.equal(await goneFor(watch, id), 'transport close');
});

// ---- what the server says on the wire ----

both('a namespace that the server leaves: "41", and the connection stays', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('42["disconnect-me",false]');
  await ws.next('41');
  ws.send('40');
  await until(() => ws.texts.filter((x) => x.startsWith('40{')).length === 2, 'another CONNECT');
});

both('everybody is made to leave', pair(), async (t, server) => {
  const [ws, poll] = [await joinedWebSocket(t, server), await joinedPolling(t, server)];
  ws.send('42["orders",[{"op":"disconnect"}]]');
  await ws.next('41');
  await poll.until((p) => p === '41');
});

// ---- who joins nothing ----

both('who joins nothing in time is closed', waiting, async (t, server) => {
  const begun = Date.now();
  const ws = await openWebSocket(t, server);
  assert.equal(await ws.closed(), 0);
  assert.ok(Date.now() - begun >= 650, `${Date.now() - begun} ms`);
});

both('who joins nothing in time is closed, on polling', waiting, async (t, server) => {
  const poll = await polling(t, server);
  assert.deepEqual(packetsOf(await poll.get()), ['1']);
  assert.equal((await poll.get()).status, 400);
});

both('a refused CONNECT is not a join', waiting, async (t, server) => {
  const ws = await openWebSocket(t, server);
  ws.send('40/nowhere,');
  await ws.next((x) => x.startsWith('44'));
  assert.equal(await ws.closed(), 0);
});

both('who has joined once has time for ever', waiting, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send('41');
  const late = await openWebSocket(t, server); // joins nothing, and its time is up later than the first one's
  assert.equal(await late.closed(), 0);
  ws.send('40/other,');
  await ws.next((x) => x.startsWith('40/other,'));
});

both('a client that is refused stays away from that namespace', plain, async (t, server) => {
  const socket = client(t, server, { namespace: '/gate', auth: { refuse: 'no' } });
  await until(() => socket.errors.length, 'the refusal');
  assert.equal(socket.errors[0].message, 'no');
  assert.equal(socket.active, false);
});
