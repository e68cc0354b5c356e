// libsio: rooms and broadcasts. Clients of all transports on four loops; orders come from a loop or from another thread.
import assert from 'node:assert/strict';
import { goneFor, joined, startFeatures, transports, watcher } from '../harness/features.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startFeatures();
let names = 0;

/** `n` joined sockets, and a sender who is none of them. */
async function crowd(t, n, options) {
  const sockets = await Promise.all(Array.from({ length: n }, (_, i) => joined(t, server, { transports: transports[i % 3], ...options })));
  const sender = await joined(t, server);
  return { sockets, sender, room: (name) => `${name} ${names}`, next: names++ };
}

/** Gives orders, then waits until everyone has been sent whatever they caused. */
async function order(sender, sockets, orders, thread) {
  const mark = `mark ${++names}`; // behind everything else that this thread does
  await sender.ask('orders', [...orders, { op: 'emit', event: mark }], thread);
  await Promise.all([sender, ...sockets].filter((s) => s.connected).map((s) => s.first(mark)));
}

const counts = (sockets, event) => sockets.map((s) => s.all(event).length);

for (const thread of [false, true]) {
  const from = thread ? 'from another thread' : 'from a loop';

  test(`each receiver once, ${from}`, async (t) => {
    const { sockets, sender, room } = await crowd(t, 12);
    const [a, b, c] = [room('a'), room('b'), room('c')];
    await Promise.all(sockets.map((s, i) => s.ask('join', ...[i % 2 === 0 && a, i % 3 === 0 && b, i === 11 && c].filter(Boolean))));
    await order(sender, sockets, [
      { op: 'emit', rooms: [a, b], event: 'either' },
      { op: 'emit', rooms: [a, a, a], event: 'a' },
      { op: 'emit', rooms: [a], except: [b], event: 'a not b' },
      { op: 'emit', rooms: [a, b, c], except: [c, sockets[0].id], event: 'not c nor 0' },
      { op: 'emit', rooms: [sockets[5].id], event: 'one' },
      { op: 'emit', rooms: [sockets[5].id, sockets[6].id, a], event: 'id and room' },
      { op: 'emit', rooms: ['nobody here'], event: 'nobody' },
    ], thread);
    assert.deepEqual(counts(sockets, 'either'), sockets.map((_, i) => Number(i % 2 === 0 || i % 3 === 0)));
    assert.deepEqual(counts(sockets, 'a'), sockets.map((_, i) => Number(i % 2 === 0)));
    assert.deepEqual(counts(sockets, 'a not b'), sockets.map((_, i) => Number(i % 2 === 0 && i % 3 !== 0)));
    assert.deepEqual(counts(sockets, 'not c nor 0'), sockets.map((_, i) => Number((i % 2 === 0 || i % 3 === 0) && i !== 0 && i !== 11)));
    assert.deepEqual(counts(sockets, 'one'), sockets.map((_, i) => Number(i === 5)));
    assert.deepEqual(counts(sockets, 'id and room'), sockets.map((_, i) => Number(i % 2 === 0 || i === 5)));
    assert.deepEqual(counts([...sockets, sender], 'nobody'), Array(13).fill(0));
  });

  test(`everyone but the sender, and nobody of another namespace, ${from}`, async (t) => {
    const { sockets, sender } = await crowd(t, 4);
    const other = await joined(t, server, { namespace: '/other', manager: sender.io });
    const event = `all ${++names}`;
    await order(sender, sockets, [
      { op: 'emit', exceptSelf: true, event },
      { op: 'emit', ns: '/other', exceptSelf: true, event: `${event} other` },
    ], thread);
    await other.ask('here');
    assert.deepEqual(counts([...sockets, sender, other], event), [1, 1, 1, 1, 0, 0]);
    assert.equal(other.all(`${event} other`).length, 1, 'a socket of another namespace is no exception here');
  });

  test(`join and leave from outside, in order, ${from}`, async (t) => {
    const { sockets, sender, room } = await crowd(t, 8);
    const [a, b] = [room('a'), room('b')];
    await Promise.all(sockets.slice(0, 4).map((s) => s.ask('join', a)));
    await order(sender, sockets, [
      { op: 'emit', rooms: [b], event: '1' },
      { op: 'join', rooms: [a], room: b },
      { op: 'emit', rooms: [b], event: '2' },
      { op: 'leave', rooms: [sockets[0].id], room: b },
      { op: 'emit', rooms: [b], event: '3' },
      { op: 'leave', rooms: [a], except: [sockets[1].id], room: a },
      { op: 'emit', rooms: [a], event: '4' },
      { op: 'join', rooms: [sockets[7].id], room: a },
      { op: 'emit', rooms: [a], event: '5' },
    ], thread);
    assert.deepEqual(['1', '2', '3', '4', '5'].map((e) => counts(sockets, e).join('')), ['00000000', '11110000', '01110000', '01000000', '01000001']);
    assert.deepEqual(await sockets[7].ask('in', a), [true]);
    assert.deepEqual(await sockets[0].ask('in', a), [false]);
  });

  test(`but for rooms and ids, whatever is done, ${from}`, async (t) => {
    const { sockets, sender, room } = await crowd(t, 8);
    const [a, b, c] = [room('a'), room('b'), room('c')];
    await Promise.all(sockets.map((s, i) => s.ask('join', a, ...(i < 3 ? [b] : []))));
    const but = { rooms: [a, sockets[7].id, a], except: [b, sockets[3].id, 'nobody here'] };
    const of = async (name) => (await Promise.all(sockets.map((s) => s.ask('in', name)))).map(([x]) => Number(x)).join('');
    await order(sender, sockets, [{ op: 'join', ...but, room: c }, { op: 'emit', rooms: [c], event: 'c' }], thread);
    assert.deepEqual([await of(c), counts(sockets, 'c').join('')], ['00001111', '00001111']);
    await order(sender, sockets, [{ op: 'join', rooms: [a], room: c }, { op: 'leave', ...but, room: c }, { op: 'emit', rooms: [c], event: 'd' }], thread);
    assert.deepEqual([await of(c), counts(sockets, 'd').join('')], ['11110000', '11110000']);
    await order(sender, sockets.slice(0, 4), [{ op: 'disconnect', ...but }, { op: 'emit', rooms: [a], event: 'e' }], thread);
    await until(() => sockets.slice(4).every((s) => s.left.length), 'the disconnects');
    assert.deepEqual(counts(sockets, 'e').join(''), '11110000');
    assert.deepEqual(sockets.slice(0, 4).map((s) => s.left), [[], [], [], []]);
  });

  test(`disconnecting many; what is sent behind it reaches none of them, ${from}`, async (t) => {
    const { sockets, sender, room } = await crowd(t, 8);
    const [a, b] = [room('a'), room('b')];
    const watch = await watcher(t, server);
    const ids = sockets.map((s) => s.id);
    await Promise.all(sockets.slice(0, 4).map((s) => s.ask('join', a, b)));
    await sockets[4].ask('join', b);
    await order(sender, sockets.slice(4), [
      { op: 'emit', rooms: [b], event: 'before' },
      { op: 'disconnect', rooms: [a], except: [ids[0]] },
      { op: 'emit', rooms: [b], event: 'behind' },
      { op: 'join', rooms: [b], room: `${b} survivors` },
      { op: 'emit', rooms: [`${b} survivors`], event: 'survived' },
    ], thread);
    await until(() => sockets.slice(1, 4).every((s) => s.left.length), 'the disconnects');
    await sockets[0].first('survived');
    assert.deepEqual(sockets.map((s) => s.left.join()), ['', ...Array(3).fill('io server disconnect'), '', '', '', '']);
    assert.deepEqual(['before', 'behind', 'survived'].map((e) => counts(sockets, e).join('')), ['11111000', '10001000', '10001000']);
    assert.equal(await goneFor(watch, ids[1]), 'server namespace disconnect');
    await order(sender, [], [{ op: 'close', rooms: [b] }], thread);
    await until(() => sockets[0].joins === 2 && sockets[4].joins === 2, 'two to come back');
    assert.equal(await goneFor(watch, ids[0]), 'forced close');
    assert.equal(sockets[5].left.length, 0);
    const last = sockets[6].id;
    await order(sender, [], [{ op: 'disconnect', how: 'all', rooms: [last, sockets[7].id], except: [sockets[7].id] }], thread);
    assert.equal(await goneFor(watch, last), 'server namespace disconnect');
    await until(() => sockets[6].left.length, 'the disconnect');
    assert.deepEqual([sockets[6].left, sockets[7].left], [['io server disconnect'], []]);
  });

  test(`one order for everyone, ${from}`, async (t) => {
    const { sockets, sender, room } = await crowd(t, 9);
    const a = room('a');
    await Promise.all(sockets.map((s) => s.ask('join', a)));
    await order(sender, sockets, [{ op: 'emit', rooms: [a], event: 'n', times: 300, args: ['x'] }], thread);
    for (const s of sockets) assert.deepEqual(s.all('n'), Array.from({ length: 300 }, (_, i) => [i, 'x']));
  });
}

test('joining twice is joining once', async (t) => {
  const socket = await joined(t, server);
  const name = `twice ${++names}`;
  await socket.ask('join', name, name);
  await socket.ask('join', name);
  await socket.ask('orders', [{ op: 'emit', rooms: [name], event: 'once' }]);
  assert.equal((await socket.ask('echo'), socket.all('once').length), 1);
  await socket.ask('leave', name);
  await socket.ask('leave', name);
  assert.deepEqual(await socket.ask('in', name), [false]);
  await socket.ask('orders', [{ op: 'emit', rooms: [name], event: 'never' }]);
  assert.equal((await socket.ask('echo'), socket.all('never').length), 0);
});

test('a socket in 40,000 rooms', async (t) => {
  const watch = await watcher(t, server);
  const socket = await joined(t, server);
  const { id } = socket;
  await socket.ask('join', ...Array.from({ length: 40_000 }, (_, i) => `r${i}`));
  await socket.ask('orders', [{ op: 'emit', rooms: ['r0', 'r39999'], event: 'found' }]);
  await socket.first('found');
  socket.disconnect();
  await goneFor(watch, id);
});

test('who leaves a room hears nothing of its own going', async (t) => {
  const watch = await watcher(t, server);
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40');
  const { sid } = JSON.parse((await ws.next((x) => x.startsWith('40{'))).slice(2));
  ws.send('420["join","watchers"]');
  await ws.next('430[]');
  ws.send('41');
  await goneFor(watch, sid);
  ws.send('40/other,');
  await ws.next((x) => x.startsWith('40/other,'));
  assert.deepEqual(ws.texts.filter((x) => x.includes('"went"') && x.includes(sid)), []);
});

test('members come and go while a room is written to', { alone: true }, async (t) => {
  const { sockets, sender, room } = await crowd(t, 12);
  const a = room('a');
  let busy = true;
  const churn = sockets.map(async (s) => {
    while (busy) {
      await s.ask('join', a);
      await s.ask('leave', a);
    }
  });
  for (let i = 0; i < 40; i++) await sender.ask('orders', [{ op: 'emit', rooms: [a], event: 'n', args: [i], times: 20 }], i % 2 === 0);
  busy = false;
  await Promise.all(churn);
  await sleep(100); // the last threads
  await order(sender, sockets, [{ op: 'emit', rooms: [a], event: 'last' }], true);
  assert.equal(counts(sockets, 'last').join(''), '0'.repeat(12));
});
