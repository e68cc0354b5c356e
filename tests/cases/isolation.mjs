// Nothing crosses estates: whatever a stranger tries on an estate's ids is answered exactly as for ids that do
// not exist, and nobody inside notices anything.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { uuid } from '../harness/estate.mjs';
import { groupOf, history, makeDirect, makeGroup, request, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const ws = { transports: ['websocket'] };

/** An estate with everything in it, and a stranger of another estate with the highest role there is. */
async function scene(t) {
  const [home, away] = [server.estate(), server.estate()];
  const [a, b] = await connectAll(t, server, home.residents.slice(0, 2), ws);
  const group = await groupOf(server, home.admin);
  const direct = await makeDirect(server, a.user, b.user);
  const closed = await makeGroup(server, home.admin, [a.user, b.user]);
  const message = (await a.must('send_message', { conversationId: group, content: 'ours' })).messageId;
  const secret = (await a.must('send_message', { conversationId: direct, content: 'between us' })).messageId;
  await rest(server, a.user, 'POST', `/messaging/messages/${message}/reactions`, { status: 201, body: { emoji: '👍' } });
  const stranger = await connect(t, server, away.superAdmin, ws);
  const own = await groupOf(server, away.superAdmin);
  const ownMessage = (await stranger.must('send_message', { conversationId: own, content: 'mine' })).messageId;
  await a.settle();
  await b.settle();
  for (const client of [a, b, stranger]) client.forget();
  return { home, away, a, b, group, direct, closed, message, secret, stranger, own, ownMessage };
}

async function nothingHappened(s) {
  for (const client of [s.a, s.b]) {
    await client.settle();
    assert.deepEqual(client.log, [], `${client.user.first} noticed something`);
  }
}

test('every event on foreign ids', async (t) => {
  const s = await scene(t);
  const none = uuid();
  const attempts = [
    ['join_estate_group', { estateId: s.home.id }, { estateId: none }],
    ['leave_estate_group', { estateId: s.home.id }, { estateId: none }],
    ['send_message', { conversationId: s.group, content: 'x' }, { conversationId: none, content: 'x' }],
    ['send_message', { conversationId: s.direct, content: 'x' }, { conversationId: none, content: 'x' }],
    ['send_message', { conversationId: s.own, content: 'x', replyToMessageId: s.message }, { conversationId: s.own, content: 'x', replyToMessageId: none }],
    ['typing', { conversationId: s.group, isTyping: true }, { conversationId: none, isTyping: true }],
    ['typing', { conversationId: s.direct, isTyping: false }, { conversationId: none, isTyping: false }],
    ['mark_as_read', { conversationId: s.group, messageId: s.message }, { conversationId: none, messageId: none }],
    ['mark_as_read', { conversationId: s.direct, messageId: s.secret }, { conversationId: none, messageId: s.secret }],
    ['mark_as_read', { conversationId: s.own, messageId: s.message }, { conversationId: s.own, messageId: none }],
    ['message_delivered', { conversationId: s.group, messageId: s.message }, { conversationId: none, messageId: none }],
    ['message_delivered', { conversationId: s.direct, messageId: s.secret }, { conversationId: none, messageId: s.secret }],
    ['message_delivered', { conversationId: s.own, messageId: s.message }, { conversationId: s.own, messageId: none }],
  ];
  for (const [event, foreign, missing] of attempts) {
    const [one, two] = [await s.stranger.ask(event, foreign), await s.stranger.ask(event, missing)];
    assert.equal(one.ok, false, `${event} ${JSON.stringify(foreign)}`);
    assert.deepEqual(one, two, event);
  }
  await s.stranger.count('error', attempts.length * 2);
  const errors = s.stranger.all('error');
  for (let i = 0; i < errors.length; i += 2) assert.deepEqual(errors[i], errors[i + 1]);
  await nothingHappened(s);
});

test('every route on foreign ids', async (t) => {
  const s = await scene(t);
  const none = uuid();
  const token = s.stranger.user.token;
  const e = [s.home.id, none];
  const c = [s.group, none];
  const d = [s.direct, none];
  const m = [s.message, none];
  const u = [s.a.user.id, none];
  const attempts = [
    ['POST', (x) => `/messaging/estate/${x}/group`, e, {}],
    ['GET', (x) => `/messaging/estate/${x}/group`, e],
    ['GET', (x) => `/messaging/estate/${x}/conversations`, e],
    ['POST', (x) => `/messaging/estate/${x}/broadcast`, e, { content: 'x' }],
    ['GET', (x) => `/messaging/estate/${x}/online-users`, e],
    ['GET', (x) => `/messaging/estate/${x}/residents?search=first`, e],
    ['POST', () => '/messaging/conversations', e, (x) => ({ estate_id: x, type: 'group', title: 'x', participant_user_ids: [s.away.residents[0].id] })],
    ['POST', () => '/messaging/conversations', e, (x) => ({ estate_id: x, type: 'direct', participant_user_ids: [s.a.user.id] })],
    ['POST', () => '/messaging/conversations', u, (x) => ({ estate_id: s.away.id, type: 'direct', participant_user_ids: [x] })],
    ['POST', () => '/messaging/conversations', u, (x) => ({ estate_id: s.away.id, type: 'group', title: 'x', participant_user_ids: [x] })],
    ['GET', (x) => `/messaging/conversations/${x}`, c],
    ['GET', (x) => `/messaging/conversations/${x}`, d],
    ['POST', (x) => `/messaging/conversations/${x}/messages`, c, { content: 'x', type: 'text' }],
    ['POST', () => `/messaging/conversations/${s.own}/messages`, m, (x) => ({ content: 'x', type: 'text', reply_to_message_id: x })],
    ['GET', (x) => `/messaging/conversations/${x}/messages`, c],
    ['GET', (x) => `/messaging/conversations/${x}/messages?after_seq=0&limit=5`, d],
    ['PUT', (x) => `/messaging/conversations/${x}/read/${s.message}`, c],
    ['PUT', (x) => `/messaging/conversations/${s.own}/read/${x}`, m],
    ['PUT', (x) => `/messaging/conversations/${x}/leave`, c],
    ['PUT', (x) => `/messaging/conversations/${x}/notifications`, c, { isMuted: true }],
    ['PUT', (x) => `/messaging/conversations/${x}/notifications`, d, { notificationsEnabled: false }],
    ['POST', (x) => `/messaging/conversations/${x}/participants/${s.stranger.user.id}`, c],
    ['POST', (x) => `/messaging/conversations/${s.own}/participants/${x}`, u],
    ['POST', (x) => `/messaging/messages/${x}/reactions`, m, { emoji: '👍' }],
    ['DELETE', (x) => `/messaging/messages/${x}/reactions/${encodeURIComponent('👍')}`, m],
  ];
  for (const [method, path, ids, body] of attempts) {
    const answers = [];
    for (const id of ids) {
      const answer = await request(server, method, path(id), { token, body: typeof body === 'function' ? body(id) : body });
      assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${path(id)}: ${answer.status} ${answer.text.slice(0, 200)}`);
      const { timestamp, path: at, ...rest } = answer.json;
      assert.equal(at.split('?')[0], path(id).split('?')[0]);
      answers.push({ ...rest, headers: Object.keys(answer.headers).sort() });
    }
    assert.deepEqual(answers[0], answers[1], `${method} ${path(':id')}`);
  }
  await nothingHappened(s);
  assert.equal((await history(server, s.a.user, s.group)).length, 1);
  assert.equal((await history(server, s.a.user, s.direct)).length, 1);
});

test('a resident of the same estate, not in the conversation, learns as little', async (t) => {
  const s = await scene(t);
  const none = uuid();
  const token = s.home.residents[2].token;
  for (const [method, path, body] of [
    ['GET', (x) => `/messaging/conversations/${x}`],
    ['GET', (x) => `/messaging/conversations/${x}/messages`],
    ['POST', (x) => `/messaging/conversations/${x}/messages`, { content: 'x', type: 'text' }],
    ['PUT', (x) => `/messaging/conversations/${x}/leave`],
    ['PUT', (x) => `/messaging/conversations/${x}/read/${s.secret}`],
    ['POST', (x) => `/messaging/conversations/${x}/participants/${s.home.residents[2].id}`],
  ]) {
    const [one, two] = await Promise.all([s.direct, none].map((id) => request(server, method, path(id), { token, body })));
    assert.equal(one.status, 404, `${method} ${path(':id')}`);
    assert.equal(two.status, 404);
    assert.deepEqual([one.json.code, one.json.message, one.json.error], [two.json.code, two.json.message, two.json.error]);
  }
  const closed = await request(server, 'POST', `/messaging/messages/${s.secret}/reactions`, { token, body: { emoji: 'x' } });
  assert.equal(closed.status, 404);
  await nothingHappened(s);
});

test('lists and presence of one estate hold nothing of another', async (t) => {
  const s = await scene(t);
  const listed = await rest(server, s.stranger.user, 'GET', '/messaging/conversations?limit=100');
  assert.deepEqual(listed.data.map((x) => x.conversation_id), [s.own]);
  const online = await rest(server, s.stranger.user, 'GET', `/messaging/estate/${s.away.id}/online-users`);
  assert.deepEqual(online.map((x) => x.user_id), [s.stranger.user.id]);
  const text = JSON.stringify([listed, online, s.stranger.log]);
  for (const user of s.home.users) assert.ok(!text.includes(user.id));
});

test('a message, a broadcast, typing and presence in one estate are not heard in another', async (t) => {
  const s = await scene(t);
  await s.a.must('send_message', { conversationId: s.group, content: 'x' });
  await s.a.must('typing', { conversationId: s.group, isTyping: true });
  await s.b.must('mark_as_read', { conversationId: s.group, messageId: s.message });
  const admin = await connect(t, server, s.home.admin, ws);
  await admin.must('estate_broadcast', { message: 'x' });
  await s.stranger.settle();
  assert.deepEqual(s.stranger.log, []);
});

test('the nil UUID is no estate', async (t) => {
  const s = await scene(t);
  const { admin } = s.home;
  const nil = '00000000-0000-0000-0000-000000000000';
  for (const [method, path, body] of [
    ['GET', 'conversations'],
    ['GET', 'conversations?unread=true'],
    ['GET', 'group'],
    ['POST', 'group', {}],
    ['GET', 'online-users'],
    ['GET', 'residents'],
    ['POST', 'broadcast', { content: 'to nobody' }],
  ]) {
    const answer = await request(server, method, `/messaging/estate/${nil}/${path}`, { token: admin.token, body });
    assert.equal(answer.status, 403, `${method} ${path}: ${answer.text.slice(0, 200)}`);
  }
  await nothingHappened(s);
});

test('the same clientMessageId in two estates', async (t) => {
  const s = await scene(t);
  const id = 'the same for everybody';
  const one = await s.a.must('send_message', { conversationId: s.group, content: 'x', clientMessageId: id });
  const two = await s.stranger.must('send_message', { conversationId: s.own, content: 'x', clientMessageId: id });
  assert.ok(!two.duplicate);
  assert.notEqual(one.messageId, two.messageId);
});
