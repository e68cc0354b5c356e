// --demo: whom one can try it as, what they have said already, and that none of it exists without the flag.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { request, rest } from '../harness/rest.mjs';
import { startServer, temporaryFolder } from '../harness/server.mjs';
import { has, isUuid } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const server = await startServer({ args: ['--demo'] });
const people = async (of = server) => (await request(of, 'GET', '/demo/users')).json.data;
const users = (await people()).map((person) => ({ ...person, id: person.user_id, estateId: person.estate_id }));
const named = (name) => users.find((user) => user.first_name === name);
const talks = async (user, of = server) => (await rest(of, user, 'GET', '/messaging/conversations?limit=100')).data;
const messages = async (user, conversation, of = server) => (await rest(of, user, 'GET', `/messaging/conversations/${conversation.conversation_id}/messages?after_seq=0&limit=100`)).data;

test('everybody is there with a token that works', async (t) => {
  assert.equal(users.length, 10);
  for (const user of users) {
    has(user, ['user_id', 'first_name', 'last_name', 'role', 'estate_id', 'estate_name', 'token'], 'demo user');
    isUuid(user.user_id);
    const me = await rest(server, user, 'GET', '/messaging/me');
    for (const field of ['user_id', 'first_name', 'last_name', 'role', 'estate_id', 'estate_name']) assert.equal(me[field], user[field], field);
    const { sub, exp } = JSON.parse(Buffer.from(user.token.split('.')[1], 'base64url'));
    assert.equal(sub, user.user_id);
    assert.ok(exp * 1000 > Date.now() + DAY_MS - 60_000 && exp * 1000 <= Date.now() + DAY_MS + 60_000, 'for a day');
  }
  const socket = await connect(t, server, users[0]);
  assert.ok(socket.connected);
});

test('the list is for nobody to keep', async () => {
  const answer = await request(server, 'GET', '/demo/users');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal((await request(server, 'POST', '/demo/users')).status, 405);
  assert.equal((await request(server, 'GET', '/demo')).status, 404);
});

test('they have talked: unread, read, announced, days ago and just now', async () => {
  const rita = await talks(named('Rita'));
  assert.deepEqual(rita.map((talk) => talk.last_activity_at), rita.map((talk) => talk.last_activity_at).sort().reverse());
  assert.ok(rita.some((talk) => talk.unread_count > 0) && rita.some((talk) => talk.unread_count === 0));
  assert.ok(rita.some((talk) => talk.type === 'direct') && rita.some((talk) => talk.type === 'group' && !talk.is_estate_group));
  assert.ok(rita[0].is_estate_group, 'where something was said last');
  const all = await messages(named('Rita'), rita[0]);
  const announced = all.filter((message) => message.type === 'system').map((message) => message.metadata.broadcast_type);
  assert.deepEqual(announced, ['announcement', 'maintenance', 'security']);
  const ages = all.map((message) => Date.now() - Date.parse(message.created_at));
  assert.deepEqual(ages, [...ages].sort((a, b) => b - a), 'the oldest first');
  assert.ok(ages[0] > 2 * DAY_MS && ages.at(-1) < DAY_MS && ages.at(-1) > 0);
  for (const user of users) assert.ok((await talks(user)).length >= 1, user.first_name);
});

test('what comes now is now', async () => {
  const [group] = await talks(named('Nora'));
  const sent = await rest(server, named('Nora'), 'POST', `/messaging/conversations/${group.conversation_id}/messages`, { status: 201, body: { content: 'now', type: 'text' } });
  assert.ok(Math.abs(Date.now() - Date.parse(sent.created_at)) < 60_000, sent.created_at);
});

test('a second start makes nothing again', async (t) => {
  const data = temporaryFolder();
  const first = await startServer({ data, args: ['--demo'] });
  const before = await Promise.all(users.map((user) => talks(user, first)));
  await first.stop();
  const again = await startServer({ data, args: ['--demo'] });
  t.after(() => again.stop());
  assert.deepEqual((await people(again)).map((person) => person.user_id), users.map((user) => user.user_id));
  assert.deepEqual(await Promise.all(users.map((user) => talks(user, again))), before);
});

test('without --demo there is no such route, and with somebody there no demo', async (t) => {
  const plain = await startServer({ estates: 1 });
  const answer = await request(plain, 'GET', '/demo/users');
  assert.deepEqual([answer.status, answer.json.code], [404, 'route_not_found']);
  assert.equal((await request(plain, 'POST', '/demo/users')).status, 404);
  await plain.stop();
  const late = await startServer({ data: plain.data, args: ['--demo'] });
  t.after(() => late.stop());
  assert.deepEqual(await people(late), []);
});
