// The client's connection: what it says of itself is true, tokens are renewed, refusals end the trying, and it comes back.
import assert from 'node:assert/strict';
import { cut, is, makeClient, openClient, status } from '../harness/client_core.mjs';
import { cuttable } from '../harness/wire_cut.mjs';
import { userRecord } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { makeDirect } from '../harness/rest.mjs';
import { importRecords, SECRET, startServer } from '../harness/server.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 20, residents: 4 });

const fresh = (user, lifetimeS = 3600) => signToken(SECRET, { sub: user.id, lifetimeS });
const history = (t, client) => {
  const seen = [status(client)];
  t.after(client.connection.subscribe(() => seen.at(-1) !== status(client) && seen.push(status(client))));
  return seen;
};

test('closed, connecting, syncing, online; reconnecting after a cut, closed in the end', async (t) => {
  const [a] = server.estate().residents;
  const client = makeClient(t, server, a);
  const seen = history(t, client);
  client.connect();
  await is(client, 'online');
  assert.equal(client.connection.get().me.user_id, a.id);
  assert.equal(client.connection.get().me.first_name, a.first);
  cut(client);
  await until(() => seen.length > 5 && status(client) === 'online', () => `online again: ${seen}`);
  client.close();
  await until(() => seen.at(-1) === 'closed', 'the end to be told');
  assert.deepEqual(seen, ['closed', 'connecting', 'syncing', 'online', 'reconnecting', 'syncing', 'online', 'closed']);
});

test('a client that was closed connects again, with what it had', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const client = await openClient(t, server, a);
  client.close();
  const { conversations } = client.conversations.get();
  assert.ok(conversations.some((c) => c.id === id));
  client.connect();
  await is(client, 'online');
});

test('no server: reconnecting, with the reason; and online as soon as there is one', async (t) => {
  const [a] = server.estate().residents;
  const wire = await cuttable(server);
  wire.cut();
  const client = makeClient(t, wire, a);
  client.connect();
  await is(client, 'reconnecting');
  assert.equal(client.connection.get().error.code, 'network');
  wire.mend();
  await is(client, 'online');
  assert.equal(client.connection.get().error, null);
});

test('a token that is a string and not good is refused, and nothing is tried again by itself', async (t) => {
  const estate = server.estate();
  const [a] = estate.residents;
  const rows = [
    ['', 'token_missing'],
    ['nonsense', 'token_invalid'],
    [fresh(a, -60), 'token_expired'],
    [signToken(SECRET, { sub: '00000000-0000-4000-8000-000000000000' }), 'user_unknown'],
    [fresh(estate.suspended), 'user_inactive'],
  ];
  for (const [token, code] of rows) {
    const client = makeClient(t, server, a, { token });
    const seen = history(t, client);
    client.connect();
    await is(client, 'refused');
    assert.equal(client.connection.get().error.code, code);
    await sleep(300);
    assert.deepEqual(seen, ['closed', 'connecting', 'refused'], code);
  }
});

test('a function is asked for one more token when the first is refused, and for no third one', async (t) => {
  const [a] = server.estate().residents;
  const good = ['nonsense', a.token];
  const client = makeClient(t, server, a, { token: () => good.shift() ?? a.token });
  client.connect();
  await is(client, 'online');

  let asked = 0;
  const never = makeClient(t, server, a, { token: async () => `nonsense ${++asked}` });
  never.connect();
  await is(never, 'refused');
  await sleep(300);
  assert.ok(asked <= 3, `asked ${asked} times`);
  never.retry();
  await until(() => asked > 3, 'retry to ask again');
});

test('a function that fails is asked again', async (t) => {
  const [a] = server.estate().residents;
  let asked = 0;
  const client = makeClient(t, server, a, {
    token: () => {
      if (++asked < 3) throw new Error('the identity server is down');
      return a.token;
    },
  });
  client.connect();
  await is(client, 'online');
  assert.equal(asked, 3);
});

test('a token of somebody else is not taken: nothing of the one is shown to the other', async (t) => {
  const [a, b] = server.estate().residents;
  let token = a.token;
  const client = await openClient(t, server, a, { token: () => token });
  token = b.token;
  cut(client);
  await is(client, 'refused');
  assert.equal(client.connection.get().error.code, 'wrong_user');
});

test('when the token expires a fresh one is fetched, and the connection is back without a pause', async (t) => {
  const [a] = server.estate().residents;
  let asked = 0;
  const client = await openClient(t, server, a, { token: () => (asked++, fresh(a, asked === 1 ? 2 : 3600)) });
  const seen = history(t, client);
  await until(() => asked === 2 && status(client) === 'online' && seen.length > 2, () => `the second token: ${seen}`, 20_000);
  assert.deepEqual(seen, ['online', 'reconnecting', 'syncing', 'online']);
});

test('a token that expires and cannot be renewed is refused', async (t) => {
  const [a] = server.estate().residents;
  const client = await openClient(t, server, a, { token: fresh(a, 2) });
  await is(client, 'refused');
  assert.equal(client.connection.get().error.code, 'token_expired');
});

test('a REST request that is refused with 401 goes again once with a fresh token', async (t) => {
  const [a] = server.estate().residents;
  let asked = 0;
  const client = makeClient(t, server, a, { token: () => (asked++ === 0 ? fresh(a, -60) : a.token) });
  const page = await client.rest.request('GET /messaging/conversations', { query: { limit: 1 } });
  assert.equal(page.page, 1);
  assert.equal(asked, 2);
  const refused = makeClient(t, server, a, { token: fresh(a, -60) });
  await assert.rejects(refused.rest.request('GET /messaging/conversations'), { code: 'token_expired', status: 401 });
});

test('REST errors say what the server says, and a network that fails is tried once more only where that is safe', async (t) => {
  const [a, b] = server.estate().residents;
  const tries = [];
  const failing = (url, init) => (tries.push(`${init.method} ${new URL(url).pathname}`), Promise.reject(new TypeError('fetch failed')));
  const client = makeClient(t, server, a, { fetch: failing });
  await assert.rejects(client.rest.request('GET /messaging/conversations'), { code: 'network', status: 0 });
  assert.equal(tries.length, 2);
  await assert.rejects(client.createDirect(b.id), { code: 'network' });
  assert.equal(tries.length, 3);
  const real = makeClient(t, server, a);
  await assert.rejects(real.rest.request('GET /messaging/conversations/:id', { params: { id: b.id } }), { code: 'conversation_not_found', status: 404 });
  await assert.rejects(real.rest.request('GET /messaging/conversations/:id'), { code: 'invalid_payload' });
});

test('who is suspended is refused, also later', async (t) => {
  const [a] = server.estate().residents;
  const client = await openClient(t, server, a);
  await importRecords(server.data, [userRecord({ ...a, status: 'suspended' })]);
  await is(client, 'refused');
  assert.equal(client.connection.get().error.code, 'user_inactive');
});

test('the device says that it has no network, and then that it has', { alone: true }, async (t) => {
  const [a] = server.estate().residents;
  const listeners = new Map();
  globalThis.addEventListener = (name, listener) => listeners.set(name, listener);
  globalThis.removeEventListener = () => {};
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const state = { onLine: true };
  Object.defineProperty(globalThis, 'navigator', { value: state, configurable: true });
  t.after(() => (before ? Object.defineProperty(globalThis, 'navigator', before) : delete globalThis.navigator));
  const wire = await cuttable(server);
  const client = await openClient(t, wire, a);
  state.onLine = false;
  wire.cut();
  listeners.get('offline')();
  assert.equal(status(client), 'offline');
  state.onLine = true;
  wire.mend();
  listeners.get('online')();
  await is(client, 'online');
});

test('a listener that throws keeps nobody else from hearing', async (t) => {
  const [a] = server.estate().residents;
  const client = makeClient(t, server, a);
  const thrown = [];
  const hear = (error) => thrown.push(error);
  process.prependListener('uncaughtException', hear);
  t.after(() => process.removeListener('uncaughtException', hear));
  let heard = 0;
  client.connection.subscribe(() => {
    throw new Error('of the app');
  });
  client.connection.subscribe(() => heard++);
  client.connect();
  await is(client, 'online');
  client.close();
  await until(() => heard >= 4 && thrown.length === heard, 'the end to be told');
});
