// Estate broadcasts: who may, what is told, what is stored, over socket and REST alike.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { groupOf, history, request, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isAckError, isMessage, isRestError, isTime, keys, UUID7 } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const ws = { transports: ['websocket'] };
const KEYS = ['message', 'type', 'from', 'timestamp', 'estateId', 'messageId', 'conversationId', 'seq'];

async function scene(t) {
  const estate = server.estate();
  const listeners = await connectAll(t, server, [estate.residents[0], estate.residents[1]], ws);
  listeners.push(await connect(t, server, estate.residents[0], { transports: ['polling'] }));
  return { estate, listeners, group: await groupOf(server, estate.admin) };
}

for (const who of ['admin', 'security', 'superAdmin']) {
  test(`over the socket, by ${who}: told to everybody, the sender too, and stored`, async (t) => {
    const { estate, listeners, group } = await scene(t);
    const sender = await connect(t, server, estate[who], ws);
    const ack = await sender.must('estate_broadcast', { message: 'No water', type: 'utility' });
    assert.equal(ack.ok, true);
    for (const client of [...listeners, sender]) {
      const told = await client.next('estate_broadcast');
      keys(told, KEYS, 'estate_broadcast');
      keys(told.from, ['userId', 'firstName', 'lastName', 'role'], 'from');
      assert.deepEqual(told.from, { userId: sender.user.id, firstName: sender.user.first, lastName: sender.user.last, role: sender.user.role });
      assert.deepEqual([told.message, told.type, told.estateId, told.conversationId, told.seq], ['No water', 'utility', estate.id, group, 1]);
      assert.match(told.messageId, UUID7);
      isTime(told.timestamp);
      await client.settle();
      assert.equal(client.all('estate_broadcast').length, 1);
    }
    const stored = await history(server, estate.residents[2], group);
    assert.equal(stored.length, 1);
    assert.equal(stored[0].message_id, listeners[0].all('estate_broadcast')[0].messageId);
    assert.equal(stored[0].content, 'No water');
    assert.equal(stored[0].sender_user_id, sender.user.id);
    assert.equal(stored[0].seq, 1);
  });

  test(`over REST, by ${who}: the same`, async (t) => {
    const { estate, listeners, group } = await scene(t);
    const user = estate[who];
    const answer = await rest(server, user, 'POST', `/messaging/estate/${estate.id}/broadcast`, { status: 201, body: { content: 'Gate closed', type: 'security', metadata: { gate: 3 } } });
    isMessage(answer, Object.keys(answer).filter((k) => ['reply', 'reactions', 'reply_to_message'].includes(k)));
    assert.equal(answer.content, 'Gate closed');
    assert.equal(answer.conversation_id, group);
    assert.equal(answer.metadata.gate, 3);
    for (const client of listeners) {
      const told = await client.next('estate_broadcast');
      keys(told, KEYS, 'estate_broadcast');
      assert.deepEqual([told.message, told.type, told.messageId, told.seq, told.from.userId], ['Gate closed', 'security', answer.message_id, answer.seq, user.id]);
    }
    assert.deepEqual((await history(server, user, group)).map((m) => m.message_id), [answer.message_id]);
  });
}

test('residents may not, over neither', async (t) => {
  const { estate, listeners, group } = await scene(t);
  isAckError(await listeners[0].ask('estate_broadcast', { message: 'party' }), 'forbidden');
  const path = `/messaging/estate/${estate.id}/broadcast`;
  isRestError(await request(server, 'POST', path, { token: estate.residents[0].token, body: { content: 'party' } }), 403, { code: 'forbidden', path, method: 'POST' });
  for (const client of listeners) await client.settle();
  assert.deepEqual(listeners.flatMap((c) => c.all('estate_broadcast')), []);
  assert.deepEqual(await history(server, estate.admin, group), []);
});

test('not into another estate, not even by a Super Admin', async (t) => {
  const [here, there] = [await scene(t), await scene(t)];
  for (const user of [here.estate.admin, here.estate.security, here.estate.superAdmin]) {
    const answer = await request(server, 'POST', `/messaging/estate/${there.estate.id}/broadcast`, { token: user.token, body: { content: 'hello neighbours' } });
    isRestError(answer, 403, { code: 'forbidden' });
    const client = await connect(t, server, user, ws);
    await client.ask('estate_broadcast', { message: 'with a foreign id', estateId: there.estate.id, estate_id: there.estate.id });
  }
  for (const client of there.listeners) {
    await client.settle();
    assert.deepEqual(client.all('estate_broadcast'), []);
  }
  assert.deepEqual(await history(server, there.estate.admin, there.group), []);
});

test('the type defaults to announcement, and every type is known', async (t) => {
  const { estate, listeners } = await scene(t);
  const sender = await connect(t, server, estate.admin, ws);
  const types = ['announcement', 'maintenance', 'security', 'emergency', 'utility', 'general'];
  await sender.must('estate_broadcast', { message: 'none' });
  for (const type of types) await sender.must('estate_broadcast', { message: type, type });
  await rest(server, estate.admin, 'POST', `/messaging/estate/${estate.id}/broadcast`, { status: 201, body: { content: 'rest' } });
  await listeners[0].count('estate_broadcast', types.length + 2);
  const told = listeners[0].all('estate_broadcast');
  assert.deepEqual(told.map((d) => d.type), ['announcement', ...types, 'announcement']);
  assert.deepEqual(told.map((d) => d.seq), told.map((_, i) => i + 1));
});

test('broadcasts and messages of the group share one order', async (t) => {
  const { estate, listeners, group } = await scene(t);
  const sender = await connect(t, server, estate.admin, ws);
  for (let i = 0; i < 10; i++) {
    if (i % 2) await sender.must('estate_broadcast', { message: `b${i}` });
    else await sender.must('send_message', { conversationId: group, content: `m${i}` });
  }
  await listeners[0].next('estate_broadcast', (d) => d.seq === 10);
  const seqs = listeners[0].log.flatMap((e) => (e.event === 'estate_broadcast' ? [e.data.seq] : e.event === 'new_message' ? [e.data.message.seq] : []));
  assert.deepEqual([...new Set(seqs)], Array.from({ length: 10 }, (_, i) => i + 1));
});
