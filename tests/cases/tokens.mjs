// The token on a living socket: it runs out, it is renewed, its user is suspended or moved.
import assert from 'node:assert/strict';
import { Client, connect } from '../harness/client.mjs';
import { uuid, userRecord } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { groupOf, request, rest } from '../harness/rest.mjs';
import { importRecords, SECRET, startServer } from '../harness/server.mjs';
import { isErrorEvent, isRestError } from '../harness/shape.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });

for (const transports of [['websocket'], ['polling']]) {
  test(`a token runs out on a living socket, ${transports}: told, closed, and back with a new one`, async (t) => {
    const estate = server.estate();
    const user = estate.residents[0];
    const watcher = await connect(t, server, estate.residents[1], { transports: ['websocket'] });
    const lifetimes = [4, 3600];
    const asked = [];
    const client = new Client(server, user, {
      transports,
      auth: (give) => {
        const lifetimeS = lifetimes[Math.min(asked.length, 1)];
        asked.push(Date.now());
        give({ token: signToken(SECRET, { sub: user.id, lifetimeS }) });
      },
    });
    t.after(() => client.close());
    await client.connected();
    const error = await client.next('error', undefined, 20_000);
    isErrorEvent(error, 'token_expired');
    const lived = client.log.find((e) => e.event === 'error').at - asked[0];
    assert.ok(lived >= 2500, `not before its time: ${lived} ms`);
    await until(() => client.connects === 2, 'the client to come back by itself', 20_000);
    assert.equal(client.all('error').length, 1);
    assert.equal(asked.length, 2);
    const group = await groupOf(server, user);
    await client.must('send_message', { conversationId: group, content: 'here again' });
    await watcher.next('new_message');
    assert.deepEqual(watcher.all('user_offline'), [], 'nobody noticed');
  });
}

test('a client that only has the old token is refused with token_expired', async (t) => {
  const user = server.estate().residents[0];
  const client = await connect(t, server, user, { token: signToken(SECRET, { sub: user.id, lifetimeS: 3 }), transports: ['websocket'] });
  await until(() => client.disconnects.length === 1, 'the close', 20_000);
  const error = await until(() => client.connectErrors[0], 'the refusal', 20_000);
  assert.equal(error.data?.code, 'token_expired');
  assert.equal(client.connects, 1);
});

test('an expired token closes its own socket alone', async (t) => {
  const user = server.estate().residents[0];
  const long = await connect(t, server, user, { transports: ['websocket'] });
  const short = await connect(t, server, user, { token: signToken(SECRET, { sub: user.id, lifetimeS: 3 }), transports: ['websocket'] });
  await until(() => short.disconnects.length === 1, 'the close', 20_000);
  await long.settle();
  assert.deepEqual(long.disconnects, []);
  assert.deepEqual(long.all('error'), []);
});

test('a user suspended while connected: all sockets end, REST too', async (t) => {
  const estate = server.estate();
  const [user, other] = estate.residents;
  const phone = await connect(t, server, user, { transports: ['websocket'] });
  const tablet = await connect(t, server, user, { transports: ['polling'] });
  const watcher = await connect(t, server, other, { transports: ['websocket'] });
  const group = await groupOf(server, user);
  const done = await importRecords(server.data, [userRecord({ ...user, status: 'suspended' })]);
  assert.equal(done.code, 0, done.stderr);
  for (const client of [phone, tablet]) {
    await until(() => client.disconnects.length >= 1, 'the close');
    const error = await until(() => client.connectErrors[0] ?? (client.disconnects[0] === 'io server disconnect' && { data: { code: 'user_inactive' } }), 'the refusal');
    assert.equal(error.data?.code, 'user_inactive');
    assert.equal(client.connects, 1);
  }
  isRestError(await request(server, 'GET', '/messaging/conversations', { token: user.token }), 403, { code: 'user_inactive' });
  await watcher.must('send_message', { conversationId: group, content: 'without you' });
  assert.deepEqual(phone.all('new_message'), []);
  assert.deepEqual(tablet.all('new_message'), []);
  await watcher.next('user_offline', (d) => d.userId === user.id, 20_000);
  const back = await importRecords(server.data, [userRecord(user)]);
  assert.equal(back.code, 0, back.stderr);
  await connect(t, server, user, { transports: ['websocket'] });
});

test('a role changed while connected counts at once', async (t) => {
  const estate = server.estate();
  const user = estate.residents[0];
  const client = await connect(t, server, user, { transports: ['websocket'] });
  assert.equal((await client.ask('estate_broadcast', { message: 'x' })).error?.code, 'forbidden');
  assert.equal((await importRecords(server.data, [userRecord({ ...user, role: 'Admin' })])).code, 0);
  await until(() => client.socket.connected, 'the socket');
  await client.must('estate_broadcast', { message: 'now I may' });
  assert.equal((await importRecords(server.data, [userRecord(user)])).code, 0);
  await until(() => client.socket.connected, 'the socket');
  assert.equal((await client.ask('estate_broadcast', { message: 'x' })).error?.code, 'forbidden');
});

test('a new resident imported while everybody is connected is in the group at once', async (t) => {
  const estate = server.estate();
  const watcher = await connect(t, server, estate.residents[0], { transports: ['websocket'] });
  const group = await groupOf(server, estate.residents[0]);
  const user = { ...estate.residents[1], id: uuid(), first: 'New', last: 'Comer' };
  user.email = `${user.id}@example.org`;
  user.token = signToken(SECRET, { sub: user.id });
  assert.equal((await importRecords(server.data, [userRecord(user)])).code, 0);
  const client = await connect(t, server, user, { transports: ['websocket'] });
  await watcher.must('send_message', { conversationId: group, content: 'welcome' });
  await client.next('new_message', (d) => d.message.content === 'welcome');
  const got = await rest(server, user, 'GET', `/messaging/estate/${estate.id}/group`);
  assert.ok(got.participants.some((p) => p.user_id === user.id));
});

test('a user moved to another estate leaves the first one behind', async (t) => {
  const [from, to] = [server.estate(), server.estate()];
  const user = from.residents[0];
  const client = await connect(t, server, user, { transports: ['websocket'] });
  const watcher = await connect(t, server, from.residents[1], { transports: ['websocket'] });
  const group = await groupOf(server, from.admin);
  assert.equal((await importRecords(server.data, [userRecord({ ...user, estateId: to.id })])).code, 0);
  await until(() => client.connects >= 2 || client.disconnects.length >= 1, 'the sockets to end');
  const again = client.connects >= 2 ? client : await connect(t, server, { ...user, estateId: to.id }, { transports: ['websocket'] });
  await until(() => again.socket.connected, 'the client to be back');
  await watcher.must('send_message', { conversationId: group, content: 'he is gone' });
  assert.equal((await again.ask('join_estate_group', { estateId: from.id })).error?.code, 'forbidden');
  await again.must('join_estate_group', { estateId: to.id });
  assert.deepEqual(again.all('new_message', (d) => d.message.content === 'he is gone'), []);
  isRestError(await request(server, 'GET', `/messaging/estate/${from.id}/group`, { token: user.token }), 403, { code: 'forbidden' });
  isRestError(await request(server, 'GET', `/messaging/conversations/${group}/messages`, { token: user.token }), 404, { code: 'conversation_not_found' });
});
