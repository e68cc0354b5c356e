// libsio: namespaces made on demand, by pattern and by callback, on four loops; nothing is left of them when nobody is in.
import assert from 'node:assert/strict';
import { client, goneFor, joined, startFeatures, stats, transports, watcher } from '../harness/features.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startFeatures();
let rooms = 0;
const fresh = () => `/room-${++rooms}`;
const refusal = async (socket) => {
  await until(() => socket.errors.length, 'the refusal');
  return socket.errors[0].message;
};

async function opened(t, on = server) {
  const ws = rawWebSocket(t, on);
  await ws.next((x) => x.startsWith('0{'));
  return ws;
}

for (const name of ['/room-1', '/room-007', '/Räume'])
  test(`matches: ${name}`, async (t) => {
    const ws = await opened(t);
    ws.send(`40${name},`);
    const sid = JSON.parse((await ws.next((x) => x.startsWith(`40${name},`))).slice(name.length + 3)).sid;
    assert.equal(sid.length, 20);
    ws.send(`42${name},1["who"]`);
    assert.equal(JSON.parse((await ws.next((x) => x.startsWith(`43${name},1`))).slice(name.length + 4))[0], name);
  });

for (const name of ['/room-', '/room-1x', '/x/room-1', '/Room-1', '/room-1?a=b', '/room-1 ', '/room-1/', '/Räumex', '/room-1\n', '/room-1\0', `/room-${'1'.repeat(300)}`, '/team/red'])
  test(`matches nothing: ${JSON.stringify(name.slice(0, 20))}`, async (t) => {
    const ws = await opened(t);
    ws.send(`40${name},`);
    await ws.next(`44${name},{"message":"Invalid namespace"}`);
    ws.send('40/other,');
    await ws.next((x) => x.startsWith('40/other,'));
  });

test('one namespace for all who ask, on every loop and transport', async (t) => {
  const name = fresh();
  const sockets = await Promise.all(Array.from({ length: 12 }, (_, i) => joined(t, server, { namespace: name, transports: transports[i % 3], auth: { decide: ['now', 'later', 'thread'][i % 3], rooms: [i % 2 ? 'odd' : 'even'] } })));
  const elsewhere = await joined(t, server, { namespace: fresh() });
  const answers = await Promise.all(sockets.map((s) => s.ask('who')));
  assert.deepEqual(answers, Array(12).fill(answers[0]));
  assert.equal(answers[0][0], name);
  assert.notDeepEqual(await elsewhere.ask('who'), answers[0]);
  const helper = await joined(t, server);
  for (const thread of [false, true]) await helper.ask('orders', [{ op: 'emit', ns: name, rooms: ['odd'], event: 'n', args: ['x'] }, { op: 'emit', ns: name, event: 'end' }], thread);
  await Promise.all(sockets.map((s) => until(() => s.all('end').length === 2, 'the end')));
  assert.deepEqual(sockets.map((s) => s.all('n').length), sockets.map((_, i) => (i % 2 ? 2 : 0)));
  assert.deepEqual([elsewhere.all('n'), elsewhere.all('end')], [[], []]);
});

test('emit to all of a family', async (t) => {
  const sockets = await Promise.all([fresh(), fresh(), fresh(), fresh()].map((namespace) => joined(t, server, { namespace })));
  const same = await joined(t, server, { namespace: sockets[0].nsp });
  const team = await joined(t, server, { namespace: '/team/blue', auth: { team: 'blue' } });
  sockets[0].emit('to all', 1, Buffer.from('binary'), sockets[0].id);
  for (const s of [...sockets.slice(1), same]) assert.deepEqual((await s.first('for all', (...args) => args[2] === sockets[0].id)).map(String), ['1', 'binary', sockets[0].id]);
  await sockets[0].ask('who');
  await team.ask('who');
  assert.deepEqual([sockets[0], team].map((s) => s.all('for all').filter((args) => args[2] === sockets[0].id).length), [0, 0]);
});

test('each client is asked for, the second too', async (t) => {
  const auth = { team: 'red' };
  const first = await joined(t, server, { namespace: '/team/red', auth });
  for (const wrong of [undefined, {}, { team: 'blue' }]) assert.equal(await refusal(client(t, server, { namespace: '/team/red', auth: wrong })), 'Invalid namespace');
  const second = await joined(t, server, { namespace: '/team/red', auth });
  assert.deepEqual(await second.ask('who'), await first.ask('who'));
});

test('an order to a namespace that is not there reaches nobody', async (t) => {
  const helper = await joined(t, server);
  await helper.ask('orders', [{ op: 'emit', ns: '/room-999999', event: 'n' }, { op: 'emitSelf', event: 'behind' }]);
  await helper.first('behind');
});

test('disconnecting everybody in one of them', async (t) => {
  const name = fresh();
  const watch = await watcher(t, server);
  const sockets = await Promise.all([1, 2, 3, 4].map(() => joined(t, server, { namespace: name })));
  const ids = sockets.map((s) => s.id);
  await watch.ask('orders', [{ op: 'disconnect', ns: name }], true);
  for (const id of ids) assert.equal(await goneFor(watch, id), 'server namespace disconnect');
  assert.deepEqual((await watch.first('went', (ns, id) => id === ids[0]))[0], name);
});

// ---- what is left of them ----

const count = async (on) => (await stats(on)).dynamicNamespaces;

test('the last who goes takes the namespace along; the next one makes it anew', { alone: true }, async (t) => {
  await until(async () => (await count(server)) === 0, 'nobody from before');
  const name = fresh();
  const first = await joined(t, server, { namespace: name });
  const second = await joined(t, server, { namespace: name });
  const [, number] = await first.ask('who');
  assert.equal(await count(server), 1);
  first.disconnect();
  assert.deepEqual(await second.ask('who'), [name, number]);
  second.io.engine.close();
  await until(async () => (await count(server)) === 0 || second.joins > 1, 'it to go');
  second.disconnect();
  await until(async () => (await count(server)) === 0, 'it to go');
  const third = await joined(t, server, { namespace: name });
  assert.ok((await third.ask('who'))[1] > number);
});

test('a refused CONNECT leaves nothing; one that is being decided holds its namespace', { alone: true }, async (t) => {
  const helper = await joined(t, server);
  await until(async () => (await count(server)) === 0, 'nobody from before');
  assert.equal(await refusal(client(t, server, { namespace: fresh(), auth: { refuse: 'no' } })), 'no');
  assert.equal(await refusal(client(t, server, { namespace: fresh(), auth: { decide: 'thread', refuse: 'no' } })), 'no');
  await until(async () => (await count(server)) === 0, 'them to go');
  const ws = await opened(t);
  ws.send(`40${fresh()},{"decide":"hold","key":"family"}`);
  await until(async () => (await count(server)) === 1, 'it');
  ws.close();
  await sleep(100);
  assert.equal(await count(server), 1);
  await helper.ask('release', 'family', {});
  await until(async () => (await count(server)) === 0, 'it to go');
});

test('an answer on its way holds the namespace', { alone: true }, async (t) => {
  await until(async () => (await count(server)) === 0, 'nobody from before');
  const name = fresh();
  const socket = await joined(t, server, { namespace: name });
  const [, number] = await socket.ask('who');
  assert.deepEqual(await socket.ask('who later'), [name, number]);
  for (let i = 0; i < 20; i++) socket.emit('who later', () => {});
  socket.disconnect();
  await until(async () => (await count(server)) === 0, 'it to go');
});

test('no more than allowed', async (t) => {
  const small = await startFeatures({ 'max-dynamic-namespaces': 2, 'max-namespace-bytes': 8 });
  const sockets = await Promise.all(['/room-1', '/room-2'].map((namespace) => joined(t, small, { namespace })));
  const third = client(t, small, { namespace: '/room-3', manager: sockets[0].io });
  assert.equal(await refusal(third), 'Too many dynamic namespaces');
  await joined(t, small, { namespace: '/room-2' });
  await joined(t, small, { namespace: '/other' });
  assert.equal(await refusal(client(t, small, { namespace: '/room-10' })), 'Too many dynamic namespaces');
  assert.equal(await refusal(client(t, small, { namespace: '/room-100' })), 'Invalid namespace');
  sockets[0].disconnect();
  await until(async () => (await count(small)) === 1, 'one to go');
  await third.connect().in();
});

test('they come and go while they are written to', { alone: true }, async (t) => {
  const helper = await joined(t, server);
  const names = [fresh(), fresh(), fresh()];
  let busy = true;
  const churn = Array.from({ length: 12 }, async (_, i) => {
    const base = await joined(t, server);
    for (let n = i; busy; n++) {
      const socket = await joined(null, server, { namespace: names[n % 3], manager: base.io, auth: { decide: ['now', 'thread', 'later'][n % 3], delay: 1, rooms: ['r'] } });
      socket.emit('who later', () => {});
      socket.emit('to all', n);
      socket.disconnect();
    }
  });
  for (let i = 0; i < 60; i++) await helper.ask('orders', names.flatMap((ns) => [{ op: 'emit', ns, event: 'n', rooms: ['r'] }, { op: 'join', ns, room: 'x' }, { op: 'emit', ns, rooms: ['x'], event: 'm' }]), i % 2 === 0);
  busy = false;
  await Promise.all(churn);
  await until(async () => (await count(server)) === 0, 'them to go');
  const now = await stats(server);
  assert.equal(now.made, now.droppedNamespaces);
});

test('recovery: the namespace stays for those who may come back, and then goes', async (t) => {
  const one = await startFeatures({ recovery: 1500, 'ping-interval': 300, 'ping-timeout': 200 });
  const helper = await joined(t, one);
  const socket = await joined(t, one, { namespace: '/room-1', auth: { rooms: ['r'] }, reconnectionDelay: 400, reconnectionDelayMax: 400 });
  const [, number] = await socket.ask('who');
  const emit = (event) => helper.ask('orders', [{ op: 'emit', ns: '/room-1', rooms: ['r'], event }], true);
  await emit('before');
  await socket.first('before');
  const { id } = socket;
  socket.io.engine.close();
  await until(async () => (await stats(one)).sockets === 1, 'it to go');
  await emit('missed');
  await until(() => socket.joins === 2, 'it to come back');
  await socket.first('missed');
  assert.deepEqual([socket.recovered, socket.id], [true, id]);
  assert.deepEqual(await socket.ask('who'), ['/room-1', number]);
  socket.disconnect();
  await until(async () => (await stats(one)).dynamicNamespaces === 0, 'the namespace to go', 15_000);
  const now = await stats(one);
  assert.deepEqual([now.made, now.droppedNamespaces], [1, 1]);
  const last = await joined(t, one, { namespace: '/room-2' });
  last.io.engine.close();
  assert.equal((await one.stop()).code, 0);
});

test('stopping with namespaces that are in use', async (t) => {
  const one = await startFeatures();
  for (let i = 0; i < 8; i++) await joined(t, one, { namespace: `/room-${i % 3}`, reconnection: false });
  client(t, one, { namespace: '/room-9', auth: { decide: 'hold' }, reconnection: false });
  await until(async () => (await count(one)) === 4, 'all of them');
  assert.equal((await one.stop()).code, 0);
});
