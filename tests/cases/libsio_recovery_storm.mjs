// libsio: many clients whose connections are cut at random moments while everybody is sent numbers: each goes on exactly
// where it was, or is told that it does not.
import assert from 'node:assert/strict';
import { Cuts } from '../harness/cuts.mjs';
import { client, joined, startFeatures, stats, transports } from '../harness/features.mjs';
import { slowness, sleep, test, until } from '../harness/suite.mjs';

const CLIENTS = 40;
const ROOMS = 4;
const SENDERS = 2 * ROOMS;
const STORM_MS = 4000;

/** A generator of its own, so that a storm can be had again: its seed is in every message. */
function random(seed) {
  let x = seed >>> 0 || 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

/** A client of one room; its `sessions` are what each was sent: [sender, number, offset]. */
async function member(t, server, i) {
  const cuts = await Cuts.open(t, server);
  const room = i % ROOMS;
  const socket = client(t, { url: cuts.url }, { transports: transports[i % transports.length], namespace: '/gate', auth: { decide: i % 2 ? 'now' : 'later', delay: 5, rooms: [`room ${room}`] } });
  Object.assign(socket, { cuts, room, sessions: [] });
  socket.on('connect', () => {
    if (!socket.recovered) socket.sessions.push([]);
  });
  socket.on('n', (_, sender, n, ...rest) => socket.sessions.at(-1).push([sender, n, rest.at(-1)]));
  return socket.in();
}

/** Sends to its room, in turn on its own loop and on another thread; two of them do that to each room. */
async function sender(t, server, k) {
  const socket = await joined(t, server);
  Object.assign(socket, { k, room: k % ROOMS, count: 0, rounds: 0 });
  socket.send = async (count, size) => {
    const orders = Array.from({ length: count }, () => ({ op: 'emit', ns: '/gate', event: 'n', args: [k, socket.count++], rooms: [`room ${socket.room}`], size }));
    const round = socket.rounds++;
    await socket.ask('orders', [...orders, { op: 'emitSelf', event: 'sent', args: [round] }], round % 3 === 0);
    await socket.first('sent', (_, n) => n === round);
  };
  return socket;
}

/** In each session every sender's numbers have no gap, and offsets only grow. */
function assertUnbroken(member, seed) {
  for (const session of member.sessions) {
    const next = new Map();
    let before = 0;
    for (const [k, n, offset] of session) {
      assert.equal(k % ROOMS, member.room, `seed ${seed}`);
      assert.equal(n, next.get(k) ?? n, `seed ${seed}, sender ${k}`);
      assert.ok(Number(offset.slice(8)) > before, `seed ${seed}: ${offset} after ${before}`);
      next.set(k, n + 1);
      before = Number(offset.slice(8));
    }
  }
}

async function storm(t, options) {
  const server = await startFeatures({ recovery: 20_000, 'ping-interval': 1000 * slowness, 'ping-timeout': 3000 * slowness, ...options });
  t.after(() => server.stop());
  const seed = (Math.random() * 2 ** 32) >>> 0;
  const dice = random(seed);
  const members = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => member(t, server, i)));
  const senders = await Promise.all(Array.from({ length: SENDERS }, (_, k) => sender(t, server, k)));
  const end = Date.now() + STORM_MS;
  const sending = senders.map(async (s) => {
    while (Date.now() < end) {
      await s.send(1 + dice(6), dice(4) ? 0 : dice(500));
      await sleep(dice(8));
    }
  });
  while (Date.now() < end) {
    const socket = members[dice(CLIENTS)];
    if (socket.io.engine && !socket.io.engine.upgrading) {
      if (dice(4)) socket.cuts.cut({ keepFar: dice(2) === 0 });
      else if (socket.connected) socket.io.engine.close();
    }
    await sleep(dice(10));
  }
  await Promise.all([...sending, ...members.map((m) => m.in())]);
  return { server, seed, members, senders };
}

/** Has everybody the last number of its senders? */
async function settled({ seed, members, senders }) {
  const hasAll = (m) => senders.every((s) => s.room !== m.room || m.sessions.at(-1).some(([k, n]) => k === s.k && n === s.count - 1));
  const behind = () => members.filter((m) => !hasAll(m));
  await until(() => behind().length === 0, () => `everybody to be up to date; seed ${seed}; ${behind().length} are not`, 30_000);
  for (const m of members) assertUnbroken(m, seed);
}

for (const threads of [1, 5])
  test(`a storm that all survive, ${threads} threads`, { alone: true, limitMs: 120_000 }, async (t) => {
    const all = await storm(t, { threads });
    await settled(all);
    for (const m of all.members) {
      assert.equal(m.sessions.length, 1, `seed ${all.seed}: recovered every time`);
      assert.equal(m.sessions[0].length, all.senders.filter((s) => s.room === m.room).reduce((sum, s) => sum + s.count, 0));
    }
    const s = await stats(all.server);
    assert.ok(s.recovered > CLIENTS / 4, `many have come back: ${s.recovered}`);
    assert.equal(s.recoveryTooMuch + s.recoveryOffset, 0);
  });

test('a storm over a log that is too short', { alone: true, limitMs: 120_000 }, async (t) => {
  const all = await storm(t, { threads: 4, 'recovery-bytes': 60_000 });
  for (const s of all.senders) await s.send(1, 0);
  await settled(all);
  const s = await stats(all.server);
  assert.ok(s.recoveryTooMuch > 0, 'some could not go on');
  assert.ok(s.recovered > 0, 'some could');
});
