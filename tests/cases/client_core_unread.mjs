// What is unread: the client's count is the server's once everything is quiet, whatever overtook what on the way.
import assert from 'node:assert/strict';
import { cut, deafen, is, openClient, makeClient, watchThread } from '../harness/client_core.mjs';
import { random } from '../harness/random.mjs';
import { makeDirect, makeGroup, request, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { SlowAnswers } from '../harness/slow_answers.mjs';
import { sleep, slowness, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 40, residents: 4 });

const say = (user, conversation, content = 'hello') => rest(server, user, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { type: 'text', content } });
const read = (user, conversation, message) => rest(server, user, 'PUT', `/messaging/conversations/${conversation}/read/${message.message_id}`);
const stored = async (user, id) => (await rest(server, user, 'GET', `/messaging/conversations/${id}`)).unread_count;
const counted = (client, id) => client.unread.get().byConversation.get(id) ?? 0;

async function agree(client, user, id) {
  const wanted = await stored(user, id);
  await until(() => counted(client, id) === wanted, () => `${wanted} unread, not ${counted(client, id)}`, 20_000);
}

/** What the client says of `event` is not sent until the answer is called. */
function muzzle(client, event) {
  const { socket } = client.link;
  const emit = socket.emit;
  const waiting = [];
  socket.emit = function (name, ...rest) {
    if (name !== event) return emit.call(this, name, ...rest);
    const { flags } = this; // the deadline of this one
    this.flags = {};
    waiting.push(() => {
      this.flags = flags;
      emit.call(this, name, ...rest);
    });
    return this;
  };
  return {
    said: () => waiting.length,
    letGo() {
      socket.emit = emit;
      for (const go of waiting.splice(0)) go();
    },
  };
}

test('another device reads while the first list is on its way', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const message = await say(b, id);
  const slow = new SlowAnswers();
  const client = makeClient(t, server, a, { fetch: slow.fetch });
  const heard = [];
  deafen(client, (event) => void heard.push(event));
  await slow.hold(/conversations\?/, () => client.connect());
  await read(a, id, message);
  await until(() => heard.includes('message_read'), 'the event');
  slow.letGo();
  await is(client, 'online');
  await agree(client, a, id);
  assert.equal(client.unread.get().total, 0);
});

test('somebody is written to with whom there is a conversation already', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  await say(b, id, 'one');
  const slow = new SlowAnswers();
  const client = await openClient(t, server, a, { fetch: slow.fetch });
  const view = await client.createDirect(b.id);
  assert.deepEqual([view.id, view.unread, view.lastMessage?.content], [id, 1, 'one']);
  assert.equal(counted(client, id), 1);
  let made;
  await slow.hold(/^POST/, () => (made = client.createDirect(b.id)));
  await say(b, id, 'two');
  await until(() => counted(client, id) === 2, 'the message');
  slow.letGo();
  assert.equal((await made).unread, 2);
  assert.equal(counted(client, id), 2);
});

test('a conversation is left while the answer that names it is on its way', async (t) => {
  const [a, b, c] = server.estate().residents;
  const id = await makeGroup(server, a, [b, c]);
  await say(b, id);
  const slow = new SlowAnswers();
  const client = await openClient(t, server, a, { fetch: slow.fetch });
  assert.equal(client.unread.get().total, 1);
  let asked;
  await slow.hold(/conversations\/[^/]+$|conversations\/[^/]+\?/, () => (asked = client.loadConversation(id)));
  await rest(server, a, 'PUT', `/messaging/conversations/${id}/leave`);
  await until(() => client.unread.get().total === 0, 'the end of it');
  slow.letGo();
  await assert.rejects(asked, { code: 'conversation_not_found' });
  assert.equal(client.unread.get().total, 0);
  assert.ok(!client.conversations.get().conversations.some((one) => one.id === id));
});

test('who was asked for in vain a moment before is let in', async (t) => {
  const [a, b, c] = server.estate().residents;
  const id = await makeGroup(server, a, [b]);
  await say(b, id);
  const slow = new SlowAnswers();
  const client = await openClient(t, server, c, { fetch: slow.fetch });
  const heard = [];
  deafen(client, (event) => void heard.push(event));
  let asked;
  await slow.hold(/conversations\/[^/?]+\?/, () => (asked = assert.rejects(client.loadConversation(id), { status: 404 })));
  await rest(server, a, 'POST', `/messaging/conversations/${id}/participants/${c.id}`, { status: 201 });
  await until(() => heard.includes('conversation_joined'), 'the event');
  slow.letGo();
  await asked;
  await agree(client, c, id);
  assert.equal(counted(client, id), 1);
});

test('some is read while the thread is behind the list', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const first = await say(b, id);
  await say(b, id);
  const client = await openClient(t, server, a);
  await watchThread(t, client, id).ready();
  deafen(client, (event) => event === 'new_message');
  for (let i = 0; i < 3; i++) await say(b, id);
  assert.equal((await client.loadConversation(id)).unread, 5);
  client.markRead(id, first.message_id);
  await until(async () => (await stored(a, id)) === 4, 'the read');
  await agree(client, a, id);
});

test('a message was missed, and the answer that is on its way does not know of it', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  await say(b, id);
  const slow = new SlowAnswers();
  const client = await openClient(t, server, a, { fetch: slow.fetch });
  let missed = 0;
  deafen(client, (event) => event === 'new_message' && missed++ === 0);
  await slow.hold(/conversations\/[^/?]+\?/, () => void client.loadConversation(id));
  await say(b, id);
  await say(b, id);
  await until(() => client.conversations.get().conversations[0].unread === 2, 'the third');
  await sleep(500); // it has asked for it by now, if it asks beside the one that is on its way
  slow.letGo();
  await agree(client, a, id);
  assert.equal(counted(client, id), 3);
});

test('what is asked for because a message was missed cannot be had at first', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const slow = new SlowAnswers();
  const client = await openClient(t, server, a, { fetch: slow.fetch });
  let missed = 0;
  deafen(client, (event) => event === 'new_message' && missed++ === 0);
  slow.break(/conversations\/[^/?]+\?/, 2);
  await say(b, id);
  await say(b, id);
  await until(() => slow.broken === 0, 'both to fail');
  assert.equal(counted(client, id), 1);
  await agree(client, a, id);
  assert.equal(counted(client, id), 2);
});

test('what is read stays unsaid for long, and lists are made of before', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  await say(b, id);
  const read = await say(b, id);
  await say(a, id);
  await say(b, id);
  const client = await openClient(t, server, a);
  await watchThread(t, client, id).ready();
  const gag = muzzle(client, 'mark_as_read');
  client.markRead(id, read.message_id);
  await until(() => gag.said() === 1, 'the read');
  assert.equal(counted(client, id), 1);
  for (let i = 0; i < 10; i++) {
    await client.loadConversation(id);
    assert.equal(counted(client, id), 1);
    await sleep(100);
  }
  gag.letGo();
  await until(async () => (await stored(a, id)) === 1, 'the read');
  await agree(client, a, id);
});

test('a read that was refused is said again when it can be taken', async (t) => {
  const [a, b, c] = server.estate().residents;
  const id = await makeGroup(server, a, [b, c]);
  await say(b, id);
  const client = await openClient(t, server, c);
  const gag = muzzle(client, 'mark_as_read');
  client.markRead(id);
  await until(() => gag.said() === 1, 'the read');
  await rest(server, c, 'PUT', `/messaging/conversations/${id}/leave`);
  await until(() => client.conversations.get().conversations.every((one) => one.id !== id), 'the end of it');
  gag.letGo();
  await until(() => !client.reads.waits(id) && !client.reads.saying.has(id), 'the refusal');
  await rest(server, a, 'POST', `/messaging/conversations/${id}/participants/${c.id}`, { status: 201 });
  await until(() => counted(client, id) === 1, 'the message');
  client.markRead(id);
  await until(async () => (await stored(c, id)) === 0, 'the read');
  await agree(client, c, id);
});

test('what is unread counts however far down the list it is', { limitMs: 120_000 }, async (t) => {
  const [a, b, c] = server.estate().residents;
  const [UNREAD, ALL] = [115, 230];
  const groups = [];
  for (let i = 0; i < ALL; i += 10) groups.push(...(await Promise.all(Array.from({ length: 10 }, () => makeGroup(server, b, [a, c])))));
  const unread = groups.slice(0, UNREAD);
  for (const id of unread) await say(b, id);
  for (const id of groups.slice(UNREAD)) await say(a, id); // which moves them to the front
  let requests = 0;
  const counting = (...args) => (requests++, fetch(...args));
  const client = await openClient(t, server, a, { fetch: counting });
  const list = () => client.conversations.get();
  assert.equal(client.unread.get().total, UNREAD);
  assert.ok(list().hasMore);

  const one = (await rest(server, a, 'GET', `/messaging/conversations/${unread[0]}`)).last_message;
  await read(a, unread[0], one);
  await until(() => client.unread.get().total === UNREAD - 1, 'what another device has read');
  await say(b, unread[0]);
  await say(b, groups.at(-1));
  await until(() => client.unread.get().total === UNREAD + 1, 'what came');

  deafen(client, (event) => event === 'message_read');
  for (const id of unread) await read(a, id, (await rest(server, a, 'GET', `/messaging/conversations/${id}`)).last_message);
  requests = 0;
  cut(client);
  await until(() => client.connection.get().status !== 'online', 'the cut');
  await is(client, 'online');
  assert.equal(client.unread.get().total, 1);
  assert.ok(requests < 20, `${requests} requests`);
  while (list().hasMore) await client.loadMoreConversations();
  assert.deepEqual(new Set(list().conversations.map(({ id }) => id)), new Set([...groups, ...list().conversations.filter((one) => one.isEstateGroup).map(({ id }) => id)]));
  assert.equal(client.unread.get().total, 1);
});

test('what is unread is found whole while what comes moves others from page to page', { limitMs: 120_000 }, async (t) => {
  const [a, b, c] = server.estate().residents;
  const ALL = 310; // four pages
  const groups = [];
  for (let i = 0; i < ALL; i += 10) groups.push(...(await Promise.all(Array.from({ length: 10 }, () => makeGroup(server, b, [a, c])))));
  for (const id of groups) await say(b, id);
  const slow = new SlowAnswers();
  const client = makeClient(t, server, a, { fetch: slow.fetch });
  const isUnreadPage = (line) => /\bunread=true\b/.test(line) && /\bpage=3\b/.test(line);
  await slow.hold({ test: isUnreadPage }, () => client.connect());
  await say(b, groups[0]); // the last one of the last page
  slow.letGo();
  await is(client, 'online');
  await until(() => client.unread.get().total === ALL + 1, () => `all of it; ${client.unread.get().total}`);
});

test('a list of only what was not read to the end', async () => {
  const [a, b, c] = server.estate().residents;
  const [silent, read, said] = [await makeGroup(server, b, [a]), await makeGroup(server, b, [a, c]), await makeDirect(server, a, b)];
  const message = await say(b, read);
  await say(a, silent);
  await say(b, said);
  await rest(server, a, 'PUT', `/messaging/conversations/${read}/read/${message.message_id}`);
  const ids = async (user, query) => (await rest(server, user, 'GET', `/messaging/conversations?${query}`)).data.map((row) => row.conversation_id);
  assert.deepEqual(await ids(a, 'unread=true'), [said, silent]);
  assert.deepEqual(await ids(b, 'unread=true'), [said, silent, read]);
  assert.deepEqual((await ids(a, 'unread=false')).filter((id) => [silent, read, said].includes(id)), [said, silent, read]);
  assert.deepEqual(await ids(a, 'unread=true&page=2'), []);
  assert.equal((await request(server, 'GET', '/messaging/conversations?unread=1', { token: a.token })).status, 400);
});

const seed = Number(process.env.VAULTIFY_TEST_SEED || Date.now() % 1_000_000);
const ROUNDS = slowness > 1 ? 3 : 12;

test(`two devices, late answers and cuts, seed ${seed}`, { alone: true, limitMs: 120_000 }, async (t) => {
  for (let round = 0; round < ROUNDS; round++) {
    const roll = random(seed + round);
    const { residents } = server.estate();
    const [a, b, c] = residents;
    const ids = [await makeDirect(server, a, b), await makeGroup(server, b, [a, c])];
    const [, group] = ids;
    const open = async () => {
      const client = makeClient(t, server, a, { fetch: new SlowAnswers(() => (roll() < 0.5 ? 0 : roll() * 250)).fetch });
      ids.forEach((one) => roll() < 0.5 && watchThread(t, client, one));
      client.connect();
      return client;
    };
    const devices = [await open(), await open()];
    const one = () => ids[Math.floor(roll() * 2)];
    const device = () => devices[Math.floor(roll() * 2)];
    const acts = [
      [0.45, () => say(b, one())],
      [0.55, () => device().send(one(), { content: 'mine' })],
      [0.65, () => device().markRead(one())],
      [0.75, () => {
        const [by, where] = [device(), one()];
        const { messages } = by.thread(where).get();
        const some = messages[Math.floor(roll() * messages.length)];
        if (some?.id) by.markRead(where, some.id);
      }],
      [0.82, () => cut(device())],
      [0.87, async () => {
        devices[0].close();
        devices[0] = await open();
      }],
      [0.92, () => void device().loadConversation(one()).catch(() => {})],
      [0.96, () => void device().createDirect(b.id).catch(() => {})],
      [1, async () => {
        await rest(server, a, 'PUT', `/messaging/conversations/${group}/leave`);
        await rest(server, b, 'POST', `/messaging/conversations/${group}/participants/${a.id}`, { status: 201 });
      }],
    ];
    for (let k = 0; k < 60; k++) {
      const what = roll();
      await acts.find(([below]) => what < below)[1]();
      if (roll() < 0.5) await sleep(roll() * 40);
    }
    let last;
    for (const client of devices) {
      await is(client, 'online');
      const same = async () => {
        const { data } = await rest(server, a, 'GET', '/messaging/conversations');
        last = data.map((row) => [row.unread_count, counted(client, row.conversation_id)]);
        return last.every(([there, here]) => there === here);
      };
      await until(same, () => `round ${round}, unread at the server and here: ${JSON.stringify(last)}`, 15_000);
    }
    devices.forEach((client) => client.close());
  }
});
