// Nobody waits for a slow receiver: it is cut off when its queue is full, and catches up by seq when it is back.
import assert from 'node:assert/strict';
import { connect, connectAll } from '../harness/client.mjs';
import { Polling } from '../harness/polling.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { groupOf, history, request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { test, until, within } from '../harness/suite.mjs';

const QUEUE_BYTES = 128 << 10;
const server = await startServer({ estates: 3, args: ['--rate-limits', 'off', '--out-queue', String(QUEUE_BYTES), '--polling-queue', String(QUEUE_BYTES)] });
const content = 'x'.repeat(16_000);

test('a WebSocket that does not read is closed; the others miss nothing', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), { transports: ['websocket'] });
  const group = await groupOf(server, a.user);
  const slow = rawWebSocket(t, server);
  await slow.enter(estate.residents[2].token);
  slow.socket.pause();
  // More than its queue and every buffer of the kernel can hold.
  const total = 900;
  for (let i = 0; i < total; i += 30) await Promise.all(Array.from({ length: 30 }, () => a.must('send_message', { conversationId: group, content })));
  await b.count('new_message', total);
  assert.deepEqual(b.all('new_message').map((d) => d.message.seq), Array.from({ length: total }, (_, i) => i + 1));
  const online = async () => (await request(server, 'GET', `/messaging/estate/${estate.id}/online-users`, { token: a.user.token })).json.map((u) => u.user_id);
  await until(async () => !(await online()).includes(estate.residents[2].id), 'the slow one to be let go', 30_000);
  slow.socket.resume();
  await slow.end();
  const got = slow.texts.filter((x) => x.startsWith('42/messaging,["new_message"')).length;
  assert.ok(got < total, `it got ${got}`);
  const back = await connect(t, server, estate.residents[2], { transports: ['websocket'] });
  assert.equal((await history(server, back.user, group)).length, total, 'and catches up');
});

test('a polling client that stops fetching is closed when its queue is full', async (t) => {
  const estate = server.estate();
  const a = await connect(t, server, estate.residents[0], { transports: ['websocket'] });
  const group = await groupOf(server, a.user);
  const slow = await new Polling(server).open();
  await slow.enter(estate.residents[1].token);
  const total = (QUEUE_BYTES / 16_000) * 3;
  for (let i = 0; i < total; i++) await a.must('send_message', { conversationId: group, content });
  const deadline = Date.now() + within(10_000);
  let answer;
  do answer = await slow.get();
  while (answer.status === 200 && Date.now() < deadline);
  assert.equal(answer.status, 400, 'the session is gone');
});

test('typing and presence are dropped for it, not messages', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), { transports: ['websocket'] });
  const group = await groupOf(server, a.user);
  const slow = await new Polling(server).open(); // fetches nothing while the others type
  await slow.enter(estate.residents[2].token);
  for (let i = 0; i < 200; i++) await a.ask('typing', { conversationId: group, isTyping: i % 2 === 0 });
  await a.must('send_message', { conversationId: group, content: 'the end' });
  await b.next('new_message');
  await slow.until((p) => p.startsWith('42/messaging,["new_message"'));
  await slow.close();
});
