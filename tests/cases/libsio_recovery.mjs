// libsio: connection state recovery: who comes back gets what was missed, once and in order, or is told that it cannot.
import assert from 'node:assert/strict';
import msgpack from 'socket.io-msgpack-parser';
import { Cuts } from '../harness/cuts.mjs';
import { client, joined, startFeatures, stats, transports } from '../harness/features.mjs';
import { CLOSE, rawWebSocket } from '../harness/raw.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const WINDOW_MS = 20_000;
const server = await startFeatures({ recovery: WINDOW_MS });
const other = await startFeatures({ recovery: WINDOW_MS });
// A client that is cut in the middle of its upgrade notices by the heartbeat alone.
const quick = await startFeatures({ recovery: WINDOW_MS, 'ping-interval': 600, 'ping-timeout': 400 });

/** A client whose connection can be cut; `numbers` are those of its "n" events, without their offsets. */
async function cuttable(t, on = server, options = {}) {
  const cuts = await Cuts.open(t, on);
  const socket = client(t, { url: cuts.url }, options);
  socket.cuts = cuts;
  socket.recoveries = [];
  socket.on('connect', () => socket.recoveries.push(socket.recovered));
  socket.numbers = () => socket.all('n').map((args) => args[1]);
  await socket.in();
  return socket;
}

/** Someone who emits numbers in all the ways there are; the n-th goes to `targets[n % targets.length]`. */
async function counter(t, on, ...targets) {
  const sender = await joined(t, on);
  let next = 0;
  sender.send = async (count, { thread = false } = {}) => {
    const orders = Array.from({ length: count }, () => {
      const target = targets[next % targets.length];
      return { op: 'emit', event: 'n', args: [next++], ...target };
    });
    await sender.ask('orders', [...orders, { op: 'emitSelf', event: 'sent', args: [next] }], thread);
    await sender.first('sent', (_, n) => n === next); // another thread's orders are still under way
  };
  sender.total = () => Array.from({ length: next }, (_, i) => i);
  return sender;
}

const all = async (socket, sender) => {
  await until(() => socket.numbers().length >= sender.total().length, () => `${sender.total().length} numbers; got ${socket.numbers().length}; ${socket.recoveries}`);
  assert.deepEqual(socket.numbers(), sender.total());
};

/** Between two polls there is no connection to cut; and who is upgrading polls no more, and would notice by the heartbeat alone. */
async function cut(socket, options) {
  const left = socket.left.length;
  const noticed = () => socket.left.length > left;
  await until(() => {
    if (!noticed() && !socket.io.engine.upgrading) socket.cuts.cut(options);
    return noticed();
  }, 'the client to notice');
}

/** Cuts, and keeps the client away until `back` is called. */
async function away(socket, options) {
  socket.io.reconnection(false);
  await cut(socket, options);
}
async function back(socket) {
  socket.io.reconnection(true);
  socket.io.engine.close();
  socket.connect();
  await socket.in();
}
const lastRecovered = (socket) => socket.recoveries.at(-1);

for (const ways of transports) {
  test(`rooms, broadcasts, ids and binary are made up for, ${ways}`, async (t) => {
    const socket = await cuttable(t, server, { transports: ways });
    const room = `room ${socket.id}`;
    await socket.ask('join', room);
    const sender = await counter(t, server, { rooms: [room] }, { rooms: [socket.id] }, { rooms: [room], binary: true, size: 100 }, { rooms: [room, socket.id] });
    const [id, pid] = [socket.id, socket._pid];
    await sender.send(10);
    for (let round = 0; round < 3; round++) {
      await away(socket);
      await sender.send(10, { thread: round === 1 });
      await back(socket);
      await sender.send(5);
      await all(socket, sender);
      assert.equal(lastRecovered(socket), true);
      assert.deepEqual([socket.id, socket._pid], [id, pid]);
    }
    const binary = socket.all('n').find((args) => args[2]?.length === 100);
    assert.ok(binary, 'attachments come with what was missed');
    const [who, recovered, asked] = await socket.ask('who');
    assert.deepEqual([who, recovered, asked], [id, true, 1]);
  });

  test(`numbers flow while the connection is cut again and again, ${ways}`, async (t) => {
    const socket = await cuttable(t, quick, { transports: ways });
    const room = `flow ${socket.id}`;
    await socket.ask('join', room);
    const sender = await counter(t, quick, { rooms: [room] }, { rooms: [socket.id], size: 2000 }, { rooms: [room] });
    for (let i = 0; i < 40; i++) {
      await sender.send(5, { thread: i % 4 === 0 });
      if (i % 10 === 5 && socket.connected) socket.cuts.cut({ keepFar: i % 20 === 5 });
      // Not while it upgrades: the client puts off its close then, and what comes in the same tick as the close it keeps
      // for its next connection, without remembering the offset.
      if (i % 10 === 9 && socket.connected && !socket.io.engine.upgrading) socket.io.engine.close();
      await sleep(2);
    }
    await socket.in();
    await all(socket, sender);
    assert.ok(socket.recoveries.slice(1).every((r) => r === true), `all recovered: ${socket.recoveries}`);
    assert.ok(socket.recoveries.length > 2);
  });

  test(`back before the server has noticed, ${ways}`, async (t) => {
    const socket = await cuttable(t, server, { transports: ways });
    const sender = await counter(t, server, { rooms: [socket.id] });
    const before = (await stats(server)).recovered;
    await sender.send(3);
    for (let i = 0; i < 5; i++) {
      await cut(socket, { keepFar: true });
      await sender.send(3);
      await until(() => socket.joins === i + 2, 'the client to be back');
      assert.equal(lastRecovered(socket), true);
    }
    await sender.send(3);
    await all(socket, sender);
    assert.ok((await stats(server)).recovered >= before + 5);
  });
}

test('everybody gets broadcasts to everybody, once', async (t) => {
  const alone = await startFeatures({ recovery: WINDOW_MS });
  t.after(() => alone.stop());
  const sockets = await Promise.all(Array.from({ length: 8 }, () => cuttable(t, alone)));
  const sender = await counter(t, alone, {}, { exceptSelf: true });
  for (let round = 0; round < 4; round++) {
    await Promise.all(sockets.filter((_, i) => i % 4 === round).map((s) => away(s)));
    await sender.send(20, { thread: round % 2 === 0 });
    await Promise.all(sockets.filter((_, i) => i % 4 === round).map((s) => back(s)));
  }
  for (const socket of sockets) {
    await all(socket, sender);
    assert.deepEqual(socket.recoveries, [false, true].map((r, i) => (i ? true : socket.recoveries[0])));
    assert.ok(!socket.recoveries[0]);
  }
});

test('before the first packet', async (t) => {
  const socket = await cuttable(t);
  const sender = await counter(t, server, { rooms: [socket.id] });
  await away(socket);
  await sender.send(3);
  assert.equal(socket._lastOffset, undefined);
  await back(socket);
  await all(socket, sender);
  assert.equal(lastRecovered(socket), true);
});

test('twice in a row, with nothing in between, and with all of it lost on the way', async (t) => {
  const socket = await cuttable(t);
  const sender = await counter(t, server, { rooms: [socket.id] });
  await sender.send(3);
  await all(socket, sender);
  await away(socket);
  await back(socket);
  await away(socket);
  await sender.send(3);
  const ws = rawWebSocket(t, server); // its answer to CONNECT, and what was missed, reach nobody
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40${JSON.stringify({ pid: socket._pid, offset: socket._lastOffset })}`);
  await ws.next((x) => x.startsWith('40{'));
  ws.close();
  await back(socket);
  await all(socket, sender);
  assert.equal(lastRecovered(socket), true);
});

test('what was missed comes before the answer to CONNECT', async (t) => {
  const socket = await cuttable(t);
  const sender = await counter(t, server, { rooms: [socket.id] });
  await sender.send(1);
  await all(socket, sender);
  await away(socket);
  await sender.send(2);
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40${JSON.stringify({ pid: socket._pid, offset: socket._lastOffset })}`);
  await ws.next((x) => x.startsWith('40'));
  const came = ws.texts.filter((x) => x.startsWith('4'));
  assert.deepEqual(came.map((x) => x.slice(0, 2)), ['42', '42', '40']);
  assert.equal(JSON.parse(came[2].slice(2)).pid, socket._pid);
});

test('with the msgpack parser', async (t) => {
  const packed = await startFeatures({ recovery: WINDOW_MS, parser: 'msgpack' });
  t.after(() => packed.stop());
  const socket = await cuttable(t, packed, { parser: msgpack });
  const sender = await joined(t, packed, { parser: msgpack });
  const emit = (n, more) => sender.ask('orders', [{ op: 'emit', event: 'n', args: [n], rooms: [id], ...more }]);
  const { id } = socket;
  await emit(0);
  await socket.first('n');
  for (let round = 0; round < 2; round++) {
    await away(socket);
    await emit(2 * round + 1);
    await emit(2 * round + 2, { binary: true, size: 100 });
    await back(socket);
    await until(() => socket.numbers().length >= 2 * round + 3, 'what was missed');
    assert.equal(lastRecovered(socket), true);
  }
  assert.deepEqual(socket.numbers(), [0, 1, 2, 3, 4]);
  assert.equal(socket.all('n')[2][2].length, 100);
});

// ---- honestly not recovered

test('an unknown pid, and that of another server', async (t) => {
  const stranger = await cuttable(t, other);
  const socket = await cuttable(t);
  const sender = await counter(t, server, { rooms: [socket.id] });
  await sender.send(1);
  await all(socket, sender);
  const id = socket.id;
  await away(socket);
  socket._pid = stranger._pid;
  await back(socket);
  assert.equal(lastRecovered(socket), false);
  assert.notEqual(socket.id, id);
});

test('after the window', async (t) => {
  const short = await startFeatures({ recovery: 300, 'ping-interval': 300, 'ping-timeout': 200 });
  t.after(() => short.stop());
  const socket = await cuttable(t, short);
  await away(socket);
  await until(async () => (await stats(short)).recoverySessions === 0 && (await stats(short)).forgotten === 1, 'the session to be forgotten');
  await back(socket);
  assert.equal(lastRecovered(socket), false);
  const sender = await counter(t, short, { rooms: [socket.id] });
  await sender.send(5);
  await until(async () => (await stats(short)).recoveryLogBytes === 0, 'the log to be emptied by time');
});

test('after more than the log keeps', async (t) => {
  const small = await startFeatures({ recovery: WINDOW_MS, 'recovery-bytes': 20_000 });
  t.after(() => small.stop());
  const [missing, quiet] = [await cuttable(t, small), await cuttable(t, small)];
  const sender = await counter(t, small, { rooms: [missing.id], size: 1000 });
  await sender.send(2);
  await until(() => missing.numbers().length === 2, 'two numbers');
  await away(missing);
  const id = missing.id;
  await sender.send(50);
  await back(missing);
  assert.equal(lastRecovered(missing), false);
  assert.notEqual(missing.id, id);
  assert.equal(missing.numbers().length, 2);
  assert.equal((await stats(small)).recoveryTooMuch, 1);
  assert.ok((await stats(small)).recoveryLogBytes <= 20_000);
  await away(quiet); // got nothing for long, and misses nothing
  await back(quiet);
  assert.equal(lastRecovered(quiet), true);
});

test('more was missed than a queue holds', async (t) => {
  const narrow = await startFeatures({ recovery: WINDOW_MS, 'out-queue': 20_000 });
  t.after(() => narrow.stop());
  const socket = await cuttable(t, narrow);
  const sender = await counter(t, narrow, { rooms: [socket.id], size: 1000 });
  await away(socket);
  await sender.send(50);
  await back(socket);
  assert.equal(lastRecovered(socket), false);
});

test('what is kept has one limit for all namespaces', async (t) => {
  const shared = await startFeatures({ recovery: WINDOW_MS, 'recovery-bytes': 20_000, 'recovery-sessions': 3 });
  t.after(() => shared.stop());
  const names = ['/', '/other', '/gate', '/room-1', '/room-2'];
  const sockets = [];
  for (const namespace of names) sockets.push(await cuttable(t, shared, { namespace, auth: { decide: 'now' } }));
  const sender = await joined(t, shared);
  for (let round = 0; round < 3; round++)
    for (const ns of names) {
      await sender.ask('orders', Array.from({ length: 30 }, (_, n) => ({ op: 'emit', ns, event: 'n', args: [n, 'x'.repeat(1000)] })));
      const { recoveryLogBytes } = await stats(shared);
      assert.ok(recoveryLogBytes > 10_000 && recoveryLogBytes <= 20_000, `${recoveryLogBytes} bytes`);
    }
  for (const [i, socket] of sockets.entries()) {
    await away(socket);
    await until(async () => (await stats(shared)).sockets === names.length - i, 'the server to notice');
    assert.ok((await stats(shared)).recoverySessions <= 3);
  }
});

test('more sessions wait than may', async (t) => {
  const few = await startFeatures({ recovery: WINDOW_MS, 'recovery-sessions': 2 });
  t.after(() => few.stop());
  const sockets = [];
  for (let i = 0; i < 3; i++) sockets.push(await cuttable(t, few));
  for (const [i, socket] of sockets.entries()) {
    await away(socket);
    await until(async () => (await stats(few)).sockets === 2 - i, 'the server to notice');
  }
  await until(async () => (await stats(few)).forgotten === 1, 'the first to be forgotten');
  for (const socket of sockets) await back(socket);
  assert.deepEqual(sockets.map(lastRecovered), [false, true, true]);
});

for (const side of ['client', 'server'])
  test(`not after the ${side} has left the namespace`, async (t) => {
    const socket = await cuttable(t);
    const pid = socket._pid;
    if (side === 'client') socket.disconnect();
    else socket.emit('disconnect-me');
    await until(() => !socket.connected, 'the disconnect');
    socket.connect();
    await socket.in();
    assert.equal(lastRecovered(socket), false);
    assert.notEqual(socket._pid, pid);
  });

test('what cannot be a pid or an offset', async (t) => {
  const pids = [1, null, true, {}, [], '', 'x', 'x'.repeat(20), 'x'.repeat(10_000), '\u0000'.repeat(20), '"'.repeat(20), '\ud800'];
  for (const pid of pids) {
    const ws = rawWebSocket(t, server);
    await ws.next((x) => x.startsWith('0{'));
    ws.send(`40${JSON.stringify({ pid, offset: 'x' })}`);
    const answer = JSON.parse((await ws.next((x) => x.startsWith('40{'))).slice(2));
    assert.equal(answer.pid.length, 20);
    ws.close();
  }
  const offsets = [1, null, true, {}, [], '', 'x', 'x'.repeat(10_000), '18446744073709551615', (o) => o + '0', (o) => o.slice(0, 8), (o) => o.slice(1), (o) => `${o} `, (o) => o.replace(/\d+$/, '00$&'), (o) => o.replace(/\d+$/, '18446744073709551615'), (o) => o.replace(/\d+$/, '99999999999999999999999'), (o) => o.replace(/\d+$/, '-1'), (o) => o.replace(/^./, '!')];
  for (const offset of offsets) {
    const socket = await cuttable(t);
    const sender = await counter(t, server, { rooms: [socket.id] });
    await sender.send(1);
    await all(socket, sender);
    await away(socket);
    socket._lastOffset = typeof offset === 'function' ? offset(socket._lastOffset) : offset;
    const said = JSON.stringify(offset) ?? String(offset);
    await back(socket);
    assert.equal(lastRecovered(socket), false, said);
  }
});

test("another one's offset is not one's own", async (t) => {
  const [a, b] = [await cuttable(t), await cuttable(t)];
  const sender = await counter(t, server, { rooms: [a.id] }, { rooms: [b.id] }, { rooms: [a.id] }, { rooms: [b.id] });
  await sender.send(4);
  await until(() => a.numbers().length === 2 && b.numbers().length === 2, 'the numbers');
  await away(a);
  a._lastOffset = b.all('n')[0].at(-1); // older than its own last one, so that it would be sent what it has
  await back(a);
  assert.equal(lastRecovered(a), false);
});

// ---- rooms change

test('what was emitted before a join or after a leave is not missed', async (t) => {
  const socket = await cuttable(t);
  const [one, two] = [`one ${socket.id}`, `two ${socket.id}`];
  const sender = await joined(t, server);
  const emit = (n, ...rooms) => sender.ask('orders', [{ op: 'emit', event: 'n', args: [n], rooms }]);
  await socket.ask('join', one);
  await emit(0, one);
  await until(() => socket.numbers().length === 1, 'the first');
  const offset = socket._lastOffset;
  await emit(1, one, two);
  await emit(-1, two);
  await socket.ask('join', two);
  await emit(2, two);
  await socket.ask('leave', one);
  await emit(-2, one);
  await emit(3, two, one);
  await until(() => socket.numbers().length === 4, 'the rest');
  await away(socket);
  await emit(4, two);
  await emit(-3, one);
  socket._lastOffset = offset; // as if all after the first had been lost
  socket.got.length = 0;
  await back(socket);
  assert.equal(lastRecovered(socket), true);
  await until(() => socket.numbers().length >= 4, 'what was missed');
  await socket.ask('who');
  assert.deepEqual(socket.numbers(), [1, 2, 3, 4]);
  assert.deepEqual(await socket.ask('in', two), [true]);
  assert.deepEqual(await socket.ask('in', one), [false]);
});

test('a session forgets rooms left long ago, and says so', async (t) => {
  const socket = await cuttable(t);
  const sender = await counter(t, server, { rooms: [socket.id] });
  await sender.send(1);
  await all(socket, sender);
  const offset = socket._lastOffset;
  for (let i = 0; i < 30; i++) {
    await socket.ask('join', `passing ${i} ${socket.id}`);
    await sender.send(1);
    await socket.ask('leave', `passing ${i} ${socket.id}`);
  }
  await all(socket, sender);
  await away(socket);
  await back(socket);
  assert.equal(lastRecovered(socket), true, 'it has everything');
  await away(socket);
  socket._lastOffset = offset;
  await back(socket);
  assert.equal(lastRecovered(socket), false, 'too much to be sure of');
});

test('joined, moved out and disconnected by others while away', async (t) => {
  const [socket, gone] = [await cuttable(t), await cuttable(t)];
  const ids = [socket.id, gone.id];
  const [a, b] = [`a ${socket.id}`, `b ${socket.id}`];
  const sender = await joined(t, server);
  await socket.ask('join', a);
  await away(socket);
  await away(gone);
  await sender.ask('orders', [{ op: 'emit', event: 'n', args: [0], rooms: [a] }]);
  await sender.ask('orders', [{ op: 'join', rooms: [ids[0]], room: b }]);
  await sender.ask('orders', [{ op: 'leave', rooms: [a], room: a }, { op: 'emitSelf', event: 'moved' }], true);
  await sender.first('moved');
  await sender.ask('orders', [{ op: 'disconnect', rooms: [ids[1]] }]);
  await sender.ask('orders', [
    { op: 'emit', event: 'n', args: [-1], rooms: [a] },
    { op: 'emit', event: 'n', args: [1], rooms: [b] },
  ]);
  await back(socket);
  await back(gone);
  await until(() => socket.numbers().length >= 2, 'what was missed');
  assert.deepEqual(await socket.ask('in', a), [false]);
  assert.deepEqual(await socket.ask('in', b), [true]);
  assert.deepEqual(socket.numbers(), [0, 1]);
  assert.equal(lastRecovered(gone), false);
});

test('excepted is excepted, also when it is made up for', async (t) => {
  const socket = await cuttable(t);
  const { id } = socket;
  const [room, except] = [`r ${id}`, `x ${id}`];
  await socket.ask('join', room, except);
  const sender = await joined(t, server);
  await away(socket);
  await sender.ask('orders', [
    { op: 'emit', event: 'n', args: [-1], rooms: [room], except: [except] },
    { op: 'emit', event: 'n', args: [-2], rooms: [room], except: [id] },
    { op: 'emit', event: 'n', args: [0], rooms: [room], except: ['nobody'] },
  ]);
  await back(socket);
  await socket.first('n');
  await socket.ask('who');
  assert.deepEqual(socket.numbers(), [0]);
});

// ---- what carries an offset

test('only what is not volatile and wants no ack carries an offset', async (t) => {
  const socket = await joined(t, server);
  await socket.ask('orders', [{ op: 'emitSelf', event: 'n' }, { op: 'emitSelf', event: 'n', mayDrop: true }]);
  assert.equal(socket.all('n')[0].length, 2);
  assert.equal(socket.all('n')[1].length, 1);
  socket.on('question', (...args) => args.pop()(args.length));
  socket.emit('ask', 5000);
  assert.equal((await socket.first('answered'))[0], 1);
  const without = await joined(t, await startFeaturesWithout(t));
  await without.ask('orders', [{ op: 'emitSelf', event: 'n' }]);
  assert.equal(without.all('n')[0].length, 1);
  assert.equal(without._pid, undefined);
});

async function startFeaturesWithout(t) {
  const plain = await startFeatures();
  t.after(() => plain.stop());
  return plain;
}

// ---- races

/** Two, or more, connections that claim one session at the same time. */
test('two recoveries race with one pid: one has it', async (t) => {
  for (let round = 0; round < 20; round++) {
    const socket = await cuttable(t);
    const sender = await counter(t, server, { rooms: [socket.id] });
    await away(socket, { keepFar: round % 2 === 0 });
    await sender.send(2);
    const sockets = Array.from({ length: 3 }, () => rawWebSocket(t, server));
    await Promise.all(sockets.map((ws) => ws.next((x) => x.startsWith('0{'))));
    for (const ws of sockets) ws.send(`40${JSON.stringify({ pid: socket._pid })}`);
    const over = (ws) => ws.ended || ws.frames.some((f) => f.opcode === CLOSE);
    for (const ws of sockets) await until(() => over(ws) || ws.texts.some((x) => x.startsWith('40{')), 'an answer or the end');
    await sender.send(2);
    const mine = (ws) => ws.texts.some((x) => x.startsWith('40{') && JSON.parse(x.slice(2)).pid === socket._pid);
    const numbers = (ws) => ws.texts.filter((x) => x.startsWith('42["n"')).map((x) => JSON.parse(x.slice(2))[2]);
    const winner = await until(() => sockets.find((ws) => mine(ws) && !over(ws) && numbers(ws).length === 4), 'one that has it all');
    assert.deepEqual(numbers(winner), [0, 1, 2, 3]);
    for (const ws of sockets) if (!mine(ws)) assert.deepEqual(numbers(ws), [], 'a new session gets nothing of it');
    assert.equal(sockets.filter((ws) => mine(ws) && !over(ws)).length, 1);
    for (const ws of sockets) ws.close();
  }
});

// ---- the owner's side

test('the owner is asked again, may refuse, and its rooms come on top', async (t) => {
  const options = { namespace: '/gate', auth: { decide: 'now', rooms: ['first'] } };
  const [kept, refused] = [await cuttable(t, server, options), await cuttable(t, server, options)];
  const sender = await joined(t, server);
  for (const socket of [kept, refused]) await away(socket);
  kept.auth = { decide: 'later', delay: 100, rooms: ['second'] };
  refused.auth = { refuse: 'no more' };
  await sender.ask('orders', [{ op: 'emit', ns: '/gate', event: 'n', args: [0], rooms: ['first'] }]);
  refused.io.engine.close();
  refused.connect();
  await until(() => refused.errors.some((e) => e.message === 'no more'), 'the refusal');
  await back(kept);
  assert.equal(lastRecovered(kept), true);
  await sender.ask('orders', [1, 2, 3].map((n) => ({ op: 'emit', ns: '/gate', event: 'n', args: [n], rooms: [['came back', 'second', 'first'][n - 1]] })));
  await until(() => kept.numbers().length >= 4, 'the numbers');
  assert.deepEqual(kept.numbers(), [0, 1, 2, 3]);
  refused.auth = { decide: 'now' };
  refused.connect();
  await refused.in();
  assert.equal(lastRecovered(refused), false);
});

test('who leaves while its owner decides comes back a second time', { alone: true }, async (t) => {
  const socket = await cuttable(t, server, { namespace: '/gate', auth: { decide: 'now', rooms: ['decided'] } });
  const sender = await joined(t, server);
  await away(socket);
  await sender.ask('orders', [{ op: 'emit', ns: '/gate', event: 'n', args: [0], rooms: ['decided'] }]);
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  const before = await stats(server);
  ws.send(`40/gate,${JSON.stringify({ pid: socket._pid, decide: 'hold', key: socket._pid })}`);
  await until(async () => (await stats(server)).connecting > before.connecting, 'its owner to be asked');
  ws.close();
  await until(async () => (await stats(server)).sessions < before.sessions, 'it to be gone');
  assert.deepEqual(await sender.ask('release', socket._pid, { decide: 'now' }), [true]);
  await back(socket);
  await socket.first('n');
  assert.deepEqual([lastRecovered(socket), socket.numbers()], [true, [0]]);
});

test('skip-connecting: the owner is not asked for who comes back', async (t) => {
  const skipping = await startFeatures({ recovery: WINDOW_MS, 'recovery-skip-connecting': 1 });
  t.after(() => skipping.stop());
  const socket = await cuttable(t, skipping, { namespace: '/gate', auth: { decide: 'now' } });
  await away(socket);
  socket.auth = { refuse: 'never' };
  await back(socket);
  assert.equal(lastRecovered(socket), true);
  assert.equal((await stats(skipping)).connecting, 1);
});

const endings = {
  'more was missed than a queue holds': (id) => Array.from({ length: 50 }, () => ({ op: 'emit', ns: '/gate', event: 'n', args: ['x'.repeat(1000)], rooms: [id] })),
  'it was disconnected while away': (id) => [{ op: 'disconnect', ns: '/gate', rooms: [id] }],
};
for (const [why, orders] of Object.entries(endings))
  test(`skip-connecting: the owner is asked for a new session, ${why}`, async (t) => {
    const skipping = await startFeatures({ recovery: WINDOW_MS, 'recovery-skip-connecting': 1, 'out-queue': 20_000 });
    t.after(() => skipping.stop());
    const sender = await joined(t, skipping);
    const socket = await cuttable(t, skipping, { namespace: '/gate', auth: { decide: 'now' } });
    const id = socket.id;
    await away(socket);
    await until(async () => (await stats(skipping)).recoverySessions === 1, 'the server to notice');
    await sender.ask('orders', orders(id));
    socket.auth = { refuse: 'no longer' };
    socket.io.engine.close();
    socket.connect();
    await until(() => socket.errors.some((e) => e.message === 'no longer'), 'the refusal');
    assert.equal(socket.joins, 1);
    socket.auth = { decide: 'now' };
    socket.connect();
    await socket.in();
    assert.equal(lastRecovered(socket), false);
    assert.equal((await stats(skipping)).connecting, 3);
  });

test('data is forgotten once for each session, at the latest with the server', async (t) => {
  const own = await startFeatures({ recovery: 3000, 'ping-interval': 300, 'ping-timeout': 200 });
  t.after(() => own.stop());
  const sockets = await Promise.all(Array.from({ length: 10 }, () => cuttable(t, own)));
  for (const socket of sockets.slice(0, 4)) await away(socket);
  for (const socket of sockets.slice(0, 2)) await back(socket);
  for (const socket of sockets.slice(4, 6)) socket.disconnect();
  await until(async () => (await stats(own)).forgotten === 4, async () => `four forgotten; ${JSON.stringify(await stats(own))}`);
  assert.equal((await stats(own)).sockets, 6);
  await away(sockets[9]); // this one waits when the server ends, the others have their sockets yet
  await until(async () => (await stats(own)).sockets === 5, 'the server to notice');
  assert.equal((await own.stop()).code, 0);
  assert.match(own.output.stdout, /^forgotten: 10$/m);
});
