// Interoperation: engine.io-client alone, speaking Socket.IO by hand: what a client without the upper layer meets.
import assert from 'node:assert/strict';
import { startFeatures } from '../harness/features.mjs';
import { test, until } from '../harness/suite.mjs';
import { cuttable } from '../harness/wire_cut.mjs';

const plain = await startFeatures({ 'ping-interval': 300 });
const old = await startFeatures({ 'ping-interval': 300, eio3: 1 });

const WAYS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };
const CLIENTS = [
  { version: '6.6.8', module: 'engine.io-client', server: plain },
  { version: '3.5.6', module: 'engine.io-client-3', server: old, welcomed: true }, // joins "/" without asking
];

/** A session whose messages are kept: text as it is, binary as an array of bytes. */
async function open(t, Socket, url, transports) {
  const socket = new Socket(url, { transports, path: '/socket.io/' });
  socket.got = [];
  socket.binaryType = 'arraybuffer';
  socket.on('message', (data) => socket.got.push(typeof data === 'string' ? data : [...new Uint8Array(data)]));
  socket.on('close', (reason) => (socket.reason = reason));
  socket.on('error', () => {}); // "close" follows
  t.after(() => socket.close());
  await until(() => socket.readyState === 'open', 'the session');
  return socket;
}

async function join(socket) {
  if (!socket.welcomed) socket.send('0');
  await until(() => socket.got.length, 'the CONNECT answer');
}

const checks = {
  async 'opens, and upgrades where it may'(socket, transports) {
    await until(() => socket.transport.name === transports.at(-1), 'the transport');
  },
  async 'sends and receives text'(socket) {
    await join(socket);
    socket.send('21["echo","ü漢😀"]');
    await until(() => socket.got.includes('31["ü漢😀"]'), () => JSON.stringify(socket.got));
  },
  async 'sends and receives bytes'(socket) {
    await join(socket);
    socket.send('51-["echo",{"_placeholder":true,"num":0}]');
    socket.send(new Uint8Array([0, 4, 128, 255]).buffer);
    await until(() => socket.got.length === 3, () => JSON.stringify(socket.got));
    assert.deepEqual(socket.got.slice(1), ['51-["echo",{"_placeholder":true,"num":0}]', [0, 4, 128, 255]]);
  },
  async 'lives through heartbeats'(socket) {
    await join(socket);
    let beats = 0;
    socket.on(socket.welcomed ? 'pong' : 'ping', () => beats++); // who asks differs between the versions
    await until(() => beats >= 3, () => `heartbeats: ${beats}`);
    socket.send('22["in","x"]');
    await until(() => socket.got.includes('32[false]'), () => `${socket.reason} ${JSON.stringify(socket.got)}`);
  },
  async 'sees the server close'(socket) {
    await join(socket);
    socket.send('2["disconnect-me",true]');
    await until(() => socket.reason, 'the close');
    assert.equal(socket.reason, 'transport close');
  },
  async 'sees its connection cut'(socket, transports, wire) {
    wire.cut();
    await until(() => socket.reason, 'the close');
    assert.ok(['transport close', 'transport error'].includes(socket.reason), socket.reason);
  },
};

for (const { version, module, server, welcomed } of CLIENTS) {
  const exports = await import(module);
  const Socket = exports.Socket ?? exports.default.Socket;
  for (const [way, transports] of Object.entries(WAYS))
    for (const [name, check] of Object.entries(checks))
      test(`${version}, ${way}: ${name}`, async (t) => {
        const wire = await cuttable(server);
        const socket = await open(t, Socket, wire.url, transports);
        socket.welcomed = welcomed;
        await check(socket, transports, wire);
      });
}
