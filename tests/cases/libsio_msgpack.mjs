// libsio: a server whose parser is msgpack, with the official `socket.io-msgpack-parser`, and what closes its clients.
import assert from 'node:assert/strict';
import notepack from 'notepack.io';
import parser from 'socket.io-msgpack-parser';
import { client as plainClient, goneFor, startFeatures, stats, transports } from '../harness/features.mjs';
import { polling, SEPARATOR } from '../harness/polling.mjs';
import { BINARY, frame, rawWebSocket } from '../harness/raw.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startFeatures({ parser: 'msgpack' });
// A slow build takes its time for so much: no upgrade is given up meanwhile.
const roomy = await startFeatures({ parser: 'msgpack', 'max-payload': 32_000_000, 'out-queue': 64_000_000, 'polling-queue': 64_000_000, 'upgrade-timeout': 600_000 });
const strict = await startFeatures({ parser: 'msgpack', pending: 4096 });

const client = (t, where, options) => plainClient(t, where, { parser, ...options });
const joined = (t, where, options) => client(t, where, options).in();
const bytes = (...all) => Buffer.from(all);
const buffers = (x) => (x instanceof Uint8Array || x instanceof ArrayBuffer ? Buffer.from(x) : Array.isArray(x) ? x.map(buffers) : x && typeof x === 'object' ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, buffers(v)])) : x);

for (const ways of transports) {
  test(`events and acks from the server, ${ways}`, async (t) => {
    const socket = await joined(t, server, { transports: ways });
    const args = [1, 'zwei', { drei: [null, true, -1.5] }, [], {}, '', 'ä€😀\u0000"\\\n'];
    assert.deepEqual(await socket.ask('echo'), []);
    assert.deepEqual(await socket.ask('echo', ...args), args);
    assert.deepEqual(socket.all('echo'), [[], args]);
    socket.emit('echo', 'without an ack');
    await socket.first('echo', (x) => x === 'without an ack');
  });

  test(`binary, nested and empty, ${ways}`, async (t) => {
    const socket = await joined(t, server, { transports: ways });
    const args = [bytes(1, 2, 3), { deep: [bytes(255), { er: bytes() }] }, Buffer.alloc(70_000, 7)];
    assert.deepEqual(buffers(await socket.ask('echo', ...args)), args);
    assert.deepEqual(buffers(socket.all('echo').at(-1)), args);
    assert.deepEqual(buffers(await socket.ask('echo', new Uint8Array([9, 8]).buffer)), [bytes(9, 8)]);
    const ten = Array.from({ length: 10 }, (_, i) => Buffer.alloc(i, i));
    assert.deepEqual(buffers(await socket.ask('echo', ...ten)), ten);
  });

  test(`acks from the client, with binary, ${ways}`, async (t) => {
    const socket = await joined(t, server, { transports: ways });
    socket.on('question', (timeout, data, done) => done({ back: data }, bytes(7)));
    socket.emit('ask', 5000, bytes(1, 2, 3));
    assert.deepEqual(buffers(await socket.first('answered')), [{ back: bytes(1, 2, 3) }, bytes(7)]);
  });

  test(`namespaces, their refusals and the disconnects, ${ways}`, async (t) => {
    const watch = await joined(t, server);
    await watch.ask('join', 'watchers');
    const main = await joined(t, server, { transports: ways });
    const other = await joined(t, server, { namespace: '/other', manager: main.io });
    assert.deepEqual(await other.ask('a', bytes(1)).then(buffers), [bytes(1)]);
    const nowhere = client(t, server, { namespace: '/nowhere', manager: main.io });
    await until(() => nowhere.errors.length, 'the refusal');
    assert.equal(nowhere.errors[0].message, 'Invalid namespace');
    const gate = client(t, server, { namespace: '/gate', auth: { refuse: 'not you', data: { code: 7, why: ['a', null] } }, transports: ways });
    await until(() => gate.errors.length, 'the refusal');
    assert.equal(gate.errors[0].message, 'not you');
    assert.deepEqual(gate.errors[0].data, { code: 7, why: ['a', null] });
    gate.auth = { decide: 'later' };
    await gate.connect().in();
    const ids = [main.id, other.id];
    other.disconnect();
    assert.equal(await goneFor(watch, ids[1]), 'client namespace disconnect');
    main.emit('disconnect-me', false);
    await until(() => main.left.length, 'the disconnect');
    assert.deepEqual(main.left, ['io server disconnect']);
    assert.equal(await goneFor(watch, ids[0]), 'server namespace disconnect');
    await main.connect().in();
  });

  test(`a large payload, ${ways}`, async (t) => {
    const socket = await joined(t, roomy, { transports: ways });
    const [size, items] = [2_000_000, 70_000];
    const args = ['é'.repeat(size / 2), Buffer.alloc(size, 3), Array.from({ length: items }, (_, i) => ({ i }))];
    const [text, data, list] = buffers(await socket.ask('echo', ...args));
    assert.ok(text === args[0]);
    assert.ok(data.equals(args[1]));
    assert.deepEqual([list.length, list[items - 1]], [items, { i: items - 1 }]);
  });
}

test('what the client sends before the decision is kept, binary too', async (t) => {
  const socket = client(t, server, { namespace: '/gate', auth: { decide: 'later' } });
  await until(() => socket.io.engine?.readyState === 'open', 'the connection');
  const packet = (p) => socket.io.engine.write(notepack.encode({ nsp: '/gate', ...p }));
  await until(() => socket.io._readyState === 'open', 'the manager');
  packet({ type: 2, data: ['early', bytes(1, 2), { n: 1 }] });
  packet({ type: 2, data: ['late', bytes(3)] });
  await socket.in();
  assert.deepEqual(buffers(await socket.first('late')), [bytes(3)]);
  assert.deepEqual(buffers(socket.all('early')), [[bytes(1, 2), { n: 1 }]]);
});

test('what JSON cannot say becomes what JSON.stringify makes of it', async (t) => {
  const socket = await joined(t, server);
  const date = new Date('2026-01-02T03:04:05.678Z');
  const args = [undefined, { here: 1, gone: undefined, at: date }, date, new Date(NaN), NaN, -Infinity, -0, 0.1, 1.5e-7, 5e-324, new Date(8.64e15), new Date(-8.64e15), { toJSON: () => 'mine' }];
  const answer = await socket.ask('echo', ...args);
  // notepack writes the time of an invalid date as 0.
  assert.deepEqual(answer, JSON.parse(JSON.stringify(args)).map((x, i) => (i === 3 ? new Date(0).toJSON() : x)));
});

test('integers up to those of JavaScript', async (t) => {
  const socket = await joined(t, server);
  const edges = [0, 5, 7, 8, 15, 16, 31, 32, 33, 52, 53].flatMap((e) => [2 ** e - 1, 2 ** e, -(2 ** e), -(2 ** e) - 1]);
  assert.deepEqual(await socket.ask('echo', ...edges), edges);
});

test('an object that looks like a placeholder is an object', async (t) => {
  const socket = await joined(t, server);
  const own = { _placeholder: true, num: 0 };
  assert.deepEqual(await socket.ask('echo', own, [own]), [own, [own]]);
  assert.deepEqual(buffers(await socket.ask('echo', { _placeholder: false, num: 0 }, bytes(1))), [{ _placeholder: false, num: 0 }, bytes(1)]);
});

test('a broadcast reaches the room, each receiver once', async (t) => {
  const sockets = await Promise.all(Array.from({ length: 9 }, (_, i) => joined(t, server, { transports: transports[i % 3] })));
  const sender = await joined(t, server);
  await Promise.all(sockets.map((s, i) => s.ask('join', i % 2 ? 'msgpack odd' : 'msgpack even')));
  await sender.ask('orders', [
    { op: 'emit', rooms: ['msgpack even'], event: 'even' },
    { op: 'emit', rooms: ['msgpack even', 'msgpack odd'], except: [sockets[0].id], event: 'all but one' },
    { op: 'emit', rooms: ['msgpack even', 'msgpack odd'], event: 'end' },
  ]);
  await Promise.all(sockets.map((s) => s.first('end')));
  assert.deepEqual(sockets.map((s) => s.all('even').length), sockets.map((_, i) => Number(i % 2 === 0)));
  assert.deepEqual(sockets.map((s) => s.all('all but one').length), sockets.map((_, i) => Number(i !== 0)));
});

test('nothing is lost, doubled or disordered across an upgrade', async (t) => {
  const socket = await joined(t, server, { transports: ['polling', 'websocket'] });
  socket.emit('stream', 200);
  for (let i = 0; i < 200; i++) socket.emit('up', i);
  assert.deepEqual(await socket.ask('up-total'), [200, 0]);
  await until(() => socket.all('down').length === 200, 'the stream');
  assert.deepEqual(socket.all('down').map(([n]) => n), Array.from({ length: 200 }, (_, i) => i));
});

// ---- by hand ----

const opened = async (t, where = server) => {
  const ws = rawWebSocket(t, where);
  await ws.next((x) => x.startsWith('0{'));
  ws.packet = (value) => ws.write(frame(BINARY, Buffer.isBuffer(value) ? value : notepack.encode(value)));
  ws.packets = () => ws.frames.filter((f) => f.opcode === BINARY).map((f) => notepack.decode(f.payload));
  ws.nextPacket = (match) => until(() => ws.packets().find(match), () => `a packet; got ${JSON.stringify(ws.packets())}`);
  return ws;
};
const entered = async (t, where) => {
  const ws = await opened(t, where);
  ws.packet({ type: 0, nsp: '/' });
  await ws.nextPacket((p) => p.type === 0);
  return ws;
};

test('each packet is one binary message, whatever the order of its members', async (t) => {
  const ws = await entered(t);
  ws.packet({ id: 3, options: { compress: true, more: [bytes(1)] }, data: ['echo', bytes(1)], nsp: '/', type: 2 });
  const { nsp, data } = await ws.nextPacket((p) => p.type === 3 && p.id === 3);
  assert.deepEqual([nsp, data], ['/', [bytes(1)]]);
  assert.deepEqual(Object.keys(ws.packets()[0].data), ['sid']);
  assert.equal(ws.texts.length, 1);
});

test('the forms that the official client never sends', async (t) => {
  const ws = await entered(t);
  const raw = Buffer.from('df00000004' + 'd90474797065' + 'd30000000000000002' + 'da00036e7370' + 'db000000012f' + 'a26964' + 'cb4008000000000000' + 'a464617461', 'hex');
  ws.packet(Buffer.concat([raw, Buffer.from('dd00000005' + 'a46563686f' + 'ca3f000000' + 'c600000001ee' + 'd6ff01020304' + '8201c3ffc2', 'hex')]));
  const { data } = await ws.nextPacket((p) => p.type === 3 && p.id === 3);
  assert.deepEqual(data, [0.5, bytes(0xee), [-1, bytes(1, 2, 3, 4)], { 1: true, '-1': false }]);
});

const event = (data, more) => ({ type: 2, nsp: '/', data, ...more });
const hostile = {
  'nothing at all': Buffer.alloc(0),
  'JSON': Buffer.from('2["echo"]'),
  'no map': ['echo'],
  'an empty map': {},
  'bytes behind it': Buffer.concat([notepack.encode(event(['echo'])), bytes(0)]),
  'cut short': notepack.encode(event(['echo', 'x'])).subarray(0, -1),
  'the reserved byte': Buffer.concat([notepack.encode(event(['echo'])).subarray(0, -5), bytes(0xc1)]),
  'an unknown type': event(['echo'], { type: 5 }),
  'a negative type': event(['echo'], { type: -1 }),
  'a type that is text': event(['echo'], { type: '2' }),
  'the type of a binary event': event(['echo', bytes(1)], { type: 6 }),
  'CONNECT_ERROR': { type: 4, nsp: '/', data: { message: 'no' } },
  'no namespace': { type: 2, data: ['echo'] },
  'a namespace that is a number': event(['echo'], { nsp: 1 }),
  'a namespace without its slash': event(['echo'], { nsp: 'other' }),
  'a namespace that was not joined': event(['echo'], { nsp: '/other' }),
  'CONNECT twice': { type: 0, nsp: '/' },
  'CONNECT with a list': { type: 0, nsp: '/other', data: [] },
  'CONNECT with null': { type: 0, nsp: '/other', data: null },
  'CONNECT with binary': { type: 0, nsp: '/other', data: { token: bytes(1) } },
  'DISCONNECT with data': { type: 1, nsp: '/', data: {} },
  'an event without data': { type: 2, nsp: '/' },
  'an event that is an object': event({ 0: 'echo' }),
  'an event without a name': event([]),
  'an event whose name is null': event([null]),
  'an event whose name is binary': event([bytes(1)]),
  'a reserved name': event(['disconnect']),
  'an ack without data': { type: 3, nsp: '/', id: 1 },
  'an id that is text': event(['echo'], { id: '1' }),
  'an id that is null': event(['echo'], { id: null }),
  'an id with a fraction': event(['echo'], { id: 1.5 }),
  'a negative id': event(['echo'], { id: -1 }),
  'eleven attachments': event(['echo', ...Array.from({ length: 11 }, () => bytes(1))]),
  'an imitated placeholder beside an attachment': event(['echo', { _placeholder: true, num: 0 }, bytes(1)]),
  'a string that is not UTF-8': Buffer.concat([notepack.encode(event(['echo', 'x'])).subarray(0, -2), Buffer.from('a1ff', 'hex')]),
  'nested too deep': Buffer.concat([notepack.encode(event(['echo', 1])).subarray(0, -1), Buffer.alloc(4096, 0x91), bytes(1)]),
  'a length that lies': Buffer.from('83a474797065' + '02' + 'a36e7370a12f' + 'a464617461' + 'ddffffffff' + 'a46563686f', 'hex'),
  'a text that lies': Buffer.from('83a474797065' + '02' + 'a36e7370a12f' + 'a464617461' + '92a46563686f' + 'dbffffffff' + '61', 'hex'),
};

for (const [what, packet] of Object.entries(hostile))
  test(`closes: ${what}`, async (t) => {
    const ws = await entered(t);
    ws.packet(packet);
    await ws.closed();
    assert.equal(ws.packets().filter((p) => p.type === 2).length, 0);
  });

test('closes: a text packet, also before the first namespace', async (t) => {
  const [ws, early] = [await entered(t), await opened(t)];
  ws.send('42["echo"]');
  early.send('40');
  await ws.closed();
  await early.closed();
});

test('closes: more than may wait for a decision', async (t) => {
  const before = (await stats(strict)).refused;
  const ws = await opened(t, strict);
  ws.packet({ type: 0, nsp: '/gate', data: { decide: 'hold', key: 'for ever' } });
  for (let i = 0; i < 10; i++) ws.packet({ type: 2, nsp: '/gate', data: ['early', Buffer.alloc(1000)] });
  await ws.closed();
  assert.ok((await stats(strict)).refused > before);
});

test('over polling a packet is base64, and a text closes', async (t) => {
  const session = await polling(t, server);
  const encoded = (value) => `b${notepack.encode(value).toString('base64')}`;
  const decoded = (packet) => packet[0] === 'b' && notepack.decode(Buffer.from(packet.slice(1), 'base64'));
  await session.post([encoded({ type: 0, nsp: '/', data: undefined }), encoded(event(['echo', bytes(5)], { id: 1 }))].join(SEPARATOR));
  const ack = await session.until((p) => decoded(p)?.type === 3);
  assert.deepEqual(decoded(ack).data, [bytes(5)]);
  await session.post('42["echo"]');
  await until(async () => (await session.get()).status === 400, 'the session to be gone');
});

test('a client of the other parser gets nowhere', async (t) => {
  const socket = plainClient(t, server, { reconnection: false });
  await until(() => socket.io.engine?.readyState === 'closed', 'its end');
  assert.equal(socket.joins, 0);
});
