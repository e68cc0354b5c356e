// The package's client without React, against a real server; each is closed when its test ends, and watched meanwhile.
import assert from 'node:assert/strict';
import { packageFile } from './react/package.mjs';
import { Storage } from './storage.mjs';
import { until } from './suite.mjs';

export { Storage };

export const { createClient, VaultifyRequestError } = await import(packageFile('core/index.js'));

const QUICK = { reconnectionDelay: 20, reconnectionDelayMax: 200 };

export function makeClient(t, server, user, { socketOptions, ...options } = {}) {
  const client = createClient({ url: server.url, token: user.token, storage: new Storage(), socketOptions: { ...QUICK, ...socketOptions }, ...options });
  t.after(() => client.close());
  return client;
}

export const status = (client) => client.connection.get().status;
export const is = (client, wanted) => until(() => status(client) === wanted, () => `${wanted}; it is ${JSON.stringify(client.connection.get())}`, 20_000);

/** A client that is online. */
export async function openClient(t, server, user, options) {
  const client = makeClient(t, server, user, options);
  client.connect();
  await is(client, 'online');
  return client;
}

/** The end of a connection that nobody announced. It comes back by itself. */
export const cut = (client) => client.link.socket.io.engine?.close();

/** Events for which `drop` says so never arrive, as if the line had swallowed them. */
export function deafen(client, drop) {
  const { owner } = client.link;
  const heard = owner.heard;
  owner.heard = (event, payload) => drop(event, payload) || heard(event, payload);
}

/** A watched thread, each of whose snapshots must keep the promise: by seq, without gaps, nothing twice, what waits at the end. */
export function watchThread(t, client, conversationId) {
  const thread = client.thread(conversationId);
  const faults = [];
  const look = () => {
    const fault = faultOf(thread.get().messages);
    if (fault) faults.push(fault);
  };
  t.after(thread.subscribe(look));
  look();
  return {
    get: thread.get,
    get messages() {
      return thread.get().messages;
    },
    texts: () => thread.get().messages.map((m) => m.content),
    until: (condition, what, ms) => until(() => condition(thread.get()), () => `${what}: ${JSON.stringify(thread.get()).slice(-1500)}`, ms),
    ready: () => until(() => thread.get().status === 'ready', () => `the thread to be ready: ${JSON.stringify(thread.get()).slice(0, 800)}`, 20_000),
    check: () => assert.deepEqual(faults, []),
  };
}

function faultOf(messages) {
  const keys = new Set();
  let seq = null;
  let waits = false;
  for (const m of messages) {
    if (keys.has(m.key)) return `${m.key} twice`;
    keys.add(m.key);
    if (m.seq === null) waits = true;
    else if (waits) return `${m.seq} behind what waits`;
    else if (seq !== null && m.seq !== seq + 1) return `${m.seq} behind ${seq}`;
    else seq = m.seq;
  }
  return null;
}
