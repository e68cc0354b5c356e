// libsio: joining namespaces. The door of "/gate" does what the auth payload says.
import assert from 'node:assert/strict';
import { client, goneFor, joined, startFeatures, stats, transports, watcher } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { sleep, test, until, within } from '../harness/suite.mjs';

const server = await startFeatures();
const strict = await startFeatures({ 'connect-timeout': 700, pending: 4096, 'max-namespaces': 3 });
let keys = 0;
const key = () => `key ${++keys}`;

for (const decide of ['now', 'later', 'thread'])
  for (const ways of transports) {
    test(`accepted ${decide}, ${ways}`, async (t) => {
      const socket = await joined(t, server, { namespace: '/gate', auth: { decide }, transports: ways });
      assert.deepEqual(await socket.ask('hello', 1), [1]);
      assert.equal(socket.errors.length, 0);
    });
    test(`refused ${decide}, ${ways}`, async (t) => {
      const socket = client(t, server, { namespace: '/gate', auth: { decide, refuse: 'not you', data: { code: 7, why: ['a', null] } }, transports: ways });
      await until(() => socket.errors.length, 'the refusal');
      assert.equal(socket.errors[0].message, 'not you');
      assert.deepEqual(socket.errors[0].data, { code: 7, why: ['a', null] });
      assert.equal(socket.joins, 0);
      socket.auth = { decide };
      await socket.connect().in();
    });
  }

test('a refusal without data has none', async (t) => {
  const socket = client(t, server, { namespace: '/gate', auth: { refuse: 'no' } });
  await until(() => socket.errors.length, 'the refusal');
  assert.equal(socket.errors[0].data, undefined);
});

test('an unknown namespace is refused and the others go on', async (t) => {
  const socket = await joined(t, server);
  const other = client(t, server, { namespace: '/nowhere', manager: socket.io });
  await until(() => other.errors.length, 'the refusal');
  assert.equal(other.errors[0].message, 'Invalid namespace');
  assert.deepEqual(await socket.ask('echo', 2), [2]);
});

test('several namespaces on one connection', async (t) => {
  const main = await joined(t, server);
  const other = await joined(t, server, { namespace: '/other', manager: main.io });
  const gate = await joined(t, server, { namespace: '/gate', manager: main.io, auth: { decide: 'later' } });
  const silent = await joined(t, server, { namespace: '/silent', manager: main.io });
  assert.equal(new Set([main.id, other.id, gate.id, silent.id]).size, 4);
  assert.deepEqual(await other.ask('a', 'b'), ['b']);
  assert.deepEqual(await gate.ask('c', 'd'), ['d']);
  const watch = await watcher(t, server);
  const id = other.id;
  other.disconnect();
  assert.equal(await goneFor(watch, id), 'client namespace disconnect');
  assert.deepEqual(await main.ask('echo', 1), [1]);
  await other.connect().in();
  assert.notEqual(other.id, id);
  assert.deepEqual(await other.ask('again'), []);
  assert.equal(other.all('again').length, 1);
  assert.equal(main.all('again').length, 0, 'nothing crosses namespaces');
});

test('rooms given at the door are joined before on_connect', async (t) => {
  const watch = await joined(t, server);
  const rooms = ['door 1', 'door 2'];
  const socket = await joined(t, server, { namespace: '/gate', auth: { decide: 'thread', rooms } });
  await watch.ask('orders', [{ op: 'emit', ns: '/gate', rooms, event: 'knock' }]);
  await socket.first('knock');
  await socket.ask('mark');
  assert.equal(socket.all('knock').length, 1);
});

test('what is sent while the door decides waits, in order, binary too', async (t) => {
  const helper = await joined(t, server);
  const name = key();
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40/gate,${JSON.stringify({ decide: 'hold', key: name })}`);
  ws.send('42/gate,["one",1]');
  ws.send('451-/gate,["two",{"_placeholder":true,"num":0}]');
  ws.write((await import('../harness/raw.mjs')).frame(2, Buffer.from([9, 8, 7])));
  ws.send('42/gate,5["three",3]');
  await sleep(100);
  assert.equal(ws.texts.length, 1, 'nothing yet');
  await until(async () => (await helper.ask('release', name, {}))[0], 'the decision');
  await ws.next('43/gate,5[3]');
  assert.deepEqual(ws.texts.slice(1).map((x) => x.replace(/"sid":"[^"]*"/, '"sid":""')), [
    '40/gate,{"sid":""}',
    '42/gate,["one",1]',
    '451-/gate,["two",{"_placeholder":true,"num":0}]',
    '42/gate,["three",3]',
    '43/gate,5[3]',
  ]);
  assert.deepEqual([...ws.frames.find((f) => f.opcode === 2).payload], [9, 8, 7]);
});

test('a DISCONNECT that waits is the last packet', async (t) => {
  const helper = await watcher(t, server);
  const name = key();
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40/gate,${JSON.stringify({ decide: 'hold', key: name })}`);
  ws.send('41/gate,');
  await until(async () => (await helper.ask('release', name, {}))[0], 'the decision');
  const id = JSON.parse((await ws.next((x) => x.startsWith('40/gate,'))).slice(8)).sid;
  assert.equal(await goneFor(helper, id), 'client namespace disconnect');
  ws.send(`40/gate,{}`);
  await until(() => ws.texts.filter((x) => x.startsWith('40/gate,')).length === 2, 'the second time');
});

for (const answer of [{}, { refuse: 'late' }])
  test(`decided after the client has gone: ${JSON.stringify(answer)}`, { alone: true }, async (t) => {
    const helper = await joined(t, strict);
    const before = await stats(strict);
    const name = key();
    const ws = rawWebSocket(t, strict);
    await ws.next((x) => x.startsWith('0{'));
    ws.send(`40/gate,${JSON.stringify({ decide: 'hold', key: name })}`);
    ws.send('42/gate,["waits"]');
    await until(async () => (await stats(strict)).connecting > before.connecting, 'the question');
    const { sessions } = await stats(strict);
    ws.close();
    await until(async () => (await stats(strict)).sessions < sessions, 'the session to go');
    assert.deepEqual(await helper.ask('release', name, answer), [true]);
    if (!answer.refuse) await until(async () => (await stats(strict)).gone > before.gone, 'its owner to be told');
    await helper.ask('echo');
    assert.equal((await stats(strict)).sockets, before.sockets);
  });

test('disconnected between acceptance and on_connect', { alone: true }, async (t) => {
  const before = await stats(server);
  const socket = client(t, server, { namespace: '/gate', auth: { decide: 'kicked' }, reconnection: false });
  await until(() => socket.left.length, 'the disconnect');
  assert.deepEqual(socket.left, ['io server disconnect']);
  const after = await until(async () => {
    const now = await stats(server);
    return now.gone > before.gone && now;
  }, 'its owner to be told');
  assert.equal(after.connects - before.connects, after.disconnects - before.disconnects, 'on_connect and on_disconnect are a pair');
  socket.auth = {};
  await socket.connect().in();
});

test('too much sent while the door decides ends the connection', async (t) => {
  const helper = await joined(t, strict);
  const name = key();
  const ws = rawWebSocket(t, strict);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40/gate,${JSON.stringify({ decide: 'hold', key: name })}`);
  const refused = (await stats(strict)).refused;
  for (let i = 0; i < 100; i++) ws.send(`42/gate,["more","${'x'.repeat(100)}"]`);
  await ws.closed();
  assert.ok((await stats(strict)).refused > refused);
  await until(async () => (await helper.ask('release', name, {}))[0], 'the decision');
});

test('a second CONNECT while the first is being decided ends the connection', async (t) => {
  const helper = await joined(t, server);
  const name = key();
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40/gate,${JSON.stringify({ decide: 'hold', key: name })}`);
  ws.send('40/gate,{}');
  await ws.closed();
  await until(async () => (await helper.ask('release', name, {}))[0], 'the decision');
});

test('more namespaces than allowed are refused', async (t) => {
  const main = await joined(t, strict);
  await joined(t, strict, { namespace: '/other', manager: main.io });
  await joined(t, strict, { namespace: '/silent', manager: main.io });
  const gate = client(t, strict, { namespace: '/gate', manager: main.io });
  await until(() => gate.errors.length, 'the refusal');
  assert.equal(gate.errors[0].message, 'Too many namespaces');
  const dynamic = client(t, strict, { namespace: '/room-1', manager: main.io });
  await until(() => dynamic.errors.length, 'the refusal');
  assert.equal(dynamic.errors[0].message, 'Too many namespaces');
  assert.equal((await stats(strict)).made, 0, 'none is made to be dropped');
});

test('without CONNECT the connection ends in time, WebSocket', async (t) => {
  const ws = rawWebSocket(t, strict);
  await ws.next((x) => x.startsWith('0{'));
  const begun = Date.now();
  await ws.closed();
  const took = Date.now() - begun;
  assert.ok(took >= 600 && took <= 700 + within(600), `${took} ms`);
});

test('without CONNECT the connection ends in time, polling', async (t) => {
  const poll = await polling(t, strict);
  assert.deepEqual(await poll.poll(), ['1']);
  assert.equal((await poll.get()).status, 400);
});

test('a refused CONNECT does not stop the clock', async (t) => {
  const ws = rawWebSocket(t, strict);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40/nowhere,');
  await ws.next('44/nowhere,{"message":"Invalid namespace"}');
  assert.equal(await ws.closed(), 0, 'an empty close frame');
});

test('a refused CONNECT does not stop the clock, polling', async (t) => {
  const poll = await polling(t, strict);
  await poll.post('40/nowhere,');
  assert.deepEqual(await poll.poll(), ['44/nowhere,{"message":"Invalid namespace"}']);
  assert.deepEqual(await poll.poll(), ['1']);
  assert.equal((await poll.get()).status, 400);
});

test('once a namespace was joined there is no clock', async (t) => {
  const ws = rawWebSocket(t, strict);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  await ws.next((x) => x.startsWith('40{'));
  ws.send('41');
  await rawWebSocket(t, strict).closed(); // one that joins nothing has its time, later than this one's
  assert.equal(ws.ended, false);
  ws.send('40/other,');
  await ws.next((x) => x.startsWith('40/other,'));
});
