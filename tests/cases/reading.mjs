// Read positions: forward only, inside their conversation, told to the others and to the reader's other devices.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { groupOf, makeDirect, request, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isAckError, isRestError, isTime, keys } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const ws = { transports: ['websocket'] };

async function scene(t, messages = 5) {
  const estate = server.estate();
  const [a, b, c] = await connectAll(t, server, estate.residents, ws);
  const phone = await connect(t, server, b.user, ws);
  const group = await groupOf(server, a.user);
  const ids = [];
  for (let i = 0; i < messages; i++) ids.push((await a.must('send_message', { conversationId: group, content: `m${i + 1}` })).messageId);
  return { estate, a, b, c, phone, group, ids };
}
const unread = async (user, group) => (await rest(server, user, 'GET', '/messaging/conversations')).data.find((x) => x.conversation_id === group).unread_count;
const readSeqs = (client) => client.all('message_read').map((d) => d.seq);

test('message_read goes to the others and to the other devices, not to the reading socket', async (t) => {
  const { a, b, c, phone, group, ids } = await scene(t);
  const ack = await b.must('mark_as_read', { conversationId: group, messageId: ids[2] });
  assert.equal(ack.ok, true);
  for (const client of [a, c, phone]) {
    const told = await client.next('message_read');
    keys(told, ['conversationId', 'messageId', 'readBy', 'readAt', 'seq'], 'message_read');
    assert.deepEqual([told.conversationId, told.messageId, told.readBy, told.seq], [group, ids[2], b.user.id, 3]);
    isTime(told.readAt);
  }
  await b.settle();
  assert.deepEqual(readSeqs(b), []);
});

test('forward only', async (t) => {
  const { a, b, group, ids } = await scene(t);
  assert.equal(await unread(b.user, group), 5);
  await b.must('mark_as_read', { conversationId: group, messageId: ids[3] });
  assert.equal(await unread(b.user, group), 1);
  await b.must('mark_as_read', { conversationId: group, messageId: ids[1] });
  await b.must('mark_as_read', { conversationId: group, messageId: ids[3] });
  assert.equal(await unread(b.user, group), 1);
  await b.must('mark_as_read', { conversation_id: group, message_id: ids[4] });
  await a.next('message_read', (d) => d.seq === 5);
  await a.settle();
  assert.deepEqual(readSeqs(a), [4, 5], 'neither a step back nor a repeat is told');
  assert.equal(await unread(b.user, group), 0);
});

test("own messages are not unread; one's own position does not move another's", async (t) => {
  const { a, b, c, group, ids } = await scene(t);
  assert.equal(await unread(a.user, group), 0);
  await b.must('mark_as_read', { conversationId: group, messageId: ids[4] });
  assert.equal(await unread(c.user, group), 5);
});

test('a message of another conversation is refused', async (t) => {
  const { a, b, group, ids } = await scene(t);
  const direct = await makeDirect(server, a.user, b.user);
  const other = await a.must('send_message', { conversationId: direct, content: 'elsewhere' });
  isAckError(await b.ask('mark_as_read', { conversationId: group, messageId: other.messageId }), 'message_not_found');
  isAckError(await b.ask('mark_as_read', { conversationId: direct, messageId: ids[0] }), 'message_not_found');
  await b.count('error', 2);
  const path = `/messaging/conversations/${group}/read/${other.messageId}`;
  isRestError(await request(server, 'PUT', path, { token: b.user.token }), 404, { code: 'message_not_found', path, method: 'PUT' });
  await a.settle();
  assert.deepEqual(readSeqs(a), []);
  assert.equal(await unread(b.user, group), 5);
});

test('over REST the same happens: told to all of the reader\'s sockets and the others', async (t) => {
  const { a, b, c, phone, group, ids } = await scene(t);
  const answer = await rest(server, b.user, 'PUT', `/messaging/conversations/${group}/read/${ids[1]}`);
  assert.equal(typeof answer.message, 'string');
  for (const client of [a, b, c, phone]) {
    const told = await client.next('message_read');
    assert.deepEqual([told.messageId, told.readBy, told.seq], [ids[1], b.user.id, 2]);
  }
  assert.equal(await unread(b.user, group), 3);
  await rest(server, b.user, 'PUT', `/messaging/conversations/${group}/read/${ids[0]}`);
  assert.equal(await unread(b.user, group), 3);
  await a.settle();
  assert.deepEqual(readSeqs(a), [2]);
});

test('many at once end at the furthest', async (t) => {
  const { a, b, phone, group, ids } = await scene(t, 12);
  const order = [5, 2, 9, 1, 11, 3, 7, 10, 0, 8];
  await Promise.all(order.map((i, n) => (n % 2 ? b : phone).must('mark_as_read', { conversationId: group, messageId: ids[i] })));
  assert.equal(await unread(b.user, group), 0);
  await a.next('message_read', (d) => d.seq === 12);
  await a.settle();
  const seen = readSeqs(a);
  assert.deepEqual(seen, [...new Set(seen)].sort((x, y) => x - y), `only forward: ${seen}`);
});
