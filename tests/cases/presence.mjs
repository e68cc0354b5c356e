// Presence: online with the first socket, offline only when the last has been gone for the grace period.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isTime, keys } from '../harness/shape.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const GRACE_MS = 5000;
const ws = { transports: ['websocket'] };
const online = (user) => (d) => d.userId === user.id;

test('user_online: what it says, once, and not for the second device', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const watcher = await connect(t, server, a, ws);
  const begun = Date.now();
  await connect(t, server, b, ws);
  const told = await watcher.next('user_online', online(b));
  keys(told, ['userId', 'firstName', 'lastName', 'timestamp'], 'user_online');
  assert.deepEqual([told.userId, told.firstName, told.lastName], [b.id, b.first, b.last]);
  isTime(told.timestamp);
  assert.ok(Math.abs(Date.parse(told.timestamp) - begun) < 60_000);
  await connect(t, server, b, { transports: ['polling'] });
  await connect(t, server, b, ws);
  await connect(t, server, estate.admin, ws);
  await watcher.next('user_online', online(estate.admin));
  assert.equal(watcher.all('user_online', online(b)).length, 1);
});

test('user_offline: only after the last device, only after the grace period, once', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const watcher = await connect(t, server, a, ws);
  const other = await connect(t, server, c, ws);
  const phone = await connect(t, server, b, ws);
  const tablet = await connect(t, server, b, { transports: ['polling'] });
  phone.close();
  other.close(); // later than the phone: once it is told, the phone's grace is over too
  await watcher.next('user_offline', (d) => d.userId === c.id, 20_000);
  await watcher.settle();
  assert.deepEqual(watcher.all('user_offline').map((d) => d.userId), [c.id], 'one device is left');
  const users = await rest(server, a, 'GET', `/messaging/estate/${estate.id}/online-users`);
  assert.deepEqual(users.map((u) => u.user_id).sort(), [a.id, b.id].sort());
  const gone = Date.now();
  tablet.close();
  const told = await watcher.next('user_offline', online(b), 20_000);
  const after = watcher.log.find((e) => e.event === 'user_offline' && e.data.userId === b.id).at - gone;
  assert.ok(after >= GRACE_MS - 200, `after the grace period: ${after} ms`);
  keys(told, ['userId', 'timestamp'], 'user_offline');
  assert.equal(told.userId, b.id);
  isTime(told.timestamp);
  await connect(t, server, b, ws);
  await watcher.count('user_online', 2, online(b));
  assert.equal(watcher.all('user_offline', online(b)).length, 1);
});

test('a reconnect within the grace period says nothing', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const watcher = await connect(t, server, a, ws);
  const phone = await connect(t, server, b, ws);
  const control = await connect(t, server, c, ws);
  await watcher.next('user_online', online(b));
  await watcher.next('user_online', online(c));
  for (let i = 1; i <= 3; i++) {
    phone.cut();
    await until(() => phone.connects === i + 1, 'the reconnect');
  }
  control.close(); // goes later than b was away, and for good
  await watcher.next('user_offline', (d) => d.userId === c.id, 20_000);
  assert.deepEqual(watcher.all('user_offline', online(b)), []);
  assert.equal(watcher.all('user_online', online(b)).length, 1);
});

test('a reconnect on another device within the grace period says nothing', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const watcher = await connect(t, server, a, ws);
  const phone = await connect(t, server, b, ws);
  const control = await connect(t, server, c, ws);
  phone.close();
  await connect(t, server, b, { transports: ['polling'] });
  control.close();
  await watcher.next('user_offline', (d) => d.userId === c.id, 20_000);
  assert.deepEqual(watcher.all('user_offline', online(b)), []);
  assert.equal(watcher.all('user_online', online(b)).length, 1);
});

test('online-users: who is there, since when, and nobody else', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const path = `/messaging/estate/${estate.id}/online-users`;
  assert.deepEqual(await rest(server, a, 'GET', path), [], 'asking over REST is not being online');
  await connect(t, server, a, ws);
  const one = await rest(server, a, 'GET', path);
  assert.equal(one.length, 1);
  keys(one[0], ['user_id', 'first_name', 'last_name', 'role', 'profile_picture_url', 'online_since'], 'online user');
  assert.deepEqual([one[0].user_id, one[0].first_name, one[0].last_name, one[0].role, one[0].profile_picture_url], [a.id, a.first, a.last, a.role, a.picture]);
  isTime(one[0].online_since);
  const second = await connect(t, server, b, ws);
  await connect(t, server, b, ws);
  const two = await rest(server, estate.admin, 'GET', path);
  assert.deepEqual(two.map((u) => u.user_id).sort(), [a.id, b.id].sort());
  assert.equal(two.find((u) => u.user_id === a.id).online_since, one[0].online_since);
  second.close();
});

test('presence stays inside the estate', async (t) => {
  const [here, there] = [server.estate(), server.estate()];
  const watcher = await connect(t, server, here.residents[0], ws);
  const foreign = await connect(t, server, there.residents[0], ws);
  foreign.close();
  const control = await connect(t, server, here.residents[1], ws);
  control.close();
  await watcher.next('user_offline', (d) => d.userId === here.residents[1].id, 20_000);
  const named = watcher.log.filter((e) => e.event.startsWith('user_o')).map((e) => e.data.userId);
  assert.ok(!named.includes(there.residents[0].id));
});
