// The msgpack parser: each packet is one binary message, byte for byte; what else a client may send, what closes it.
import assert from 'node:assert/strict';
import * as parser from 'socket.io-msgpack-parser';
import { both, pair } from '../harness/both.mjs';
import { joined } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { BINARY, frame } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { openWebSocket } from '../harness/wire.mjs';

const servers = pair({ parser: 'msgpack' });
const encoder = new parser.Encoder();
const encode = (packet) => encoder.encode(packet)[0];

function decode(bytes) {
  let packet;
  const decoder = new parser.Decoder();
  decoder.on('decoded', (decoded) => (packet = decoded));
  decoder.add(bytes);
  return packet;
}

/** A session by hand; `say` sends a packet, `packets` are those that came. */
async function session(t, server) {
  const ws = await openWebSocket(t, server);
  ws.say = (packet) => ws.write(frame(BINARY, Buffer.isBuffer(packet) ? packet : encode(packet)));
  ws.packets = () => ws.frames.filter((f) => f.opcode === BINARY).map((f) => decode(f.payload));
  ws.hears = (match) => until(() => ws.packets().find(match), () => `a packet; got ${JSON.stringify(ws.packets().slice(-4))}`);
  return ws;
}

async function connected(t, server) {
  const ws = await session(t, server);
  ws.say({ type: 0, nsp: '/' });
  await ws.hears((p) => p.type === 0);
  return ws;
}

const answered = (ws, id) => ws.hears((p) => p.type === 3 && p.id === id);

both('CONNECT and its answer', servers, async (t, server) => {
  const ws = await session(t, server);
  ws.say({ type: 0, nsp: '/', data: { token: 'x' } });
  const answer = await ws.hears((p) => p.type === 0);
  assert.equal(answer.nsp, '/');
  assert.match(answer.data.sid, /^[\w-]{20}$/);
});

both('the CONNECT of a stock client, whose data is undefined and who has options', servers, async (t, server) => {
  const ws = await session(t, server);
  ws.say(encode({ type: 0, data: undefined, options: { compress: true }, nsp: '/' }));
  await ws.hears((p) => p.type === 0);
});

both('an unknown namespace', servers, async (t, server) => {
  const ws = await session(t, server);
  ws.say({ type: 0, nsp: '/nowhere' });
  const { nsp, data } = await ws.hears((p) => p.type === 4);
  assert.deepEqual([nsp, data], ['/nowhere', { message: 'Invalid namespace' }]);
});

both('an event and an ack, in any order of keys', servers, async (t, server) => {
  const ws = await connected(t, server);
  ws.say({ id: 7, data: ['echo', 1, 'ü😀', { a: [null, true, -1.5] }], nsp: '/', type: 2 });
  assert.deepEqual((await answered(ws, 7)).data, [1, 'ü😀', { a: [null, true, -1.5] }]);
  assert.deepEqual((await ws.hears((p) => p.type === 2)).data, ['echo', 1, 'ü😀', { a: [null, true, -1.5] }]);
});

both('bytes stand in their place', servers, async (t, server) => {
  const ws = await connected(t, server);
  ws.say({ type: 2, nsp: '/', id: 1, data: ['echo', Buffer.from([1, 2, 255]), { deep: Buffer.alloc(300, 7) }] });
  const [first, { deep }] = (await answered(ws, 1)).data;
  assert.deepEqual([[...first], deep.length, deep[299]], [[1, 2, 255], 300, 7]);
  assert.ok(ws.frames.slice(1).every((f) => f.opcode === BINARY), 'no packet of text');
});

both('DISCONNECT, and CONNECT again', servers, async (t, server) => {
  const ws = await connected(t, server);
  ws.say({ type: 0, nsp: '/other' });
  await ws.hears((p) => p.nsp === '/other');
  ws.say({ type: 1, nsp: '/' }).say({ type: 2, nsp: '/other', id: 1, data: ['mark'] });
  await answered(ws, 1);
  ws.say({ type: 0, nsp: '/' });
  await until(() => ws.packets().filter((p) => p.type === 0 && p.nsp === '/').length === 2, 'the second CONNECT');
});

both('an answer of the client', servers, async (t, server) => {
  const ws = await connected(t, server);
  ws.say({ type: 2, nsp: '/', data: ['ask', 5000] });
  const { id } = await ws.hears((p) => p.data?.[0] === 'question');
  ws.say({ type: 3, nsp: '/', id, data: ['fine', Buffer.from([9])] });
  const { data } = await ws.hears((p) => p.data?.[0] === 'answered');
  assert.deepEqual([data[1], [...data[2]]], ['fine', [9]]);
});

for (const [what, packet] of [
  ['text', null],
  ['nothing', Buffer.alloc(0)],
  ['what is no msgpack', Buffer.from([0xc1])],
  ['half a packet', encode({ type: 2, nsp: '/', data: ['echo'] }).subarray(0, 10)],
  ['no map', encode(['type', 2])],
  ['no type', { nsp: '/', data: ['echo'] }],
  ['a type that is text', { type: '2', nsp: '/', data: ['echo'] }],
  ['a type of binary', { type: 5, nsp: '/', data: ['echo'] }],
  ['a negative type', { type: -1, nsp: '/' }],
  ['no namespace', { type: 2, data: ['echo'] }],
  ['a namespace that is a number', { type: 2, nsp: 1, data: ['echo'] }],
  ['an event whose data is no array', { type: 2, nsp: '/', data: { 0: 'echo' } }],
  ['an event without data', { type: 2, nsp: '/' }],
  ['an id that is text', { type: 2, nsp: '/', id: '1', data: ['echo'] }],
  ['an id with a fraction', { type: 2, nsp: '/', id: 1.5, data: ['echo'] }],
  ['an event of another namespace', { type: 2, nsp: '/other', data: ['echo'] }],
])
  both(`closed for ${what}`, servers, async (t, server) => {
    const ws = await connected(t, server);
    if (packet === null) ws.send('42["echo"]');
    else ws.say(packet);
    assert.equal(await ws.closed(), 0);
  });

both('on polling packets are "b" and base64', servers, async (t, server) => {
  const poll = await polling(t, server);
  const say = (packet) => poll.post(`b${encode(packet).toString('base64')}`);
  const hears = (match) => poll.until((p) => p[0] === 'b' && match(decode(Buffer.from(p.slice(1), 'base64'))));
  await say({ type: 0, nsp: '/' });
  await hears((p) => p.type === 0);
  await say({ type: 2, nsp: '/', id: 3, data: ['in', 'x'] });
  await hears((p) => p.type === 3 && p.id === 3 && p.data[0] === false);
});

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']])
  both(`the stock client, ${transports}`, servers, async (t, server) => {
    const socket = await joined(t, server, { parser, transports });
    assert.deepEqual(await socket.ask('echo', 1, 'x'), [1, 'x']);
    assert.deepEqual([...Buffer.from((await socket.ask('echo', Buffer.from([1])))[0])], [1]);
    const other = await joined(t, server, { parser, namespace: '/other', manager: socket.io });
    assert.deepEqual(await other.ask('x', { a: 1 }), [{ a: 1 }]);
  });
