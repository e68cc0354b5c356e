// Connection state recovery: the offset behind every event, what comes back with a known one, and when nothing does.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { joined } from '../harness/features.mjs';
import { BINARY, frame } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { joinedPolling, openWebSocket, settle } from '../harness/wire.mjs';

const on = pair({ recovery: 60_000, 'ping-timeout': 300, 'ping-interval': 10_000 });
const brief = pair({ recovery: 300 });
const upTo = (n) => Array.from({ length: n }, (_, i) => i);

/** A session by hand that may be gone on with. */
async function connect(t, server, payload = '', namespace = '') {
  const ws = await openWebSocket(t, server);
  ws.send(`40${namespace}${payload}`);
  const answer = await ws.next((x) => x.startsWith(`40${namespace}`));
  return Object.assign(ws, JSON.parse(answer.slice(answer.indexOf('{'))));
}

/** The last argument of the last event. */
const offsetOf = (ws, match = '42[') => JSON.parse(ws.texts.findLast((x) => x.startsWith(match)).slice(match.length - 1)).at(-1);

const back = (t, server, { pid }, offset, namespace) => connect(t, server, JSON.stringify({ pid, offset }), namespace);

/** In a room, with one event seen, and gone again without saying so. */
async function lost(t, server, room) {
  const ws = await connect(t, server);
  ws.send(`421["join","${room}"]`);
  await ws.next('431[]');
  ws.send('421["who"]').send('42["orders",[{"op":"emitSelf","event":"first"}]]');
  await ws.next((x) => x.startsWith('42["first"'));
  ws.offset = offsetOf(ws);
  ws.close();
  await until(() => ws.socket.destroyed, 'its end');
  return ws;
}

/** The events that came with the session, without their offsets, once all have come. */
async function missed(ws) {
  await settle(ws);
  return ws.texts.filter((x) => x.startsWith('42[')).map((x) => JSON.parse(x.slice(2)).slice(0, -1));
}

async function helper(t, server) {
  const socket = await joined(t, server);
  return (room, event, more = {}) => socket.ask('orders', [{ op: 'emit', rooms: [room], event, ...more }]);
}

// ---- what is there to go on with ----

both('CONNECT is answered with a pid beside the sid', on, async (t, server) => {
  const ws = await openWebSocket(t, server);
  ws.send('40');
  assert.match(await ws.next((x) => x.startsWith('40')), /^40\{"sid":"[\w-]{20}","pid":"[\w-]{20}"\}$/);
});

both('an event carries an offset: to one, to a room, to all', on, async (t, server) => {
  const ws = await connect(t, server);
  ws.send('421["join","offsets"]');
  ws.send('42["orders",[{"op":"emitSelf","event":"one"},{"op":"emit","rooms":["offsets"],"event":"room"},{"op":"emit","event":"all"}]]');
  for (const name of ['one', 'room', 'all']) {
    const args = JSON.parse((await ws.next((x) => x.startsWith(`42["${name}"`))).slice(2));
    assert.equal(args.length, 3);
    assert.equal(typeof args[2], 'string');
  }
});

both('what is volatile or asks for an ack carries none', on, async (t, server) => {
  const ws = await connect(t, server);
  ws.send('42["ask",1000]');
  assert.match(await ws.next((x) => x.includes('"question"')), /^42\d+\["question",1000\]$/);
  ws.send('42["orders",[{"op":"emitSelf","event":"maybe","volatile":true}]]');
  await ws.next('42["maybe",0]');
});

both('the offset of binary stands in the JSON', on, async (t, server) => {
  const ws = await connect(t, server);
  ws.send('42["orders",[{"op":"emitSelf","event":"bytes","size":3,"binary":true}]]');
  const head = await ws.next((x) => x.startsWith('452-["bytes"'));
  assert.match(head, /^452-\["bytes",0,\{"_placeholder":true,"num":0\},\{"_placeholder":true,"num":1\},"[^"]+"\]$/);
});

// ---- going on ----

both('what was missed comes, in order; sid, pid and rooms are the old ones', on, async (t, server) => {
  const emit = await helper(t, server);
  const before = await lost(t, server, 'order');
  for (const i of upTo(5)) await emit('order', 'missed', { args: [i] });
  await emit('another room', 'not mine');
  const ws = await back(t, server, before, before.offset);
  assert.deepEqual([ws.sid, ws.pid], [before.sid, before.pid]);
  assert.deepEqual(await missed(ws), upTo(5).map((i) => ['missed', 0, i]));
  ws.send('421["in","order"]');
  await ws.next('431[true]');
});

both('what was missed comes before the CONNECT answer', on, async (t, server) => {
  const emit = await helper(t, server);
  const before = await lost(t, server, 'first');
  await emit('first', 'missed');
  const ws = await back(t, server, before, before.offset);
  assert.ok(ws.texts[1].startsWith('42["missed"'), ws.texts[1]);
  assert.equal(ws.texts[2], `40${JSON.stringify({ sid: before.sid, pid: before.pid })}`);
});

both('the data of the socket is the old one', on, async (t, server) => {
  const before = await lost(t, server, 'data');
  const ws = await back(t, server, before, before.offset);
  ws.send('421["who"]');
  await ws.next(`431["${before.sid}",true,2]`);
  const other = await connect(t, server);
  other.send('421["who"]');
  await other.next(`431["${other.sid}",false,1]`);
});

both('with nothing missed the session is gone on with all the same', on, async (t, server) => {
  const before = await lost(t, server, 'nothing');
  const ws = await back(t, server, before, before.offset);
  assert.deepEqual([ws.sid, await missed(ws)], [before.sid, []]);
});

both('binary that was missed comes with its bytes', on, async (t, server) => {
  const emit = await helper(t, server);
  const before = await lost(t, server, 'bytes');
  await emit('bytes', 'b', { size: 3, binary: true });
  const ws = await back(t, server, before, before.offset);
  await settle(ws);
  assert.ok(ws.texts.some((x) => x.startsWith('452-["b",0,')));
  assert.deepEqual(ws.frames.filter((f) => f.opcode === BINARY).map((f) => f.payload.toString()), ['xxx', 'small']);
});

both('twice in a row', on, async (t, server) => {
  const emit = await helper(t, server);
  const before = await lost(t, server, 'twice');
  await emit('twice', 'missed', { args: ['a'] });
  const first = await back(t, server, before, before.offset);
  assert.deepEqual(await missed(first), [['missed', 0, 'a']]);
  const offset = offsetOf(first);
  first.close();
  await emit('twice', 'missed', { args: ['b'] });
  const second = await until(async () => {
    const ws = await back(t, server, before, offset);
    return ws.sid === before.sid && ws;
  }, 'the second');
  assert.deepEqual(await missed(second), [['missed', 0, 'b']]);
});

both('of another namespace', on, async (t, server) => {
  const before = await connect(t, server, '', '/other,');
  before.send('42/other,["x"]');
  await before.next((x) => x.startsWith('42/other,["x"'));
  const offset = offsetOf(before, '42/other,[');
  before.close();
  const ws = await until(async () => {
    const again = await back(t, server, before, offset, '/other,');
    return again.sid === before.sid && again;
  }, 'the session');
  assert.equal(ws.pid, before.pid);
});

for (const [what, end] of [
  ['a close frame', (ws) => ws.write(frame(8))],
  ['a malformed packet', (ws) => ws.send('4abc')],
  ['a frame that is not masked', (ws) => ws.write(frame(1, '6', { masked: false }))],
  ['a close by the server', (ws) => ws.send('42["disconnect-me",true]')],
])
  both(`behind ${what} the session may be gone on with`, on, async (t, server) => {
    const before = await connect(t, server);
    before.send('42["orders",[{"op":"emitSelf","event":"first"}]]');
    await before.next((x) => x.startsWith('42["first"'));
    end(before);
    await before.closed();
    assert.equal((await back(t, server, before, offsetOf(before))).sid, before.sid);
  });

both('on polling', on, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const { sid, pid } = JSON.parse(poll.packets[0].slice(2));
  await poll.post('42["orders",[{"op":"emitSelf","event":"first"}]]');
  const offset = JSON.parse((await poll.until((p) => p.startsWith('42["first"'))).slice(2)).at(-1);
  await poll.post('1');
  const again = await joinedPolling(t, server, `40${JSON.stringify({ pid, offset })}`);
  assert.equal(again.id, sid);
});

both('the stock client', on, async (t, server) => {
  const emit = await helper(t, server);
  for (const transports of [['websocket'], ['polling']]) {
    const socket = await joined(t, server, { transports, reconnectionDelay: 300, reconnectionDelayMax: 300 });
    const room = `stock ${transports}`;
    await socket.ask('join', room);
    const { id } = socket;
    assert.equal(socket.recovered, false);
    await emit(room, 'n', { times: 3 });
    await until(() => socket.all('n').length === 3, 'the first three');
    socket.io.engine.close();
    await emit(room, 'm', { times: 3 });
    await until(() => socket.joins === 2, 'its return');
    await until(() => socket.all('m').length === 3, 'the missed three');
    assert.deepEqual([socket.recovered, socket.id], [true, id]);
    assert.deepEqual(socket.all('m').map(([i]) => i), [0, 1, 2]);
  }
});

both('the stock client, back at once', on, { deviates: 'the reference may not have seen the old connection end, and then begins anew' }, async (t, server) => {
  const socket = await joined(t, server, { reconnection: false });
  socket.emit('orders', [{ op: 'emitSelf', event: 'first' }]);
  await socket.first('first');
  socket.io.engine.close();
  await socket.connect().in();
  assert.equal(socket.recovered, true);
});

// ---- not going on ----

async function isNew(t, server, before, payload) {
  const ws = await connect(t, server, payload);
  assert.notEqual(ws.sid, before.sid);
  assert.notEqual(ws.pid, before.pid);
  ws.send('421["in","refused"]');
  await ws.next('431[false]');
}

for (const [what, change] of [
  ['an unknown pid', { pid: 'A'.repeat(20) }],
  ['a pid that is no text', { pid: 7 }],
  ['an unknown offset', { offset: 'unknown' }],
  ['an offset that is no text', { offset: 7 }],
  ['no pid', { pid: undefined }],
])
  both(`${what}: an ordinary new session`, on, async (t, server) => {
    const before = await lost(t, server, 'refused');
    await isNew(t, server, before, JSON.stringify({ pid: before.pid, offset: before.offset, ...change }));
  });

for (const [what, leave] of [
  ['the client left', '41'],
  ['the server made it leave', '42["disconnect-me",false]'],
])
  both(`${what}: an ordinary new session`, on, async (t, server) => {
    const before = await connect(t, server);
    before.send('42["orders",[{"op":"emitSelf","event":"first"}]]');
    await before.next((x) => x.startsWith('42["first"'));
    before.send('40/other,');
    await before.next((x) => x.startsWith('40/other,'));
    before.send(leave).send('42/other,1["mark"]');
    await before.next('43/other,1[]');
    await isNew(t, server, before, JSON.stringify({ pid: before.pid, offset: offsetOf(before) }));
  });

both('a packet that Engine.IO does not know ends it for good: an ordinary new session', on, async (t, server) => {
  const before = await connect(t, server);
  before.send('42["orders",[{"op":"emitSelf","event":"first"}]]');
  await before.next((x) => x.startsWith('42["first"'));
  before.send('x');
  await before.closed();
  await isNew(t, server, before, JSON.stringify({ pid: before.pid, offset: offsetOf(before) }));
});

both('too late: an ordinary new session', brief, async (t, server) => {
  const before = await lost(t, server, 'late');
  await new Promise((done) => setTimeout(done, 700));
  await isNew(t, server, before, JSON.stringify({ pid: before.pid, offset: before.offset }));
});

both('off: there is no pid, and one that is sent means nothing', pair(), async (t, server) => {
  const ws = await openWebSocket(t, server);
  ws.send('40{"pid":"x","offset":"y"}');
  assert.match(await ws.next((x) => x.startsWith('40')), /^40\{"sid":"[\w-]{20}"\}$/);
});
