// Namespaces: several on one connection, those made on demand by pattern or by question, disconnects that go further.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { client, goneFor, joined, watcher } from '../harness/features.mjs';
import { until } from '../harness/suite.mjs';
import { joinedPolling, joinedWebSocket, openWebSocket } from '../harness/wire.mjs';

const plain = pair();

both('several on one connection, with events of their own', plain, async (t, server) => {
  const main = await joined(t, server);
  const other = await joined(t, server, { namespace: '/other', manager: main.io });
  const silent = await joined(t, server, { namespace: '/silent', manager: main.io });
  assert.equal(new Set([main.id, other.id, silent.id]).size, 3);
  assert.deepEqual(await other.ask('x', 1), [1]);
  assert.equal(other.all('x').length, 1);
  assert.equal(main.all('x').length, 0);
});

both('leaving one leaves the others, and one may come back with another id', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const main = await joined(t, server);
  const other = await joined(t, server, { namespace: '/other', manager: main.io });
  const { id } = other;
  other.disconnect();
  assert.equal(await goneFor(watch, id), 'client namespace disconnect');
  assert.deepEqual(await main.ask('echo', 1), [1]);
  await other.connect().in();
  assert.notEqual(other.id, id);
});

for (const decide of ['now', 'later'])
  both(`a door that decides ${decide}`, plain, async (t, server) => {
    const refused = client(t, server, { namespace: '/gate', auth: { decide, refuse: 'no', data: { code: 1 } } });
    await until(() => refused.errors.length, 'the refusal');
    assert.deepEqual([refused.errors[0].message, refused.errors[0].data], ['no', { code: 1 }]);
    const socket = await joined(t, server, { namespace: '/gate', auth: { decide } });
    assert.deepEqual(await socket.ask('hello', 1), [1]);
  });

both('rooms given at the door', plain, async (t, server) => {
  const helper = await joined(t, server);
  const socket = await joined(t, server, { namespace: '/gate', auth: { rooms: ['from the door'] } });
  await helper.ask('orders', [{ op: 'emit', ns: '/gate', rooms: ['from the door'], event: 'knock' }]);
  await socket.first('knock');
});

// ---- on demand ----

both('by pattern: the whole name has to match', plain, async (t, server) => {
  const ws = await openWebSocket(t, server);
  for (const name of ['/room-1', '/room-22']) {
    ws.send(`40${name},`);
    await ws.next((x) => x.startsWith(`40${name},{"sid":"`));
  }
  for (const name of ['/room-', '/room-x', '/room-1x', '/a/room-1', '/Room-1', '/room-1?a=b']) {
    ws.send(`40${name},`);
    await ws.next(`44${name},{"message":"Invalid namespace"}`);
  }
});

both('by pattern: events and acks; members see each other, and nobody of another name', plain, async (t, server) => {
  const [one, two, other] = [await joined(t, server, { namespace: '/room-7' }), await joined(t, server, { namespace: '/room-7' }), await joined(t, server, { namespace: '/room-8' })];
  assert.deepEqual(await one.ask('x', Buffer.from([1])).then(([b]) => [...Buffer.from(b)]), [1]);
  const helper = await joined(t, server);
  await helper.ask('orders', [{ op: 'emit', ns: '/room-7', event: 'hello' }]);
  await Promise.all([one.first('hello'), two.first('hello')]);
  await other.ask('mark');
  assert.equal(other.all('hello').length, 0);
});

both('by pattern: its door refuses', plain, async (t, server) => {
  const ws = await openWebSocket(t, server);
  ws.send('40/room-9,{"refuse":"no","data":7}');
  await ws.next('44/room-9,{"message":"no","data":7}');
  ws.send('40/room-9,');
  await ws.next((x) => x.startsWith('40/room-9,{"sid":"'));
});

both('by question: who may not is refused', plain, async (t, server) => {
  const ws = await openWebSocket(t, server);
  ws.send('40/team/red,{"team":"blue"}');
  await ws.next('44/team/red,{"message":"Invalid namespace"}');
  ws.send('40/team/red,{"team":"red"}');
  await ws.next((x) => x.startsWith('40/team/red,{"sid":"'));
});

both('by question: each client is asked', plain, { deviates: 'the reference asks for the first client alone, and lets in whoever comes after it' }, async (t, server) => {
  await joined(t, server, { namespace: '/team/green', auth: { team: 'green' } });
  const ws = await openWebSocket(t, server);
  ws.send('40/team/green,{"team":"blue"}');
  await ws.next('44/team/green,{"message":"Invalid namespace"}');
});

// ---- disconnects that go further ----

both('all namespaces of a connection are left, and it is closed', plain, async (t, server) => {
  const watch = await watcher(t, server);
  const ws = await joinedWebSocket(t, server);
  ws.send('40/other,');
  const other = JSON.parse((await ws.next((x) => x.startsWith('40/other,'))).slice(9)).sid;
  ws.send('42["disconnect-me","all"]');
  assert.equal(await ws.closed(), 0);
  assert.deepEqual(ws.texts.filter((x) => x.startsWith('41')).sort(), ['41', '41/other,']);
  for (const id of [ws.id, other]) assert.equal(await goneFor(watch, id), 'server namespace disconnect');
});

both('the same on polling', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post('42["disconnect-me","all"]');
  await poll.until((p) => p === '1');
  assert.ok(poll.packets.includes('41'));
});

both('the stock client stays away then', plain, async (t, server) => {
  for (const transports of [['websocket'], ['polling']]) {
    const socket = await joined(t, server, { transports });
    socket.emit('disconnect-me', 'all');
    await until(() => socket.left.length, 'the disconnect');
    assert.deepEqual([socket.left[0], socket.active], ['io server disconnect', false]);
  }
});
