// What people do beside writing, as the client shows it: receipts, unread counts, typing, presence, emergencies, groups.
import assert from 'node:assert/strict';
import { cut, is, openClient, Storage, watchThread } from '../harness/client_core.mjs';
import { connect } from '../harness/client.mjs';
import { userRecord } from '../harness/estate.mjs';
import { cuttable } from '../harness/wire_cut.mjs';
import { groupOf, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { importRecords, startServer } from '../harness/server.mjs';
import { SlowAnswers } from '../harness/slow_answers.mjs';
import { sleep, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 30, residents: 5, args: ['--presence-grace', '200ms'] });

const stateOf = (thread, content) => thread.messages.find((m) => m.content === content)?.state;
const unreadOf = (client, id) => client.unread.get().byConversation.get(id) ?? 0;
const viewOf = (client, id) => client.conversations.get().conversations.find((c) => c.id === id);

async function twoWith(t, more = {}) {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const [one, two] = [await openClient(t, server, a, more), await openClient(t, server, b)];
  return { a, b, id, one, two };
}

test('sent, then delivered when it is on the other device, then read', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const one = await openClient(t, server, a);
  const thread = watchThread(t, one, id);
  await thread.ready();
  one.send(id, { content: 'hello' });
  await thread.until(() => stateOf(thread, 'hello') === 'sent', 'it to be sent');
  const two = await openClient(t, server, b);
  await thread.until(() => stateOf(thread, 'hello') === 'delivered', 'it to be delivered: the list brought it');
  assert.equal(viewOf(one, id).lastMessage.state, 'delivered');
  two.markRead(id);
  await thread.until(() => stateOf(thread, 'hello') === 'read', 'it to be read');
  assert.equal(viewOf(one, id).lastMessage.state, 'read');
  one.send(id, { content: 'more' });
  await thread.until(() => stateOf(thread, 'more') === 'delivered', 'the next to be delivered: it came live');
  const reloaded = watchThread(t, await openClient(t, server, a), id);
  await reloaded.ready();
  assert.deepEqual([stateOf(reloaded, 'hello'), stateOf(reloaded, 'more')], ['read', 'delivered']);
});

test('in a group it is delivered and read when it is so for everybody', async (t) => {
  const [a, b, c] = server.estate().residents;
  const id = await makeGroup(server, a, [b, c]);
  const one = await openClient(t, server, a);
  const thread = watchThread(t, one, id);
  await thread.ready();
  one.send(id, { content: 'all of you' });
  const two = await openClient(t, server, b);
  await until(() => unreadOf(two, id) === 1, 'it to arrive');
  two.markRead(id);
  await until(() => viewOf(one, id).participants.find((p) => p.id === b.id).lastReadSeq === 1, 'one to have read');
  assert.equal(stateOf(thread, 'all of you'), 'sent');
  const three = await openClient(t, server, c);
  await thread.until(() => stateOf(thread, 'all of you') === 'delivered', 'it to be delivered to all');
  three.markRead(id);
  await thread.until(() => stateOf(thread, 'all of you') === 'read', 'it to be read by all');
});

test('receipts that were missed are there after the reconnect', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const wire = await cuttable(server);
  const one = await openClient(t, wire, a);
  const thread = watchThread(t, one, id);
  await thread.ready();
  one.send(id, { content: 'hello' });
  await thread.until(() => stateOf(thread, 'hello') === 'sent', 'it to be sent');
  wire.cut();
  const two = await openClient(t, server, b);
  two.markRead(id);
  await until(async () => (await rest(server, a, 'GET', `/messaging/conversations/${id}`)).participants.some((p) => p.user_id === b.id && p.last_read_seq === 1), 'it to be read');
  wire.mend();
  await is(one, 'online');
  assert.equal(stateOf(thread, 'hello'), 'read');
});

test('unread: one more for each of the others, none for mine, none after reading, on all devices', async (t) => {
  const { a, id, one, two } = await twoWith(t);
  const second = await openClient(t, server, a);
  for (const content of ['1', '2', '3']) two.send(id, { content });
  for (const device of [one, second]) await until(() => unreadOf(device, id) === 3, 'three');
  assert.equal(unreadOf(two, id), 0);
  assert.equal(viewOf(one, id).unread, 3);
  const thread = watchThread(t, one, id);
  await thread.ready();
  assert.equal(thread.get().firstUnreadSeq, 1);
  one.markRead(id, thread.messages[1].id);
  assert.equal(unreadOf(one, id), 1);
  await until(() => unreadOf(second, id) === 1, 'the other device to know');
  one.markRead(id);
  await until(() => unreadOf(second, id) === 0, 'the other device to know');
  assert.deepEqual([one.unread.get().total, second.unread.get().total], [0, 0]);
  one.markRead(id, thread.messages[0].id);
  assert.equal(unreadOf(one, id), 0, 'never back');
});

test('unread is exact after a time without a line, whatever happened meanwhile', async (t) => {
  const { a, b, id } = await twoWith(t);
  const wire = await cuttable(server);
  const client = await openClient(t, wire, a);
  const writer = await connect(t, server, b);
  await writer.must('send_message', { conversationId: id, content: 'before' });
  await until(() => unreadOf(client, id) === 1, 'one');
  wire.cut();
  const { messageId } = await writer.must('send_message', { conversationId: id, content: 'read elsewhere' });
  for (const content of ['a', 'b']) await writer.must('send_message', { conversationId: id, content });
  await rest(server, a, 'PUT', `/messaging/conversations/${id}/read/${messageId}`);
  wire.mend();
  await is(client, 'online');
  assert.equal(unreadOf(client, id), 2);
});

test('what comes while the list is on its way is counted once', async (t) => {
  const { a, b, id } = await twoWith(t);
  let release = null;
  let held = null;
  const slow = async (url, init) => {
    const answer = await fetch(url, init);
    if (held && /conversations\?/.test(String(url))) await held;
    return answer;
  };
  const client = await openClient(t, server, a, { fetch: slow });
  const thread = watchThread(t, client, id);
  await thread.ready();
  held = new Promise((done) => (release = done));
  cut(client);
  await is(client, 'syncing');
  await sleep(200); // the answer is here, and held
  const writer = await connect(t, server, b);
  for (const content of ['1', '2', '3']) await writer.must('send_message', { conversationId: id, content });
  await thread.until(({ messages }) => messages.length === 3, 'the three');
  release();
  await is(client, 'online');
  assert.equal(unreadOf(client, id), 3);
});

test('what is read without a line is told when it is back', async (t) => {
  const [a, b] = server.estate().residents;
  const id = await makeDirect(server, a, b);
  const wire = await cuttable(server);
  const two = await openClient(t, server, b);
  two.send(id, { content: 'hello' });
  const one = await openClient(t, wire, a);
  const thread = watchThread(t, one, id);
  await thread.ready();
  wire.cut();
  one.markRead(id);
  assert.equal(unreadOf(one, id), 0);
  wire.mend();
  await is(one, 'online');
  assert.equal(unreadOf(one, id), 0);
  const sent = watchThread(t, two, id);
  await sent.until(() => stateOf(sent, 'hello') === 'read', 'the reading to be told');
});

test('typing goes out thinned, comes and goes, and ends with the line', async (t) => {
  const { id, one, two } = await twoWith(t);
  const typing = one.typing(id);
  const said = [];
  const tell = two.typists.tell;
  two.typists.tell = (event, payload) => (said.push(payload.isTyping), tell(event, payload));
  for (let i = 0; i < 50; i++) two.setTyping(id, true);
  await until(() => typing.get().length === 1, 'it to be seen');
  assert.equal(typing.get()[0].id, two.connection.get().me.user_id);
  assert.equal(typing.get(), typing.get());
  two.setTyping(id, false);
  two.setTyping(id, false);
  await until(() => typing.get().length === 0, 'its end');
  assert.deepEqual(said, [true, false]);
  two.setTyping(id, true);
  await until(() => typing.get().length === 1, 'it to be seen again');
  two.send(id, { content: 'done' });
  await until(() => typing.get().length === 0, 'its end with the message');
  two.setTyping(id, true);
  await until(() => typing.get().length === 1, 'it to be seen a third time');
  cut(one);
  await until(() => typing.get().length === 0, 'nobody to be shown while nothing is heard');
});

test('presence: who is there at first, who comes, who goes; and again after a cut', async (t) => {
  const [a, b, c] = server.estate().residents;
  const wire = await cuttable(server);
  const one = await openClient(t, server, a);
  const two = await openClient(t, wire, b);
  const ids = (client) => [...client.presence.get().online].sort();
  assert.deepEqual(ids(two), [a.id, b.id].sort());
  await until(() => one.presence.get().online.has(b.id), 'the second to be seen');
  assert.equal(one.presence.get().count, 2);
  wire.cut();
  await until(() => !one.presence.get().online.has(b.id), 'the second to be gone');
  const three = await openClient(t, server, c);
  wire.mend();
  await is(two, 'online');
  assert.deepEqual(ids(two), [a.id, b.id, c.id].sort());
  three.close();
  await until(() => two.presence.get().count === 2, 'the third to be gone');
});

test('many who come at once are told together, and counted exactly', async (t) => {
  const small = await startServer({ estates: 1, residents: 20, args: ['--presence-rate', '1', '--presence-grace', '0s'] });
  const estate = small.estate();
  const client = await openClient(t, small, estate.admin);
  const others = await Promise.all(estate.residents.map((user) => connect(t, small, user)));
  await until(() => client.presence.get().count === 21, () => `21, not ${client.presence.get().count}`);
  assert.equal(client.presence.get().online.size, 21);
  others.forEach((other) => other.close());
  await until(() => client.presence.get().count === 1, () => `1, not ${client.presence.get().count}`);
  assert.deepEqual([...client.presence.get().online], [estate.admin.id]);
});

test('an emergency stays until it is acknowledged, over reloads, on this device', async (t) => {
  const estate = server.estate();
  const [a] = estate.residents;
  const storage = new Storage();
  const admin = await openClient(t, server, estate.admin);
  const client = await openClient(t, server, a, { storage });
  await admin.broadcast('Leave the building', 'emergency');
  await until(() => client.broadcasts.get().emergencies.length === 1, 'the emergency');
  assert.equal(admin.broadcasts.get().emergencies.length, 0, 'not for who announced it');
  client.close();
  const second = await openClient(t, server, a, { storage });
  const [emergency] = second.broadcasts.get().emergencies;
  assert.equal(emergency.message, 'Leave the building');
  second.acknowledgeEmergency(emergency.messageId);
  assert.deepEqual(second.broadcasts.get().emergencies, []);
  assert.equal(second.broadcasts.get().broadcasts.length, 1);
  const third = await openClient(t, server, a, { storage });
  assert.deepEqual(third.broadcasts.get().emergencies, []);
  const elsewhere = await openClient(t, server, a);
  assert.equal(elsewhere.broadcasts.get().emergencies.length, 1);
});

test('an emergency of the time without a line is there afterwards, behind hundreds of messages', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const wire = await cuttable(server);
  const client = await openClient(t, wire, a);
  const id = await groupOf(server, b);
  wire.cut();
  await until(() => client.connection.get().status !== 'online', 'the cut to be seen');
  const writer = await connect(t, server, b);
  const admin = await connect(t, server, estate.admin);
  await admin.must('estate_broadcast', { message: 'Fire', type: 'emergency' });
  await Promise.all(Array.from({ length: 250 }, (_, i) => writer.must('send_message', { conversationId: id, content: `m${i}` }, 30_000)));
  const first = await openClient(t, server, estate.residents[2]);
  assert.deepEqual(first.broadcasts.get().emergencies.map((e) => e.message), ['Fire']);
  wire.mend();
  await is(client, 'online');
  assert.deepEqual(client.broadcasts.get().emergencies.map((e) => e.message), ['Fire']);
});

test('conversations: begun, muted, left; reactions; the people of the estate', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const [one, two] = [await openClient(t, server, a), await openClient(t, server, b)];
  const direct = await one.createDirect(b.id);
  assert.deepEqual([direct.title, direct.other.id, direct.type], [`${b.first} ${b.last}`, b.id, 'direct']);
  assert.equal((await one.createDirect(b.id)).id, direct.id);
  const group = await one.createGroup('Garden', [b.id, c.id]);
  assert.deepEqual([group.title, group.participantCount], ['Garden', 3]);
  await until(() => viewOf(two, group.id), 'the group to appear to those in it');

  await one.mute(group.id, true);
  assert.equal(viewOf(one, group.id).isMuted, true);
  const until_ = new Date(Date.now() + 3_600_000).toISOString();
  await one.mute(group.id, until_);
  assert.equal(viewOf(one, group.id).mutedUntil, until_);
  await one.mute(group.id, false);
  assert.equal(viewOf(one, group.id).isMuted, false);

  const thread = watchThread(t, one, group.id);
  await thread.ready();
  one.send(group.id, { content: 'roses?' });
  await thread.until(({ messages }) => messages[0]?.seq === 1, 'the message');
  await one.react(thread.messages[0].id, '🌹');
  await one.react(thread.messages[0].id, '🌹');
  assert.deepEqual(thread.messages[0].reactions.map((r) => r.emoji), ['🌹']);
  await one.unreact(thread.messages[0].id, '🌹');
  assert.deepEqual(thread.messages[0].reactions, []);

  await two.leave(group.id);
  assert.equal(viewOf(two, group.id), undefined);
  const second = await openClient(t, server, b);
  assert.equal(viewOf(second, group.id), undefined);

  const found = await one.residents(c.first);
  assert.deepEqual(found.people.map((p) => p.id), [c.id]);
  assert.ok((await one.residents('')).total >= 5);
});

test('my reaction shows at once, and goes when the server refuses it', async (t) => {
  const { a, id, one } = await twoWith(t);
  const thread = watchThread(t, one, id);
  await thread.ready();
  one.send(id, { content: 'look' });
  await thread.until(({ messages }) => messages[0]?.seq === 1, 'the message');
  const messageId = thread.messages[0].id;
  const shown = () => one.thread(id).get().messages[0].reactions.map((r) => r.emoji);

  const added = one.react(messageId, '👍');
  assert.deepEqual(shown(), ['👍']);
  await added;
  assert.notEqual(one.thread(id).get().messages[0].reactions[0].reaction_id, '');
  const refused = one.react(messageId, 'x'.repeat(1000));
  assert.equal(shown().length, 2);
  await assert.rejects(refused);
  assert.deepEqual(shown(), ['👍']);

  // Asked in a hurry: they go in turn, and the last one is what stays.
  const hurry = [one.unreact(messageId, '👍'), one.react(messageId, '👍'), one.unreact(messageId, '👍')];
  assert.deepEqual(shown(), []);
  await Promise.all(hurry);
  assert.deepEqual(shown(), []);
  const reloaded = watchThread(t, await openClient(t, server, a), id);
  await reloaded.ready();
  assert.deepEqual(reloaded.messages[0].reactions, []);
});

test('reading, leaving and joining on one device is seen on the other', async (t) => {
  const [a, b] = server.estate().residents;
  const [phone, tablet] = [await openClient(t, server, a), await openClient(t, server, a)];
  const group = await phone.createGroup('Both', [b.id]);
  await until(() => viewOf(tablet, group.id), 'the tablet to have it');
  await phone.leave(group.id);
  await until(() => !viewOf(tablet, group.id), 'the tablet to have it no more');
});

test('a hundred conversations and more: page by page, all of them again after a cut', { limitMs: 90_000 }, async (t) => {
  const [a, b] = server.estate().residents;
  const wire = await cuttable(server);
  for (let i = 0; i < 130; i += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => makeGroup(server, a, [b], `g${i + k}`)));
  const client = await openClient(t, wire, a);
  assert.equal(client.conversations.get().conversations.length, 100);
  assert.equal(client.conversations.get().hasMore, true);
  await client.loadMoreConversations();
  const all = client.conversations.get();
  assert.equal(all.hasMore, false);
  assert.equal(all.conversations.length, 131);
  wire.cut();
  await until(() => client.connection.get().status !== 'online', 'the cut to be seen');
  const writer = await connect(t, server, b);
  await writer.must('send_message', { conversationId: all.conversations.at(-2).id, content: 'hello' });
  wire.mend();
  await is(client, 'online');
  const after = client.conversations.get();
  assert.equal(after.conversations.length, 131);
  assert.equal(after.conversations[0].id, all.conversations.at(-2).id);
  assert.equal(client.unread.get().total, 1);
});

test('a mute is not undone by an answer from before it', async (t) => {
  const estate = server.estate();
  const [me, other] = estate.residents;
  const id = await makeDirect(server, me, other);
  const slow = new SlowAnswers();
  const client = await openClient(t, server, me, { fetch: slow.fetch });
  const muted = () => client.conversations.get().conversations.find((one) => one.id === id).isMuted;
  let loaded;
  await slow.hold(/GET .*conversations\/[^/?]+\?/, () => (loaded = client.loadConversation(id)));
  await client.mute(id, true);
  assert.equal(muted(), true);
  slow.letGo();
  await loaded;
  assert.equal(muted(), true);
  await client.loadConversation(id);
  assert.equal(muted(), true);
});

test('who types on before a message of theirs is stored is shown, and stays shown when it comes', async (t) => {
  const estate = server.estate();
  const [me, other] = estate.residents;
  const id = await makeDirect(server, me, other);
  const one = await openClient(t, server, me);
  const thread = watchThread(t, one, id);
  await thread.ready();
  const stock = await connect(t, server, other);
  const typing = one.typing(id);
  for (let i = 1; i <= 5; i++) {
    stock.socket.emit('send_message', { conversationId: id, content: `${i}` });
    stock.socket.emit('typing', { conversationId: id, isTyping: true });
    await until(() => thread.messages.length === i && typing.get().length === 1, 'the message, and typing');
    stock.socket.emit('typing', { conversationId: id, isTyping: false });
    await until(() => typing.get().length === 0, 'its end');
  }
});

test('names and titles that would turn a line around, or that nobody sees, are shown plainly', async (t) => {
  const estate = server.estate();
  const [me, odd] = estate.residents;
  Object.assign(odd, { first: 'Ada\u202e', last: '\u2066rofakO' });
  assert.equal((await importRecords(server.data, [userRecord(odd)])).code, 0);
  for (const title of ['\u200b\u200b', '\u061c\u{e0041}', '\u202eGar\u00adden\u202c']) await makeGroup(server, odd, [me], title);
  const client = await openClient(t, server, me);
  const { people } = await client.residents('rofakO');
  assert.deepEqual(people.map(({ firstName, name }) => [firstName, name]), [['Ada', 'Ada rofakO']]);
  await until(() => client.conversations.get().conversations.length >= 4, 'the conversations');
  const titles = client.conversations.get().conversations.filter(({ isEstateGroup }) => !isEstateGroup).map(({ title }) => title);
  assert.deepEqual(titles.sort(), ['Ada rofakO', 'Ada rofakO', 'Garden']);
});
