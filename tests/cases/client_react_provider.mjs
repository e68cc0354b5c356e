// The provider: one client for each person and server, whatever React does to the component; and none that is left behind.
import assert from 'node:assert/strict';
import { h, mount, probeOf, StrictMode, Storage } from '../harness/react/dom.mjs';
import { packageFile, requireOfPackage } from '../harness/react/package.mjs';
import { metricsOf } from '../harness/metrics.mjs';
import { signToken } from '../harness/jwt.mjs';
import { rest } from '../harness/rest.mjs';
import { SECRET, startServer } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 12, args: ['--presence-grace', '0'] });
const { useConnection, useVaultify, VaultifyProvider } = await import(packageFile());

const connection = () => probeOf(() => ({ ...useConnection(), client: useVaultify() }));
const isOnline = (c) => c.status === 'online';
const provider = (props, child) => h(VaultifyProvider, { url: server.url, storage: new Storage(), ...props }, child);
const onlineUsers = async (estate) => (await rest(server, estate.admin, 'GET', `/messaging/estate/${estate.id}/online-users`)).map((u) => u.user_id);

test('connects when it appears, says who is signed in, and leaves no socket when it goes', async (t) => {
  const estate = server.estate();
  const [user] = estate.residents;
  const probe = connection();
  const { unmount } = mount(t, provider({ token: user.token }, h(probe.Component)));
  await probe.until(isOnline, 'online');
  assert.equal(probe.now.me.user_id, user.id);
  assert.deepEqual(await onlineUsers(estate), [user.id]);
  unmount();
  await until(async () => (await onlineUsers(estate)).length === 0, 'the user to be offline');
  assert.equal(probe.now.client.connection.get().status, 'closed');
});

test('StrictMode: what appears, goes and appears again is connected once', async (t) => {
  const estate = server.estate();
  const probe = connection();
  const { unmount } = mount(t, h(StrictMode, null, provider({ token: estate.admin.token }, h(probe.Component))));
  await probe.until(isOnline, 'online');
  assert.deepEqual(await onlineUsers(estate), [estate.admin.id]);
  unmount();
  const [watcher] = estate.residents;
  await until(async () => (await rest(server, watcher, 'GET', `/messaging/estate/${estate.id}/online-users`)).length === 0, 'nobody online');
});

test('a token function that is another one at each render is asked, and disturbs nothing', async (t) => {
  const [user] = server.estate().residents;
  const probe = connection();
  let asked = 0;
  const element = () => provider({ token: async () => (asked++, user.token) }, h(probe.Component));
  const { render } = mount(t, element());
  await probe.until(isOnline, 'online');
  const { client } = probe.now;
  const before = asked;
  for (let i = 0; i < 5; i++) render(element());
  await until(() => probe.all.length >= 2, 'renders');
  assert.equal(probe.now.client, client);
  assert.equal(client.connection.get().status, 'online');
  assert.equal(asked, before);
});

test("a renewed token of the same person keeps the client; another person's gets one of its own", async (t) => {
  const estate = server.estate();
  const [first, second] = estate.residents;
  const probe = connection();
  const element = (token) => provider({ token }, h(probe.Component));
  const { render } = mount(t, element(first.token));
  await probe.until(isOnline, 'online');
  const { client } = probe.now;
  render(element(signToken(SECRET, { sub: first.id, jti: 'renewed' })));
  render(element(second.token));
  await probe.until((c) => isOnline(c) && c.me.user_id === second.id, 'the second person online');
  assert.notEqual(probe.now.client, client);
  assert.deepEqual(new Set(probe.all.map((c) => c.client)).size, 2, 'the renewed token made no client');
  await until(async () => (await onlineUsers(estate)).join() === second.id, 'the first person offline');
});

test('a refused token says so; a better one is tried at once', async (t) => {
  const [user] = server.estate().residents;
  const probe = connection();
  const element = (token) => provider({ token }, h(probe.Component));
  const expired = signToken(SECRET, { sub: user.id, exp: Math.floor(Date.now() / 1000) - 60 });
  const { render } = mount(t, element(expired));
  await probe.until((c) => c.status === 'refused', 'the refusal');
  assert.equal(probe.now.error.code, 'token_expired');
  render(element(user.token));
  await probe.until(isOnline, 'online');
});

test("an app's own client is used as it is, neither connected nor closed", async (t) => {
  const [user] = server.estate().residents;
  const { createClient } = await import(packageFile('core/index.js'));
  const client = createClient({ url: server.url, token: user.token, storage: null });
  t.after(() => client.close());
  const probe = connection();
  const { unmount } = mount(t, h(VaultifyProvider, { client }, h(probe.Component)));
  await probe.until((c) => c.client === client, 'the client');
  assert.equal(probe.now.status, 'closed');
  client.connect();
  await probe.until(isOnline, 'online');
  unmount();
  assert.equal(client.connection.get().status, 'online');
});

test('a hook outside of a provider says what is missing', async (t) => {
  const mounted = mount(t, h(probeOf(useVaultify).Component));
  const [error] = await until(() => mounted.complaints.length && mounted.complaints.splice(0), 'a complaint');
  assert.match(error.message, /<VaultifyProvider>/);
});

test('on a server it renders what a page begins with, and opens nothing', { alone: true }, async () => {
  const { renderToString } = requireOfPackage('react-dom/server');
  const probe = connection();
  const before = (await metricsOf(server)).value('vaultify_connections');
  assert.equal(renderToString(provider({ token: () => assert.fail('no token is asked for') }, h(probe.Component))), '');
  assert.equal(probe.now.status, 'connecting');
  assert.equal((await metricsOf(server)).value('vaultify_connections'), before);
});
