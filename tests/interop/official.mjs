// Interoperation: the official clients of every major version that is in use, on each transport.
import assert from 'node:assert/strict';
import { startFeatures } from '../harness/features.mjs';
import { test, soon, until } from '../harness/suite.mjs';
import { cuttable } from '../harness/wire_cut.mjs';

const plain = await startFeatures();
const old = await startFeatures({ eio3: 1 });

const WAYS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };
const CLIENTS = [
  { version: '4.8.4', module: 'socket.io-client', server: plain },
  { version: '4.4.1', module: 'socket.io-client-4.4', server: plain },
  { version: '4.0.0', module: 'socket.io-client-4.0', server: plain },
  { version: '3.1.3', module: 'socket.io-client-3', server: plain },
  { version: '2.5.0', module: 'socket.io-client-2', server: old },
];

/** A socket that remembers what came; old clients have no onAny. */
function open(t, io, url, transports) {
  const socket = io(url, { forceNew: true, transports, reconnectionDelay: 50, reconnectionDelayMax: 100, timeout: 5000 });
  socket.got = {};
  socket.errors = [];
  socket.joins = 0;
  socket.on('connect', () => socket.joins++);
  socket.on('disconnect', (reason) => (socket.left = reason));
  for (const name of ['connect_error', 'error']) socket.on(name, (error) => socket.errors.push(error));
  for (const name of ['echo', 'answered']) socket.on(name, (...args) => (socket.got[name] ??= []).push(args));
  t.after(() => socket.close());
  return socket;
}

const ask = (socket, ...args) => soon(new Promise((done) => socket.emit(...args, (...answer) => done(answer))), `the ack of ${args[0]}`);

const checks = {
  async 'connects, and upgrades where it may'(socket, transports) {
    await until(() => socket.joins === 1, 'the connect');
    await until(() => socket.io.engine.transport.name === transports.at(-1), 'the transport');
  },
  async text(socket) {
    socket.emit('echo', 'ü漢😀', { a: [1, null, true] });
    await until(() => socket.got.echo, 'the echo');
    assert.deepEqual(socket.got.echo, [['ü漢😀', { a: [1, null, true] }]]);
  },
  async binary(socket) {
    const bytes = Buffer.from([0, 1, 4, 127, 128, 255]);
    socket.emit('echo', bytes, { deep: [bytes] });
    await until(() => socket.got.echo, 'the echo');
    const [first, { deep }] = socket.got.echo[0];
    assert.deepEqual([Buffer.from(first), Buffer.from(deep[0])], [bytes, bytes]);
  },
  async 'is acknowledged'(socket) {
    assert.deepEqual(await ask(socket, 'echo', 'a', 2), ['a', 2]);
    assert.deepEqual(Buffer.from((await ask(socket, 'echo', Buffer.from([7])))[0]), Buffer.from([7]));
  },
  async 'acknowledges, with bytes'(socket) {
    socket.on('question', (...args) => args.at(-1)('the answer', Buffer.from([1, 2])));
    socket.emit('ask', 5000);
    await until(() => socket.got.answered, 'the answer');
    const [text, bytes] = socket.got.answered[0];
    assert.deepEqual([text, Buffer.from(bytes)], ['the answer', Buffer.from([1, 2])]);
  },
  async 'is refused by a namespace that there is not'(socket, transports, { t, io, wire }) {
    const other = open(t, io, `${wire.url}/nowhere`, transports);
    await until(() => other.errors.length, 'the refusal');
    assert.match(JSON.stringify(other.errors[0]?.message ?? other.errors[0]), /Invalid namespace/);
    assert.equal(other.joins, 0);
  },
  async 'comes back when its connection is cut'(socket, transports, { wire }) {
    wire.cut();
    await until(() => socket.left, 'the client to see it');
    wire.mend();
    await until(() => socket.joins === 2, 'the second connect');
    assert.deepEqual(await ask(socket, 'echo', 'again'), ['again']);
  },
};

for (const { version, module, server } of CLIENTS) {
  const exports = await import(module);
  const io = exports.io ?? exports.default;
  for (const [way, transports] of Object.entries(WAYS))
    for (const [name, check] of Object.entries(checks))
      test(`${version}, ${way}: ${name}`, async (t) => {
        const wire = await cuttable(server);
        const socket = open(t, io, wire.url, transports);
        await until(() => socket.joins, 'the connect');
        await check(socket, transports, { t, io, wire });
      });
}
