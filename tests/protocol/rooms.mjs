// Many sockets at once: rooms and who is left out, joining and leaving from outside, answers of many, volatile emits.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { joined } from '../harness/features.mjs';
import { until } from '../harness/suite.mjs';
import { joinedPolling, joinedWebSocket, pendingPoll, settle } from '../harness/wire.mjs';

const plain = pair();
const upTo = (n) => Array.from({ length: n }, (_, i) => i);

/** Three sockets, on different transports; `order` has the first of them do something. */
async function three(t, server) {
  const sockets = await Promise.all([['websocket'], ['polling'], ['polling', 'websocket']].map((transports) => joined(t, server, { transports })));
  return { sockets, order: (...orders) => sockets[0].ask('orders', orders) };
}

/** Which of the sockets has got that event, and how often. */
async function counts(sockets, event) {
  await Promise.all(sockets.map((s) => s.ask('in', 'nowhere')));
  return sockets.map((s) => s.all(event).length);
}

let rooms = 0;
const roomName = () => `room ${++rooms}`;

both('a room: its members and nobody else, once each', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const [a, b] = [roomName(), roomName()];
  await sockets[0].ask('join', a);
  await sockets[1].ask('join', a, b);
  await order({ op: 'emit', rooms: [a], event: 'one' }, { op: 'emit', rooms: [a, b], event: 'both' }, { op: 'emit', rooms: ['empty'], event: 'none' });
  assert.deepEqual(await counts(sockets, 'one'), [1, 1, 0]);
  assert.deepEqual(await counts(sockets, 'both'), [1, 1, 0]);
  assert.deepEqual(await counts(sockets, 'none'), [0, 0, 0]);
});

both('except: a room, and the one who speaks', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const [all, quiet] = [roomName(), roomName()];
  for (const s of sockets) await s.ask('join', all);
  await sockets[1].ask('join', quiet);
  await order({ op: 'emit', rooms: [all], except: [quiet], event: 'a' }, { op: 'emit', rooms: [all], exceptSelf: true, event: 'b' }, { op: 'emit', rooms: [all], except: [sockets[2].id], event: 'c' });
  assert.deepEqual(await counts(sockets, 'a'), [1, 0, 1]);
  assert.deepEqual(await counts(sockets, 'b'), [0, 1, 1]);
  assert.deepEqual(await counts(sockets, 'c'), [1, 1, 0]);
});

both("a socket's id is its room", plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  await order({ op: 'emit', rooms: [sockets[1].id], event: 'you' });
  assert.deepEqual(await counts(sockets, 'you'), [0, 1, 0]);
});

both('without a room: everyone of the namespace, and of no other', pair(), async (t, server) => {
  const { sockets, order } = await three(t, server);
  const other = await joined(t, server, { namespace: '/other', manager: sockets[1].io });
  await order({ op: 'emit', event: 'all' }, { op: 'emit', ns: '/other', event: 'others' });
  await other.first('others');
  assert.deepEqual(await counts(sockets, 'all'), [1, 1, 1]);
  assert.equal(other.all('all').length, 0);
});

both('leaving a room', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const room = roomName();
  for (const s of sockets) await s.ask('join', room);
  await sockets[2].ask('leave', room);
  await order({ op: 'emit', rooms: [room], event: 'n' });
  assert.deepEqual(await counts(sockets, 'n'), [1, 1, 0]);
});

both('made to join, and to leave', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const [from, to] = [roomName(), roomName()];
  for (const s of sockets.slice(1)) await s.ask('join', from);
  await order({ op: 'join', rooms: [from], room: to }, { op: 'emit', rooms: [to], event: 'in' });
  assert.deepEqual(await counts(sockets, 'in'), [0, 1, 1]);
  await order({ op: 'leave', rooms: [sockets[1].id], room: to }, { op: 'emit', rooms: [to], event: 'out' });
  assert.deepEqual(await counts(sockets, 'out'), [0, 0, 1]);
});

both('made to leave the namespace', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const room = roomName();
  for (const s of sockets.slice(1)) await s.ask('join', room);
  await order({ op: 'disconnect', rooms: [room] });
  for (const s of sockets.slice(1)) {
    await until(() => s.left.length, 'the disconnect');
    assert.deepEqual([s.left[0], s.active], ['io server disconnect', false]);
  }
});

both('what is emitted comes in its order, binary between text, on each transport', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const room = roomName();
  for (const s of sockets) await s.ask('join', room);
  await order(...upTo(30).map((i) => ({ op: 'emit', rooms: [room], event: 'n', args: [i], size: 10, binary: i % 3 === 0 })));
  for (const s of sockets) {
    await until(() => s.all('n').length === 30, () => `thirty; got ${s.all('n').length}`);
    assert.deepEqual(s.all('n').map((args) => args[1]), upTo(30));
    assert.equal(Buffer.from(s.all('n')[3][2]).toString(), 'xxxxxxxxxx');
  }
});

// ---- answers of many ----

both('asked: all answer', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const room = roomName();
  for (const [i, s] of sockets.entries()) {
    await s.ask('join', room);
    s.on('asked', (question, done) => done(`${question} ${i}`));
  }
  await order({ op: 'ask', rooms: [room], args: ['who'], tag: 'all' });
  const [, state, answers] = await sockets[0].first('answers');
  assert.deepEqual(state, { receivers: 3, omitted: 0, timedOut: false });
  assert.deepEqual(answers.map(([, [answer]]) => answer).sort(), ['who 0', 'who 1', 'who 2']);
});

both('asked: who is silent is waited for, and the others are heard', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const room = roomName();
  for (const s of sockets) await s.ask('join', room);
  sockets[1].on('asked', (done) => done('here'));
  await order({ op: 'ask', rooms: [room], timeout: 300, tag: 'some' });
  const [, state, answers] = await sockets[0].first('answers');
  assert.deepEqual([state.timedOut, answers.map(([, [answer]]) => answer)], [true, ['here']]);
});

both('asked: nobody is there', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  await order({ op: 'ask', rooms: [roomName()], timeout: 5000, tag: 'none' });
  const [, state, answers] = await sockets[0].first('answers');
  assert.deepEqual([state, answers], [{ receivers: 0, omitted: 0, timedOut: false }, []]);
});

both('asked: with bytes', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  sockets[1].on('asked', (bytes, done) => done(Buffer.concat([Buffer.from(bytes), Buffer.from('!')])));
  await order({ op: 'ask', rooms: [sockets[1].id], binary: true, tag: 'bytes' });
  const [, , [[, [answer]]]] = await sockets[0].first('answers');
  assert.equal(Buffer.from(answer).toString(), 'bytes!');
});

both('a list of sockets and their rooms', plain, async (t, server) => {
  const { sockets, order } = await three(t, server);
  const [room, second] = [roomName(), roomName()];
  await sockets[0].ask('join', room, second);
  await sockets[1].ask('join', room);
  await order({ op: 'fetch', rooms: [room], tag: 'list' });
  const [, , list] = await sockets[0].first('sockets');
  const expected = [[sockets[0].id, [room, second]], [sockets[1].id, [room]]];
  assert.deepEqual(list.map(([id, of]) => [id, of.sort()]).sort(), expected.sort());
});

// ---- volatile ----

const burst = '421["orders",[{"op":"emitSelf","event":"n","volatile":true,"times":5}]]';
const volatiles = (packets) => packets.filter((p) => p.startsWith('42["n"'));

both('volatile on a WebSocket: the first of a burst', plain, async (t, server) => {
  const ws = await joinedWebSocket(t, server);
  ws.send(burst);
  await ws.next('431[]');
  await settle(ws);
  assert.deepEqual(volatiles(ws.texts), ['42["n",0]']);
});

both('volatile on polling: one when a GET is pending', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const pending = await pendingPoll(t, server, poll);
  await poll.post(burst);
  poll.packets.push(...(await pending.answer()).text.split('\x1e'));
  await settle(poll);
  assert.deepEqual(volatiles(poll.packets), ['42["n",0]']);
});

both('volatile on polling: nothing without a GET', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post(burst);
  await settle(poll);
  assert.deepEqual(volatiles(poll.packets), []);
});
