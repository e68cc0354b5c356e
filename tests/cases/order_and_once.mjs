// One order and once: seq without gap, the same order at every socket, and a repeated message stored once.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { uuid } from '../harness/estate.mjs';
import { groupOf, history, makeDirect, request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { keys } from '../harness/shape.mjs';
import { sleep, test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32, residents: 6 });
const ws = { transports: ['websocket'] };

/** Sends until it is in; waits when told to. */
async function sendPatiently(client, payload) {
  for (;;) {
    const ack = await client.ask('send_message', payload, 30_000);
    if (ack.ok) return ack;
    if (!ack.error.retryAfterMs) throw new Error(JSON.stringify(ack));
    await sleep(ack.error.retryAfterMs);
  }
}

test('several senders, several receivers: one order, no gap', async (t) => {
  const estate = server.estate();
  const senders = await connectAll(t, server, estate.residents, ws);
  const receivers = [
    ...senders,
    await connect(t, server, estate.residents[0], { transports: ['polling'] }),
    await connect(t, server, estate.admin, { transports: ['polling', 'websocket'] }),
    await connect(t, server, estate.security, ws),
  ];
  const group = await groupOf(server, estate.admin);
  const each = 40;
  const acks = (
    await Promise.all(
      senders.map(async (client, s) => {
        const mine = [];
        for (let i = 0; i < each; i += 8) {
          mine.push(...(await Promise.all(Array.from({ length: 8 }, (_, k) => sendPatiently(client, { conversationId: group, content: `${s}/${i + k}`, clientMessageId: uuid() })))));
        }
        return mine;
      }),
    )
  ).flat();
  const total = each * senders.length;
  const expected = Array.from({ length: total }, (_, i) => i + 1);
  assert.deepEqual(acks.map((a) => a.seq).sort((x, y) => x - y), expected, 'every seq once');
  const stored = await history(server, estate.admin, group);
  assert.deepEqual(stored.map((m) => m.seq), expected);
  for (const client of receivers) {
    await client.count('new_message', total, undefined, 20_000);
    const got = client.all('new_message').map((d) => d.message);
    assert.deepEqual(got.map((m) => m.seq), expected, `order at ${client.user.first}`);
    assert.deepEqual(got.map((m) => m.message_id), stored.map((m) => m.message_id));
  }
  const times = stored.map((m) => m.created_at);
  assert.deepEqual(times, [...times].sort(), 'created_at grows with seq');
});

test("one sender's messages keep the order in which they were sent", async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), ws);
  const direct = await makeDirect(server, a.user, b.user);
  const n = 60;
  const acks = await Promise.all(Array.from({ length: n }, (_, i) => a.ask('send_message', { conversationId: direct, content: String(i) })));
  const accepted = acks.map((ack, i) => [ack, i]).filter(([ack]) => ack.ok);
  assert.ok(accepted.length >= 10, `a burst of some size is taken: ${accepted.length}`);
  assert.deepEqual(accepted.map(([ack]) => ack.seq), accepted.map((_, i) => i + 1));
  await b.count('new_message', accepted.length);
  assert.deepEqual(b.all('new_message').map((d) => d.message.content), accepted.map(([, i]) => String(i)));
});

test('each conversation counts for itself', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const client = await connect(t, server, a, ws);
  const one = await makeDirect(server, a, b);
  const two = await makeDirect(server, a, c);
  for (let i = 1; i <= 5; i++) {
    assert.equal((await client.must('send_message', { conversationId: one, content: 'x' })).seq, i);
    assert.equal((await client.must('send_message', { conversationId: two, content: 'x' })).seq, i);
  }
});

test('told only after it can be read back', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), ws);
  const group = await groupOf(server, a.user);
  for (let i = 0; i < 10; i++) {
    const sent = a.must('send_message', { conversationId: group, content: `m${i}` });
    await b.next('new_message', (d) => d.message.content === `m${i}`);
    const page = await request(server, 'GET', `/messaging/conversations/${group}/messages?after_seq=${i}&limit=10`, { token: b.user.token });
    assert.deepEqual(page.json.data.map((m) => m.content), [`m${i}`]);
    await sent;
  }
});

test('the same clientMessageId is stored once and delivered once', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), ws);
  const group = await groupOf(server, a.user);
  const clientMessageId = uuid();
  const first = await a.must('send_message', { conversationId: group, content: 'once', clientMessageId });
  assert.equal('duplicate' in first && first.duplicate, false);
  const again = await a.must('send_message', { conversationId: group, content: 'once', clientMessageId });
  keys(again, ['ok', 'messageId', 'conversationId', 'clientMessageId', 'seq', 'createdAt', 'duplicate'], 'ack of a repeat');
  assert.deepEqual(again, { ...first, duplicate: true });
  const other = await a.must('send_message', { conversationId: group, content: 'other words', clientMessageId });
  assert.deepEqual(other, { ...first, duplicate: true });
  const end = await a.must('send_message', { conversationId: group, content: 'end' });
  assert.equal(end.seq, 2);
  await b.next('new_message', (d) => d.message.content === 'end');
  assert.deepEqual(b.all('new_message').map((d) => d.message.content), ['once', 'end']);
  assert.deepEqual(a.all('new_message').map((d) => d.message.content), ['once', 'end']);
  assert.deepEqual((await history(server, a.user, group)).map((m) => m.content), ['once', 'end']);
});

test('repeats in one burst, from two devices', async (t) => {
  const estate = server.estate();
  const user = estate.residents[0];
  const devices = await connectAll(t, server, [user, user], ws);
  const watcher = await connect(t, server, estate.residents[1], ws);
  const group = await groupOf(server, user);
  const clientMessageId = uuid();
  const acks = await Promise.all(Array.from({ length: 10 }, (_, i) => devices[i % 2].must('send_message', { conversationId: group, content: 'burst', clientMessageId })));
  assert.equal(new Set(acks.map((a) => a.messageId)).size, 1);
  assert.equal(acks.filter((a) => !a.duplicate).length, 1);
  assert.ok(acks.every((a) => a.seq === 1));
  await devices[0].must('send_message', { conversationId: group, content: 'end' });
  await watcher.next('new_message', (d) => d.message.content === 'end');
  assert.equal(watcher.all('new_message').length, 2);
});

test('the same id of another user, or in another conversation, is another message', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), ws);
  const group = await groupOf(server, a.user);
  const direct = await makeDirect(server, a.user, b.user);
  const clientMessageId = 'same';
  const answers = [
    await a.must('send_message', { conversationId: group, content: '1', clientMessageId }),
    await b.must('send_message', { conversationId: group, content: '2', clientMessageId }),
    await a.must('send_message', { conversationId: direct, content: '3', clientMessageId }),
  ];
  assert.equal(new Set(answers.map((x) => x.messageId)).size, 3);
  assert.ok(answers.every((x) => !x.duplicate));
});

test('a repeat after a reconnect', async (t) => {
  const estate = server.estate();
  const user = estate.residents[0];
  const watcher = await connect(t, server, estate.residents[1], ws);
  const group = await groupOf(server, user);
  const clientMessageId = uuid();
  const first = await connect(t, server, user, ws);
  first.emit('send_message', { conversationId: group, content: 'in a tunnel', clientMessageId });
  await watcher.next('new_message');
  first.close(); // perhaps before the answer came
  const second = await connect(t, server, user, ws);
  const ack = await second.must('send_message', { conversationId: group, content: 'in a tunnel', clientMessageId });
  assert.equal(ack.duplicate, true);
  assert.equal(ack.seq, 1);
  await second.must('send_message', { conversationId: group, content: 'end' });
  await watcher.next('new_message', (d) => d.message.content === 'end');
  assert.equal(watcher.all('new_message').length, 2);
});

test('a repeat over REST, by body and by X-Idempotency-Key', async (t) => {
  const estate = server.estate();
  const user = estate.residents[0];
  const client = await connect(t, server, user, ws);
  const watcher = await connect(t, server, estate.residents[1], ws);
  const group = await groupOf(server, user);
  const path = `/messaging/conversations/${group}/messages`;
  const id = uuid();
  const first = await client.must('send_message', { conversationId: group, content: 'x', clientMessageId: id });
  const byBody = await request(server, 'POST', path, { token: user.token, body: { content: 'x', type: 'text', client_message_id: id } });
  const byHeader = await request(server, 'POST', path, { token: user.token, body: { content: 'x', type: 'text' }, headers: { 'X-Idempotency-Key': id } });
  for (const answer of [byBody, byHeader]) {
    assert.ok([200, 201].includes(answer.status), answer.text);
    assert.equal(answer.json.message_id, first.messageId);
    assert.equal(answer.json.seq, 1);
  }
  const key = uuid();
  const one = await request(server, 'POST', path, { token: user.token, body: { content: 'y', type: 'text' }, headers: { 'X-Idempotency-Key': key } });
  const two = await request(server, 'POST', path, { token: user.token, body: { content: 'y', type: 'text' }, headers: { 'x-idempotency-key': key } });
  const three = await client.must('send_message', { conversationId: group, content: 'y', clientMessageId: key });
  assert.equal(one.status, 201);
  assert.equal(two.json.message_id, one.json.message_id);
  assert.equal(three.messageId, one.json.message_id);
  assert.equal(three.duplicate, true);
  await client.must('send_message', { conversationId: group, content: 'end' });
  await watcher.next('new_message', (d) => d.message.content === 'end');
  assert.deepEqual(watcher.all('new_message').map((d) => d.message.content), ['x', 'y', 'end']);
});
