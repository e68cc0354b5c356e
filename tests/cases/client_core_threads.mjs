// Threads of the client: the history without gaps, whatever came while nobody listened, and what stands in it once.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { cuttable } from '../harness/wire_cut.mjs';
import { deafen, is, openClient, makeClient, watchThread } from '../harness/client_core.mjs';
import { groupOf, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 20, residents: 4 });

const say = (user, conversation, content, more = {}) => rest(server, user, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { type: 'text', content, ...more } });

async function sayMany(user, conversation, count, from = 1) {
  for (let i = from; i < from + count; i += 20) await Promise.all(Array.from({ length: Math.min(20, from + count - i) }, (_, k) => say(user, conversation, `m${i + k}`)));
}

const seqs = (thread) => thread.messages.map((m) => m.seq);
const upTo = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('the newest page first, then each message as it comes; further back page by page', async (t) => {
  const { residents } = server.estate();
  const [a, b] = residents;
  const id = await makeDirect(server, a, b);
  await sayMany(b, id, 120);
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  assert.equal(thread.get().status, 'loading');
  await thread.ready();
  assert.deepEqual(seqs(thread), upTo(71, 120));
  assert.ok(thread.get().hasOlder);
  assert.equal(thread.get().firstUnreadSeq, 1);
  await say(b, id, 'live');
  await thread.until(({ messages }) => messages.at(-1).content === 'live', 'what is said now');
  await client.loadOlder(id);
  assert.deepEqual(seqs(thread), upTo(21, 121));
  await client.loadOlder(id);
  assert.deepEqual(seqs(thread), upTo(1, 121));
  assert.equal(thread.get().hasOlder, false);
  thread.check();
});

test('a snapshot is the same until something in it changes, and what did not change stays', async (t) => {
  const { residents } = server.estate();
  const [a, b] = residents;
  const id = await makeDirect(server, a, b);
  await sayMany(b, id, 3);
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  const before = thread.get();
  assert.equal(thread.get(), before);
  await say(b, id, 'more');
  await thread.until(({ messages }) => messages.length === 4, 'the fourth');
  assert.equal(before.messages.length, 3);
  before.messages.forEach((m, i) => assert.equal(thread.messages[i], m));
  const list = client.conversations.get();
  assert.equal(client.conversations.get(), list);
  assert.ok(list.conversations.some((c) => c.id === id));
});

test('events that the line swallowed are fetched before what came behind them is shown', async (t) => {
  const { residents } = server.estate();
  const [a, b] = residents;
  const id = await makeDirect(server, a, b);
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  let swallowed = 0;
  deafen(client, (event) => event === 'new_message' && ++swallowed % 5 !== 0);
  await sayMany(b, id, 400);
  await thread.until(({ messages }) => messages.length === 400, 'all of them');
  assert.deepEqual(seqs(thread), upTo(1, 400));
  await until(() => client.unread.get().total === 400, () => `400 unread, not ${client.unread.get().total}`);
  thread.check();
});

test('more than 500 messages that were missed are there before it says online, in order and once', { limitMs: 90_000 }, async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const wire = await cuttable(server);
  const direct = await makeDirect(server, a, b);
  const group = await makeGroup(server, a, [b, c]);
  const client = await openClient(t, wire, a);
  const threads = [watchThread(t, client, direct), watchThread(t, client, group)];
  await Promise.all(threads.map((thread) => thread.ready()));
  await sayMany(b, direct, 5);
  wire.cut();
  await until(() => client.connection.get().status !== 'online', 'the cut to be seen');
  await Promise.all([sayMany(b, direct, 620, 6), sayMany(c, group, 130)]);
  const held = [];
  t.after(client.connection.subscribe(() => client.connection.get().status === 'online' && held.push(threads.map((thread) => thread.messages.length))));
  wire.mend();
  await is(client, 'online');
  assert.deepEqual(held[0], [625, 130]);
  assert.deepEqual(seqs(threads[0]), upTo(1, 625));
  assert.deepEqual(seqs(threads[1]), upTo(1, 130));
  assert.equal(client.unread.get().total, 755);
  threads.forEach((thread) => thread.check());
});

test('who has missed thousands begins with the newest page, without a gap', { limitMs: 120_000 }, async (t) => {
  const { residents } = server.estate();
  const [a, b] = residents;
  const wire = await cuttable(server);
  const id = await makeDirect(server, a, b);
  await sayMany(b, id, 10);
  const client = await openClient(t, wire, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  wire.cut();
  await until(() => client.connection.get().status !== 'online', 'the cut to be seen');
  await sayMany(b, id, 2_100, 11);
  wire.mend();
  await is(client, 'online');
  assert.deepEqual(seqs(thread), upTo(2_061, 2_110));
  assert.ok(thread.get().hasOlder);
  thread.check();
});

test('an announcement stands in the thread of the estate group exactly once', async (t) => {
  const estate = server.estate();
  const [a] = estate.residents;
  const id = await groupOf(server, a);
  const client = await openClient(t, server, a);
  const admin = await openClient(t, server, estate.admin);
  const thread = watchThread(t, client, id);
  const own = watchThread(t, admin, id);
  await Promise.all([thread.ready(), own.ready()]);
  const said = await admin.broadcast('No water from 2 to 4', 'maintenance');
  await say(a, id, 'thanks');
  for (const one of [thread, own]) {
    await one.until(({ messages }) => messages.length === 2, 'both');
    assert.deepEqual(one.messages.map((m) => [m.seq, m.content, m.broadcastType]), [[said.seq, 'No water from 2 to 4', 'maintenance'], [said.seq + 1, 'thanks', null]]);
    one.check();
  }
  assert.deepEqual(client.broadcasts.get().broadcasts.map((b) => [b.message, b.from.id]), [['No water from 2 to 4', estate.admin.id]]);
  assert.equal(client.broadcasts.get().canBroadcast, false);
  assert.equal(admin.broadcasts.get().canBroadcast, true);
  await assert.rejects(client.broadcast('no'), { code: 'forbidden' });
});

test('an answer shows what it answers, also when that is further back than what is held', async (t) => {
  const { residents } = server.estate();
  const [a, b] = residents;
  const id = await makeDirect(server, a, b);
  const first = await say(a, id, 'the question');
  await sayMany(b, id, 80);
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  const near = await say(b, id, 'near');
  await say(b, id, 'to the near one', { reply_to_message_id: near.message_id });
  await say(b, id, 'to the question', { reply_to_message_id: first.message_id });
  const last = await thread.until(({ messages }) => messages.at(-1).content === 'to the question' && messages.at(-1).replyTo && messages, 'the quote');
  assert.equal(last.at(-1).replyTo.content, 'the question');
  assert.equal(last.at(-2).replyTo.content, 'near');
});

test('a conversation that somebody else begins appears, and so does one that is opened unseen', async (t) => {
  const { residents } = server.estate();
  const [a, b, c] = residents;
  const client = await openClient(t, server, a);
  const group = await makeGroup(server, b, [a, c], 'New');
  await say(b, group, 'welcome');
  const view = await until(() => client.conversations.get().conversations.find((one) => one.id === group && one.lastMessage), 'the group');
  assert.equal(view.title, 'New');
  assert.equal(view.lastMessage.content, 'welcome');
  assert.equal(view.unread, 1);
  assert.equal(client.conversations.get().conversations[0].id, group);
  const opened = watchThread(t, client, group);
  await opened.ready();
  assert.deepEqual(opened.texts(), ['welcome']);
});

test('what is none of mine is an error of the thread, not a page that loads for ever', async (t) => {
  const [one, two] = [server.estate(), server.estate()];
  const id = await makeDirect(server, two.residents[0], two.residents[1]);
  const client = await openClient(t, server, one.residents[0]);
  const thread = watchThread(t, client, id);
  await thread.until(({ status }) => status === 'error', 'the error');
  assert.equal(thread.get().error.code, 'conversation_not_found');
  assert.deepEqual(thread.messages, []);
});

test('a thread that is watched before there is a connection fills when there is one', async (t) => {
  const { residents } = server.estate();
  const [a, b] = residents;
  const id = await makeDirect(server, a, b);
  await sayMany(b, id, 2);
  const wire = await cuttable(server);
  wire.cut();
  const client = makeClient(t, wire, a);
  const thread = watchThread(t, client, id);
  client.connect();
  await is(client, 'reconnecting');
  assert.equal(thread.get().status, 'loading');
  wire.mend();
  await thread.ready();
  assert.deepEqual(thread.texts().sort(), ['m1', 'm2']);
});

test('threads that nobody watches any more are few and small, and whole when they are watched again', async (t) => {
  const { residents } = server.estate();
  const [a, b, c, d] = residents;
  const client = await openClient(t, server, a);
  const ids = [];
  for (let i = 0; i < 30; i++) ids.push(await makeGroup(server, a, [b, c, d], `g${i}`));
  for (const id of ids) {
    await say(b, id, 'one');
    const end = client.thread(id).subscribe(() => {});
    await until(() => client.thread(id).get().status === 'ready', 'the thread');
    end();
  }
  assert.ok(client.threads.held.size <= 20);
  await say(b, ids[0], 'two');
  const again = watchThread(t, client, ids[0]);
  await again.ready();
  assert.deepEqual(again.texts(), ['one', 'two']);
});

test('10,000 messages into a watched thread', { alone: true, limitMs: 120_000 }, async (t) => {
  const COUNT = slowness > 1 ? 1_000 : 10_000;
  const { residents } = server.estate();
  const [a, b] = residents;
  const id = await makeDirect(server, a, b);
  const client = await openClient(t, server, a);
  const writer = await connect(t, server, b);
  const thread = client.thread(id);
  let told = 0;
  t.after(thread.subscribe(() => (told++, thread.get())));
  await until(() => thread.get().status === 'ready', 'the thread');
  for (let i = 0; i < COUNT; i += 1_000) await Promise.all(Array.from({ length: 1_000 }, (_, k) => writer.must('send_message', { conversationId: id, content: `m${i + k}` }, 60_000)));
  await until(() => thread.get().messages.at(-1)?.seq === COUNT, () => `all of them: ${thread.get().messages.at(-1)?.seq}`, 60_000);
  const { messages } = thread.get();
  assert.deepEqual([messages[0].seq, messages.length], [COUNT - messages.length + 1, messages.length]);
  assert.ok(messages.length <= 2_000, `bounded: ${messages.length}`);
  assert.equal(client.unread.get().byConversation.get(id), COUNT);
  assert.ok(told > 0);
});
