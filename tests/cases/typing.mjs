// Typing: told to the others, ends by itself, never piles up.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { groupOf, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { keys } from '../harness/shape.mjs';
import { slowness, sleep, test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const TIMEOUT_MS = 3000;
const ws = { transports: ['websocket'] };

async function trio(t) {
  const estate = server.estate();
  const [a, b, c] = await connectAll(t, server, estate.residents, ws);
  return { estate, a, b, c, group: await groupOf(server, a.user) };
}
const of = (user) => (d) => d.userId === user.id;
const states = (client, user) => client.all('user_typing', of(user)).map((d) => d.isTyping);

/** Every timer that has been started by now has fired: one that `other` starts now has. */
async function timersOver(watcher, other, conversationId) {
  await other.must('typing', { conversationId, isTyping: true });
  await watcher.next('user_typing', (d) => d.userId === other.user.id && !d.isTyping);
  await watcher.settle();
}

test('true and false are forwarded to the others, exactly', async (t) => {
  const { a, b, c, group } = await trio(t);
  const phone = await connect(t, server, a.user, ws);
  const ack = await a.must('typing', { conversationId: group, isTyping: true });
  assert.equal(ack.ok, true);
  for (const client of [b, c]) {
    const told = await client.next('user_typing');
    keys(told, ['conversationId', 'userId', 'firstName', 'lastName', 'isTyping'], 'user_typing');
    assert.deepEqual(told, { conversationId: group, userId: a.user.id, firstName: a.user.first, lastName: a.user.last, isTyping: true });
  }
  await a.must('typing', { conversation_id: group, is_typing: false });
  for (const client of [b, c]) await client.next('user_typing', (d) => d.isTyping === false);
  await a.settle();
  await phone.settle();
  assert.deepEqual(states(a, a.user), []);
  assert.deepEqual(states(phone, a.user), []);
});

test('ends 3 s after the last true, and the timers do not pile up', async (t) => {
  const { a, b, c, group } = await trio(t);
  const begun = Date.now();
  let last;
  for (let i = 0; i < 6; i++) {
    last = Date.now();
    await a.must('typing', { conversationId: group, isTyping: true });
    await sleep(800);
  }
  assert.ok(Date.now() - begun > TIMEOUT_MS, 'longer than one timeout');
  if (slowness === 1) assert.deepEqual(states(b, a.user), [true], 'prolonged, told once');
  await b.next('user_typing', (d) => d.isTyping === false);
  const ended = b.log.find((e) => e.event === 'user_typing' && !e.data.isTyping).at - last;
  assert.ok(ended >= TIMEOUT_MS - 100, `not before its time: ${ended}`);
  if (slowness === 1) assert.ok(ended <= TIMEOUT_MS + 1500, `not long after: ${ended}`);
  await timersOver(b, c, group);
  assert.deepEqual(states(b, a.user), [true, false]);
});

test('false without true, and false twice, tell nothing twice', async (t) => {
  const { a, b, group } = await trio(t);
  await a.must('typing', { conversationId: group, isTyping: true });
  await a.must('typing', { conversationId: group, isTyping: false });
  await a.must('typing', { conversationId: group, isTyping: false });
  await b.next('user_typing', (d) => d.isTyping === false);
  await b.settle();
  assert.deepEqual(states(b, a.user), [true, false]);
});

test('sending ends it', async (t) => {
  const { a, b, c, group } = await trio(t);
  await a.must('typing', { conversationId: group, isTyping: true });
  await a.must('send_message', { conversationId: group, content: 'done' });
  await b.next('new_message');
  await b.next('user_typing', (d) => d.isTyping === false, 2000);
  await timersOver(b, c, group);
  assert.deepEqual(states(b, a.user), [true, false]);
});

test('sending over REST ends it too', async (t) => {
  const { a, b, group } = await trio(t);
  await a.must('typing', { conversationId: group, isTyping: true });
  await rest(server, a.user, 'POST', `/messaging/conversations/${group}/messages`, { status: 201, body: { content: 'done', type: 'text' } });
  await b.next('user_typing', (d) => d.isTyping === false, 2000);
});

test('leaving the conversation ends it', async (t) => {
  const { a, b, c } = await trio(t);
  const group = await makeGroup(server, a.user, [b.user, c.user]);
  await a.must('typing', { conversationId: group, isTyping: true });
  await rest(server, a.user, 'PUT', `/messaging/conversations/${group}/leave`);
  await b.next('user_typing', (d) => d.conversationId === group && d.isTyping === false, 2000);
});

test('going offline ends it', async (t) => {
  const { a, b, c, group } = await trio(t);
  await a.must('typing', { conversationId: group, isTyping: true });
  await b.next('user_typing', (d) => d.isTyping);
  a.close();
  await b.next('user_typing', (d) => d.isTyping === false);
  await timersOver(b, c, group);
  assert.deepEqual(states(b, a.user), [true, false]);
});

test('in one conversation is not in another', async (t) => {
  const { a, b, c, group } = await trio(t);
  const direct = await makeDirect(server, a.user, b.user);
  await a.must('typing', { conversationId: direct, isTyping: true });
  await b.next('user_typing', (d) => d.conversationId === direct);
  await a.must('send_message', { conversationId: group, content: 'elsewhere' });
  await c.next('new_message');
  await c.settle();
  assert.deepEqual(states(c), []);
  assert.deepEqual(b.all('user_typing', (d) => d.conversationId === direct && !d.isTyping), [], 'a message elsewhere does not end it');
});

test('two devices of one user are one who types', async (t) => {
  const { a, b, group } = await trio(t);
  const phone = await connect(t, server, a.user, ws);
  await a.must('typing', { conversationId: group, isTyping: true });
  await phone.must('typing', { conversationId: group, isTyping: true });
  await phone.must('typing', { conversationId: group, isTyping: false });
  await b.next('user_typing', (d) => d.isTyping === false);
  await b.settle();
  assert.deepEqual(states(b, a.user), [true, false]);
});
