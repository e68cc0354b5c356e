// The test server of libsio (tests/server) and clients for it: plain sockets of the official client with a memory.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import { request } from './rest.mjs';
import { launch } from './server.mjs';
import { soon, until } from './suite.mjs';

const build = process.env.VAULTIFY_BUILD;
const isFile = (path) => existsSync(path) && statSync(path).isFile();
const binary = [join(build, 'features'), join(build, 'tests', 'features')].find(isFile) ?? join(build, 'features');

/** Starts it; `options` are its own, without the dashes: {threads: 4, 'ping-interval': 300}. */
export const startFeatures = (options = {}) => launch(binary, Object.entries({ threads: 4, ...options }).flatMap(([name, value]) => [`--${name}`, String(value)]));

export const stats = async (server) => (await request(server, 'GET', '/stats')).json;

export const transports = [['websocket'], ['polling'], ['polling', 'websocket']];

/** A socket of the official client; `manager` (of another one) shares its connection. */
export function client(t, server, { namespace = '/', manager, ...options } = {}) {
  const socket = manager
    ? manager.socket(namespace, options)
    : io(server.url + namespace, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100, transports: ['websocket'], ...options });
  socket.got = [];
  socket.left = [];
  socket.errors = [];
  socket.joins = 0;
  socket.on('connect', () => socket.joins++);
  socket.on('disconnect', (reason) => socket.left.push(reason));
  socket.on('connect_error', (error) => socket.errors.push(error));
  socket.onAny((event, ...args) => socket.got.push([event, ...args]));
  /** The arguments of every event of that name. */
  socket.all = (event) => socket.got.filter((g) => g[0] === event).map((g) => g.slice(1));
  socket.first = (event, match = () => true) =>
    until(() => socket.all(event).find((args) => match(...args)), () => `"${event}"; got ${JSON.stringify(socket.got.slice(-6)).slice(0, 600)}`);
  socket.ask = (event, ...args) => soon(new Promise((done) => socket.emit(event, ...args, (...answer) => done(answer))), `the ack of "${event}"`);
  socket.in = async () => {
    await until(() => socket.connected, () => `"${namespace}" to be joined; ${socket.errors.map(String)}`);
    return socket;
  };
  if (t)
    t.after(() => {
      socket.disconnect();
      if (!manager) socket.io.engine?.close();
    });
  return socket;
}

export const joined = (t, server, options) => client(t, server, options).in();

/** Someone who is told who comes and goes, in all namespaces. */
export async function watcher(t, server, options) {
  const socket = await joined(t, server, options);
  await socket.ask('join', 'watchers');
  return socket;
}

/** The reason with which the server saw a socket go. */
export const goneFor = async (watch, id) => (await watch.first('went', (_, who) => who === id))[2];
