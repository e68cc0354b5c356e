// Every client event: what it does, what it answers, who hears what, and what a refusal looks like.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { uuid } from '../harness/estate.mjs';
import { groupOf, history, makeDirect, makeGroup, request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isAckError, isErrorEvent, isMessage, isTime, keys, UUID7 } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const ws = { transports: ['websocket'] };

/** Two residents, connected, and the estate group. */
async function pair(t) {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), ws);
  return { estate, a, b, group: await groupOf(server, a.user) };
}

/** A refused event: the ack says so, one `error` says the same, and nothing else happens. */
async function refused(client, event, payload, code) {
  const before = client.all('error').length;
  const ack = await client.ask(event, payload);
  isAckError(ack, code);
  await client.count('error', before + 1);
  await client.settle();
  const errors = client.all('error');
  assert.equal(errors.length, before + 1, 'exactly one error');
  isErrorEvent(errors.at(-1), ack.error.code, event);
  assert.equal(errors.at(-1).message, ack.error.message);
  return ack.error;
}

test('send_message: ack, message_sent, new_message at everybody, the sender too', async (t) => {
  const { a, b, group } = await pair(t);
  const clientMessageId = uuid();
  const ack = await a.must('send_message', { conversationId: group, content: 'hello', clientMessageId });
  keys(ack, ['ok', 'messageId', 'conversationId', 'clientMessageId', 'seq', 'createdAt'], 'ack');
  assert.equal(ack.conversationId, group);
  assert.equal(ack.clientMessageId, clientMessageId);
  assert.equal(ack.seq, 1);
  assert.match(ack.messageId, UUID7);
  isTime(ack.createdAt);

  const sent = await a.next('message_sent');
  keys(sent, ['messageId', 'conversationId', 'clientMessageId', 'seq', 'createdAt'], 'message_sent');
  assert.deepEqual(sent, { messageId: ack.messageId, conversationId: group, clientMessageId, seq: 1, createdAt: ack.createdAt });

  for (const client of [a, b]) {
    const got = await client.next('new_message');
    keys(got, ['conversationId', 'message'], 'new_message');
    assert.equal(got.conversationId, group);
    isMessage(got.message);
    const { created_at, updated_at, status, ...rest } = got.message;
    assert.equal(created_at, ack.createdAt);
    assert.equal(status, 'sent');
    isTime(updated_at);
    assert.deepEqual(rest, {
      message_id: ack.messageId,
      conversation_id: group,
      sender_user_id: a.user.id,
      type: 'text',
      content: 'hello',
      metadata: null,
      reply_to_message_id: null,
      edited_at: null,
      deleted_at: null,
      seq: 1,
      client_message_id: clientMessageId,
      sender: { user_id: a.user.id, first_name: a.user.first, last_name: a.user.last, profile_picture_url: a.user.picture },
    });
  }
  await b.settle();
  assert.equal(b.all('message_sent').length, 0);
});

test('send_message without clientMessageId: no such key in ack and message_sent, null in new_message', async (t) => {
  const { a, group } = await pair(t);
  const ack = await a.must('send_message', { conversationId: group, content: 'x' });
  keys(ack, ['ok', 'messageId', 'conversationId', 'seq', 'createdAt'], 'ack');
  keys(await a.next('message_sent'), ['messageId', 'conversationId', 'seq', 'createdAt'], 'message_sent');
  assert.equal((await a.next('new_message')).message.client_message_id, null);
});

test('send_message without an ack callback does the same', async (t) => {
  const { a, b, group } = await pair(t);
  a.emit('send_message', { conversationId: group, content: 'no callback' });
  await a.next('message_sent');
  await b.next('new_message', (d) => d.message.content === 'no callback');
});

test('send_message in snake_case', async (t) => {
  const { a, b, group } = await pair(t);
  const id = uuid();
  const first = await a.must('send_message', { conversation_id: group, content: 'one', client_message_id: id });
  assert.equal(first.clientMessageId, id);
  await a.must('send_message', { conversation_id: group, content: 'two', reply_to_message_id: first.messageId, type: 'text' });
  const got = await b.next('new_message', (d) => d.message.content === 'two');
  assert.equal(got.message.reply_to_message_id, first.messageId);
});

test('send_message: every type, metadata as it was given, and a reply', async (t) => {
  const { a, b, group } = await pair(t);
  const metadata = { url: 'https://example.org/x.png', size: 12.5, deep: { list: [1, null, true, 'é😀'], empty: {} }, '__proto__x': 'y' };
  let reply;
  for (const [type, payload] of [
    ['text', { content: 'plain', metadata }],
    ['image', { metadata }],
    ['file', { content: 'a file', metadata }],
    ['voice', { content: 'only content' }],
    ['link_preview', { metadata: { a: 1 } }],
  ]) {
    const ack = await a.must('send_message', { conversationId: group, type, replyToMessageId: reply, ...payload });
    const got = await b.next('new_message', (d) => d.message.message_id === ack.messageId);
    assert.equal(got.message.type, type);
    assert.deepEqual(got.message.metadata, payload.metadata ?? null);
    assert.equal(got.message.content, payload.content ?? null);
    assert.equal(got.message.reply_to_message_id, reply ?? null);
    reply = ack.messageId;
  }
});

test('send_message: text of every kind survives the way', async (t) => {
  const { a, b, group } = await pair(t);
  const texts = ['é ü ß 漢字 العربية', '😀👨‍👩‍👧‍👦', '"quotes" \\ / \b\f\n\r\t', '\u2028\u2029', '</script>', '\u007f\u0080', 'a\x1eb', ' ', 'x'.repeat(16 * 1024), '漢'.repeat(5461)];
  for (const content of texts) {
    if (content === ' ') continue; // blank text may be refused or kept
    const ack = await a.must('send_message', { conversationId: group, content });
    assert.equal((await b.next('new_message', (d) => d.message.message_id === ack.messageId)).message.content, content);
  }
  const stored = await history(server, a.user, group);
  assert.deepEqual(stored.map((m) => m.content), texts.filter((x) => x !== ' '));
});

test('send_message refused: everything that is wrong with it', async (t) => {
  const { estate, a, b, group } = await pair(t);
  const own = await makeDirect(server, a.user, b.user);
  const elsewhere = await a.must('send_message', { conversationId: own, content: 'in another conversation' });
  await b.settle();
  b.forget();
  const bad = [
    [{ content: 'x' }, 'invalid_payload'],
    [{ conversationId: 'nonsense', content: 'x' }, /^(invalid_payload|conversation_not_found)$/],
    [{ conversationId: 5, content: 'x' }, 'invalid_payload'],
    [{ conversationId: uuid(), content: 'x' }, 'conversation_not_found'],
    [{ conversationId: group }, 'invalid_payload'],
    [{ conversationId: group, content: '' }, 'invalid_payload'],
    [{ conversationId: group, content: null }, 'invalid_payload'],
    [{ conversationId: group, content: 5 }, 'invalid_payload'],
    [{ conversationId: group, content: 'a\u0000b' }, 'invalid_payload'], // what a database cannot keep
    [{ conversationId: group, content: ['x'] }, 'invalid_payload'],
    [{ conversationId: group, type: 'image' }, 'invalid_payload'],
    [{ conversationId: group, content: 'x', type: 'system' }, /^(invalid_payload|forbidden)$/],
    [{ conversationId: group, content: 'x', type: 'novel' }, 'invalid_payload'],
    [{ conversationId: group, content: 'x', type: 7 }, 'invalid_payload'],
    [{ conversationId: group, content: 'x', metadata: 'text' }, 'invalid_payload'],
    [{ conversationId: group, content: 'x', metadata: [1] }, 'invalid_payload'],
    [{ conversationId: group, content: 'x', replyToMessageId: 'nonsense' }, /^(invalid_payload|message_not_found)$/],
    [{ conversationId: group, content: 'x', replyToMessageId: uuid() }, 'message_not_found'],
    [{ conversationId: group, content: 'x', replyToMessageId: elsewhere.messageId }, 'message_not_found'],
    [{ conversationId: group, content: 'x', clientMessageId: 5 }, 'invalid_payload'],
    [{ conversationId: group, content: 'x', clientMessageId: 'c'.repeat(5000) }, 'invalid_payload'],
    [{ conversationId: group, content: 'x'.repeat(16 * 1024 + 1) }, 'content_too_large'],
    [{ conversationId: group, content: '漢'.repeat(5462) }, 'content_too_large'],
    [{ conversationId: group, content: 'x', metadata: { a: 'x'.repeat(200_000) } }, /^(content_too_large|invalid_payload)$/],
    ['text', 'invalid_payload'],
    [null, 'invalid_payload'],
    [[], 'invalid_payload'],
    [17, 'invalid_payload'],
  ];
  for (const [payload, code] of bad) {
    const error = await refused(a, 'send_message', payload, typeof code === 'string' ? code : undefined);
    if (code instanceof RegExp) assert.match(error.code, code, JSON.stringify(payload).slice(0, 200));
  }
  await b.settle();
  assert.deepEqual(b.all('new_message'), []);
  assert.deepEqual(await history(server, a.user, group), []);
  void estate;
});

test('a refusal without an ack is one error and nothing more', async (t) => {
  const { a, group } = await pair(t);
  a.emit('send_message', { conversationId: group });
  a.emit('no_such_event', { x: 1 });
  a.emit('typing');
  await a.count('error', 3);
  await a.settle();
  assert.deepEqual(a.all('error').map((e) => [e.code, e.event]), [['invalid_payload', 'send_message'], ['unknown_event', 'no_such_event'], ['invalid_payload', 'typing']]);
  for (const e of a.all('error')) isErrorEvent(e);
});

test('unknown events, with and without payload', async (t) => {
  const { a } = await pair(t);
  for (const [event, payload] of [['nothing', {}], ['', {}], ['sendMessage', {}], ['new_message', {}], ['error', {}], ['x'.repeat(300), {}], ['ünïcode', null]]) {
    const ack = await a.ask(event, payload);
    isAckError(ack, 'unknown_event');
  }
  await a.count('error', 7);
  await a.settle();
  assert.equal(a.all('error').length, 7);
});

test('binary where JSON is expected is refused', async (t) => {
  const { a, b, group } = await pair(t);
  await refused(a, 'send_message', Buffer.from('binary'), 'invalid_payload');
  await refused(a, 'send_message', { conversationId: group, content: Buffer.from('binary') }, 'invalid_payload');
  await b.settle();
  assert.deepEqual(b.all('new_message'), []);
});

test('more arguments than one do no harm', async (t) => {
  const { a, b, group } = await pair(t);
  a.emit('send_message', { conversationId: group, content: 'first argument' }, { content: 'second' }, 3);
  await b.next('new_message', (d) => d.message.content === 'first argument');
});

test('join and leave of the live room', async (t) => {
  const { estate, a, b, group } = await pair(t);
  const admin = await connect(t, server, estate.admin, ws);
  assert.equal((await a.must('join_estate_group', { estateId: estate.id })).ok, true);
  await a.must('leave_estate_group', { estateId: estate.id });
  await admin.must('estate_broadcast', { message: 'one' });
  await b.next('estate_broadcast', (d) => d.message === 'one');
  await a.ask('typing', { conversationId: group, isTyping: false }); // an order mark that does not join
  assert.deepEqual(a.all('estate_broadcast'), []);
  // Membership and history stay.
  assert.ok((await history(server, a.user, group)).some((m) => m.content === 'one'));
  await a.must('send_message', { conversationId: group, content: 'still a member' });
  await b.next('new_message', (d) => d.message.content === 'still a member');
  await a.must('join_estate_group', { estate_id: estate.id });
  await admin.must('estate_broadcast', { message: 'two' });
  await a.next('estate_broadcast', (d) => d.message === 'two');
  await a.must('join_estate_group', { estateId: estate.id });
  await admin.must('estate_broadcast', { message: 'three' });
  await a.next('estate_broadcast', (d) => d.message === 'three');
  await a.settle();
  assert.deepEqual(a.all('estate_broadcast').map((d) => d.message), ['two', 'three']);
  await a.must('leave_estate_group', { estate_id: estate.id });
  await a.must('leave_estate_group', { estateId: estate.id });
});

test('join and leave refused', async (t) => {
  const { a } = await pair(t);
  for (const event of ['join_estate_group', 'leave_estate_group']) {
    await refused(a, event, {}, 'invalid_payload');
    await refused(a, event, { estateId: 'nonsense' });
    await refused(a, event, { estateId: 1 }, 'invalid_payload');
    await refused(a, event, { estateId: uuid() }, 'forbidden');
  }
});

test('typing and mark_as_read refused', async (t) => {
  const { a, group } = await pair(t);
  const { messageId } = await a.must('send_message', { conversationId: group, content: 'x' });
  await refused(a, 'typing', { conversationId: group }, 'invalid_payload');
  await refused(a, 'typing', { conversationId: group, isTyping: 'yes' }, 'invalid_payload');
  await refused(a, 'typing', { conversationId: uuid(), isTyping: true }, 'conversation_not_found');
  await refused(a, 'typing', { isTyping: true }, 'invalid_payload');
  await refused(a, 'mark_as_read', { conversationId: group }, 'invalid_payload');
  await refused(a, 'mark_as_read', { conversationId: group, messageId: uuid() }, 'message_not_found');
  await refused(a, 'mark_as_read', { conversationId: uuid(), messageId }, 'conversation_not_found');
  await refused(a, 'mark_as_read', { messageId }, 'invalid_payload');
});

test('estate_broadcast refused', async (t) => {
  const estate = server.estate();
  const admin = await connect(t, server, estate.admin, ws);
  const resident = await connect(t, server, estate.residents[0], ws);
  await refused(admin, 'estate_broadcast', {}, 'invalid_payload');
  await refused(admin, 'estate_broadcast', { message: '' }, 'invalid_payload');
  await refused(admin, 'estate_broadcast', { message: 5 }, 'invalid_payload');
  await refused(admin, 'estate_broadcast', { message: 'x', type: 'party' }, 'invalid_payload');
  await refused(admin, 'estate_broadcast', { message: 'x'.repeat(16 * 1024 + 1) }, 'content_too_large');
  await refused(resident, 'estate_broadcast', { message: 'x' }, 'forbidden');
  await resident.settle();
  assert.deepEqual(resident.all('estate_broadcast'), []);
  assert.deepEqual(await history(server, admin.user, await groupOf(server, admin.user)), []);
});

test('not a participant: the conversation does not exist', async (t) => {
  const estate = server.estate();
  const [a, b, c] = await connectAll(t, server, estate.residents, ws);
  const closed = await makeDirect(server, a.user, b.user);
  const { messageId } = await a.must('send_message', { conversationId: closed, content: 'between us' });
  await refused(c, 'send_message', { conversationId: closed, content: 'let me in' }, 'conversation_not_found');
  await refused(c, 'typing', { conversationId: closed, isTyping: true }, 'conversation_not_found');
  await refused(c, 'mark_as_read', { conversationId: closed, messageId }, 'conversation_not_found');
  assert.deepEqual(c.all('new_message'), []);
  await b.settle();
  assert.equal(b.all('new_message').length, 1);
  assert.deepEqual(b.all('user_typing'), []);
  assert.deepEqual(b.all('message_read'), []);
});

test('who leaves a conversation hears no more of it; who is added hears at once', async (t) => {
  const estate = server.estate();
  const [a, b, c] = await connectAll(t, server, estate.residents, ws);
  const group = await makeGroup(server, a.user, [b.user]);
  await a.must('send_message', { conversationId: group, content: 'one' });
  await b.next('new_message', (d) => d.message.content === 'one');
  assert.equal((await request(server, 'POST', `/messaging/conversations/${group}/participants/${c.user.id}`, { token: a.user.token })).status, 201);
  await a.must('send_message', { conversationId: group, content: 'two' });
  await c.next('new_message', (d) => d.message.content === 'two');
  assert.equal((await request(server, 'PUT', `/messaging/conversations/${group}/leave`, { token: b.user.token })).status, 200);
  await a.must('send_message', { conversationId: group, content: 'three' });
  await c.next('new_message', (d) => d.message.content === 'three');
  await b.settle();
  assert.deepEqual(b.all('new_message').map((d) => d.message.content), ['one', 'two']);
  await refused(b, 'send_message', { conversationId: group, content: 'four' }, 'conversation_not_found');
});

test('a conversation made while everybody is connected reaches them at once', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents, ws);
  const phone = await connect(t, server, b.user, ws);
  const direct = await makeDirect(server, a.user, b.user);
  await a.must('send_message', { conversationId: direct, content: 'hi' });
  for (const client of [a, b, phone]) await client.next('new_message', (d) => d.conversationId === direct);
});
