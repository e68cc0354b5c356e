// message_delivered: who sent a message hears that it has arrived, once, and nobody else does.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { groupOf, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isTime, keys } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const LARGE = 5;
const server = await startServer({ estates: 8, residents: 4, args: ['--large-conversation', String(LARGE)] });
const ws = { transports: ['websocket'] };

const say = async (client, conversationId, content = 'hello') => client.must('send_message', { conversationId, content });
const has = (client, conversationId, message) => client.must('message_delivered', { conversationId, messageId: message.messageId });
const told = (client) => client.all('message_delivered').map((d) => [d.deliveredTo, d.seq]);

async function settleAll(...clients) {
  for (const client of clients) await client.settle();
}

async function positions(user, conversation) {
  const row = await rest(server, user, 'GET', `/messaging/conversations/${conversation}`);
  return new Map(row.participants.map((p) => [p.user_id, [p.last_delivered_seq, p.last_read_seq]]));
}

test('between two: what it says, to all devices of the sender, once', async (t) => {
  const [a, b] = server.estate().residents;
  const [phone, laptop, other, others] = await connectAll(t, server, [a, a, b, b], ws);
  const talk = await makeDirect(server, a, b);
  const message = await say(phone, talk);
  const got = await other.next('new_message');
  assert.deepEqual(await has(other, talk, message), { ok: true });
  for (const client of [phone, laptop]) {
    const event = await client.next('message_delivered');
    keys(event, ['conversationId', 'messageId', 'deliveredTo', 'deliveredAt', 'seq'], 'message_delivered');
    assert.deepEqual([event.conversationId, event.messageId, event.deliveredTo, event.seq], [talk, message.messageId, b.id, 1]);
    isTime(event.deliveredAt);
    assert.ok(Date.parse(event.deliveredAt) >= Date.parse(got.message.created_at));
  }
  await has(others, talk, message); // the second device
  await has(other, talk, message);
  await has(phone, talk, message); // one's own message
  await settleAll(phone, laptop, other, others);
  assert.deepEqual(told(phone), [[b.id, 1]]);
  assert.deepEqual(told(laptop), [[b.id, 1]]);
  assert.deepEqual([...told(other), ...told(others)], []);
  const shown = await positions(a, talk);
  assert.deepEqual(shown.get(b.id), [1, 0]);
});

test('in a group: the sender alone; all others when messages of several have arrived at once', async (t) => {
  const [a, b, c, d] = server.estate().residents;
  const [one, two, three, four] = await connectAll(t, server, [a, b, c, d], ws);
  const group = await makeGroup(server, a, [b, c, d]);
  const first = await say(one, group);
  await has(four, group, first);
  await one.next('message_delivered');
  await say(two, group);
  const last = await say(three, group);
  await has(four, group, last);
  for (const client of [one, two, three]) await client.next('message_delivered', (e) => e.seq === 3);
  await has(four, group, first); // never back
  await settleAll(one, two, three, four);
  assert.deepEqual(told(one), [[d.id, 1], [d.id, 3]]);
  assert.deepEqual(told(two), [[d.id, 3]]);
  assert.deepEqual(told(three), [[d.id, 3]]);
  assert.deepEqual(told(four), []);
  const rows = (await rest(server, a, 'GET', '/messaging/conversations')).data;
  const participant = rows.find((r) => r.conversation_id === group).participants.find((p) => p.user_id === d.id);
  assert.deepEqual([participant.last_delivered_seq, participant.last_read_seq], [3, 0]);
});

test('what is read has arrived', async (t) => {
  const [a, b] = server.estate().residents;
  const [one, two] = await connectAll(t, server, [a, b], ws);
  const talk = await makeDirect(server, a, b);
  const message = await say(one, talk);
  await two.must('mark_as_read', { conversationId: talk, messageId: message.messageId });
  await one.next('message_read');
  await has(two, talk, message);
  await settleAll(one, two);
  assert.deepEqual(told(one), []);
  assert.deepEqual((await positions(a, talk)).get(b.id), [1, 1]);
});

test('in a large conversation nothing is kept and nobody is told', async (t) => {
  const estate = server.estate();
  const [one, two] = await connectAll(t, server, estate.residents.slice(0, 2), ws);
  assert.ok(estate.active.length > LARGE);
  const group = await groupOf(server, estate.admin);
  const message = await say(one, group);
  await has(two, group, message);
  await settleAll(one, two);
  assert.deepEqual(told(one), []);
  assert.deepEqual((await positions(estate.admin, group)).get(two.user.id), [0, 0]);
});

test('positions outlive the server', async (t) => {
  const server2 = await startServer({ estates: 1 });
  const [a, b] = server2.estate().residents;
  const [one, two] = await connectAll(t, server2, [a, b], ws);
  const talk = await makeDirect(server2, a, b);
  const message = await say(one, talk);
  await has(two, talk, message);
  await server2.kill();
  const again = await startServer({ data: server2.data });
  const row = await rest(again, a, 'GET', `/messaging/conversations/${talk}`);
  assert.equal(row.participants.find((p) => p.user_id === b.id).last_delivered_seq, 1);
  const [three, four] = [await connect(t, again, a, ws), await connect(t, again, b, ws)];
  await has(four, talk, message);
  await settleAll(three, four);
  assert.deepEqual(told(three), []);
});
