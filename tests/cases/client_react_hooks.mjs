// The hooks, two people with a provider each, against the real server.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { h, mount, probeOf, Storage } from '../harness/react/dom.mjs';
import { packageFile } from '../harness/react/package.mjs';
import { groupOf, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 16, args: ['--presence-grace', '0'] });
const hooks = await import(packageFile());

/** Somebody's app: a provider with the given hooks in it; `app.render(…)` with others, `app.now.name` what each gave last. */
function appOf(t, user, uses, { storage = new Storage(), token = user.token } = {}) {
  const probes = Object.fromEntries(Object.entries({ client: hooks.useVaultify, connection: hooks.useConnection, ...uses }).map(([name, use]) => [name, probeOf(use)]));
  const children = Object.entries(probes).map(([name, { Component }]) => h(Component, { key: name }));
  const mounted = mount(t, h(hooks.VaultifyProvider, { url: server.url, token, storage, socketOptions: { reconnectionDelay: 20, reconnectionDelayMax: 50 } }, children));
  return { ...probes, ...mounted, storage, online: () => probes.connection.until((c) => c.status === 'online', 'online') };
}

async function pair(t, uses) {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const conversation = await makeDirect(server, a, b);
  const apps = [a, b].map((user) => appOf(t, user, uses(conversation)));
  await Promise.all(apps.map((app) => app.online()));
  return { estate, users: [a, b], apps, conversation };
}

const texts = (thread) => thread.messages.map((m) => m.content);
const states = (thread) => thread.messages.map((m) => m.state);
const ready = (thread) => thread.status === 'ready';

test('a message is shown at once, goes through its states, and arrives once', async (t) => {
  const { apps, conversation } = await pair(t, (id) => ({ messages: () => hooks.useMessages(id) }));
  const [a, b] = apps;
  await Promise.all(apps.map((app) => app.messages.until(ready, 'the thread')));
  const key = a.messages.now.send('Good evening');
  await b.messages.until((m) => texts(m).join() === 'Good evening', 'the message at the other');
  assert.equal(b.messages.now.messages[0].mine, false);
  const seen = () => [...new Set(a.messages.all.flatMap(states))];
  await until(() => seen().includes('sent') || seen().includes('delivered'), () => `it to be sent: ${seen()}`);
  assert.equal(seen()[0], 'queued');
  b.client.now.markRead(conversation);
  await a.messages.until((m) => states(m).join() === 'read', 'it to be read');
  assert.equal(a.messages.now.messages[0].key, key, 'the same key from beginning to end');
  assert.equal(new Set(a.messages.all.map((m) => m.send)).size, 1, 'stable callbacks');
});

test('what could not be sent waits over a reload, and goes out once', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const conversation = await makeDirect(server, a, b);
  const uses = { messages: () => hooks.useMessages(conversation) };
  const watcher = await connect(t, server, b);
  const first = appOf(t, a, uses);
  await first.online();
  first.client.now.close();
  first.messages.now.send('written without a network');
  await first.messages.until((m) => states(m).join() === 'queued', 'it to wait');
  first.unmount();
  const second = appOf(t, a, uses, { storage: first.storage });
  await second.messages.until((m) => ready(m) && m.messages.length === 1 && m.messages[0].seq !== null, 'it to be sent');
  await watcher.next('new_message', (m) => m.message.content === 'written without a network');
  await watcher.settle();
  assert.equal(watcher.all('new_message').length, 1);
});

test('after a reconnect what was missed is there, in order and once', async (t) => {
  const { apps, users, conversation } = await pair(t, (id) => ({ messages: () => hooks.useMessages(id) }));
  const [a] = apps;
  await a.messages.until(ready, 'the thread');
  a.client.now.close();
  const writer = await connect(t, server, users[1]);
  for (let i = 0; i < 5; i++) await writer.must('send_message', { conversationId: conversation, content: `missed ${i}` });
  a.client.now.connect();
  await a.messages.until((m) => m.messages.length === 5, 'what was missed');
  assert.deepEqual(texts(a.messages.now), [0, 1, 2, 3, 4].map((i) => `missed ${i}`));
});

test('older messages come by page', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const conversation = await makeDirect(server, a, b);
  const writer = await connect(t, server, b);
  for (let i = 1; i <= 70; i++) await writer.must('send_message', { conversationId: conversation, content: `${i}` });
  const app = appOf(t, a, { messages: () => hooks.useMessages(conversation) });
  await app.messages.until((m) => ready(m) && m.messages.length === 50 && m.hasOlder, 'the newest page');
  await app.messages.now.loadOlder();
  await app.messages.until((m) => m.messages.length === 70 && !m.hasOlder, 'all');
  assert.deepEqual(texts(app.messages.now), Array.from({ length: 70 }, (_, i) => `${i + 1}`));
});

test('typing comes and goes, at the others alone', async (t) => {
  const { apps, users } = await pair(t, (id) => ({ typing: () => hooks.useTyping(id) }));
  const [a, b] = apps;
  a.typing.now.setTyping(true);
  await b.typing.until((x) => x.typing.length === 1, 'typing');
  assert.equal(b.typing.now.typing[0].name, `${users[0].first} ${users[0].last}`);
  a.typing.now.setTyping(false);
  await b.typing.until((x) => x.typing.length === 0, 'the end of it');
  assert.equal(a.typing.now.typing.length, 0);
});

test('presence: who comes and goes; one person alone renders for that person alone', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const app = appOf(t, a, { presence: hooks.usePresence, b: () => hooks.useIsOnline(b.id) });
  await app.online();
  const other = await connect(t, server, b);
  await app.b.until((online) => online, 'b online');
  assert.ok(app.presence.now.isOnline(b.id));
  const renders = app.b.all.length;
  const third = await connect(t, server, c);
  await app.presence.until((p) => p.isOnline(c.id), 'c online');
  third.socket.disconnect();
  await app.presence.until((p) => !p.isOnline(c.id), 'c offline');
  assert.equal(app.b.all.length, renders, 'what c does renders nothing that shows b');
  other.socket.disconnect();
  await app.b.until((online) => !online, 'b offline');
});

test('unread counts rise with what comes and fall with what is read; others do not render', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const ids = [await makeDirect(server, a, b), await makeGroup(server, a, [b, c])];
  const app = appOf(t, a, {
    unread: hooks.useUnread,
    direct: () => hooks.useUnreadOf(ids[0]),
    group: () => hooks.useUnreadOf(ids[1]),
    conversation: () => hooks.useConversation(ids[0]),
    list: hooks.useConversations,
  });
  await app.online();
  await app.conversation.until((x) => x !== null, 'the conversation');
  const writer = await connect(t, server, b);
  const before = { direct: app.direct.all.length, conversation: app.conversation.all.length };
  const { messageId } = await writer.must('send_message', { conversationId: ids[1], content: 'to the group' });
  await app.group.until((n) => n === 1, 'one unread');
  assert.equal(app.unread.now.total, 1);
  assert.equal(app.list.now.conversations[0].id, ids[1], 'the latest activity first');
  app.client.now.markRead(ids[1], messageId);
  await app.group.until((n) => n === 0, 'none unread');
  assert.deepEqual({ direct: app.direct.all.length, conversation: app.conversation.all.length }, before, 'nothing of the other conversation rendered');
});

test('receipts: who has it and who has read it', async (t) => {
  const { apps, users, conversation } = await pair(t, (id) => ({ messages: () => hooks.useMessages(id), receipts: () => hooks.useReadReceipts(id) }));
  const [a, b] = apps;
  await Promise.all(apps.map((app) => app.messages.until(ready, 'the thread')));
  a.messages.now.send('Read me');
  await b.messages.until((m) => m.messages.length === 1, 'the message');
  assert.deepEqual(a.receipts.now.readBy(1), []);
  b.receipts.now.markRead();
  await a.receipts.until((r) => r.readBy(1).length === 1, 'it to be read');
  assert.equal(a.receipts.now.readBy(1)[0].id, users[1].id);
  assert.deepEqual(a.receipts.now.deliveredTo(1).map((p) => p.id), [users[1].id]);
  assert.deepEqual(a.receipts.now.readBy(2), []);
  assert.equal((await rest(server, users[1], 'GET', `/messaging/conversations/${conversation}`)).unread_count ?? 0, 0);
});

test('announcements: made by who may, heard by all; an emergency stays until it is acknowledged, over a reload', async (t) => {
  const estate = server.estate();
  await groupOf(server, estate.admin);
  const uses = { broadcasts: hooks.useEstateBroadcasts };
  const admin = appOf(t, estate.admin, uses);
  const resident = appOf(t, estate.residents[0], uses);
  await Promise.all([admin.online(), resident.online()]);
  assert.equal(resident.broadcasts.now.canBroadcast, false);
  await admin.broadcasts.until((b) => b.canBroadcast, 'the right to announce');
  await admin.broadcasts.now.broadcast('Gas leak in block B', 'emergency');
  await resident.broadcasts.until((b) => b.emergencies.length === 1, 'the emergency');
  assert.equal(resident.broadcasts.now.broadcasts[0].message, 'Gas leak in block B');
  await assert.rejects(() => resident.broadcasts.now.broadcast('Party at mine'), (error) => error.code === 'forbidden' || error.status === 403);

  resident.unmount();
  const again = appOf(t, estate.residents[0], uses, { storage: resident.storage });
  await again.broadcasts.until((b) => b.emergencies.length === 1, 'it is still there');
  again.broadcasts.now.acknowledge(again.broadcasts.now.emergencies[0].messageId);
  await again.broadcasts.until((b) => b.emergencies.length === 0, 'it to be gone');
  again.unmount();
  const third = appOf(t, estate.residents[0], uses, { storage: resident.storage });
  await third.broadcasts.until((b) => b.broadcasts.length === 1, 'the announcement');
  await third.online();
  assert.equal(third.broadcasts.now.emergencies.length, 0);
});

test('residents are found by a part of their name', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const search = b.first.toLowerCase();
  const app = appOf(t, a, { all: () => hooks.useResidents(''), some: () => hooks.useResidents(search) });
  await app.all.until((r) => r.status === 'ready' && r.total === estate.active.length, 'everybody');
  await app.some.until((r) => r.status === 'ready' && r.people.some((p) => p.id === b.id), 'one');
  assert.ok(app.some.now.people.every((p) => p.name.toLowerCase().includes(search)));
  assert.equal(app.some.now.hasMore, false);
});

test('conversations are begun, left, and muted', async (t) => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const app = appOf(t, a, { list: hooks.useConversations });
  await app.online();
  const group = await app.list.now.createGroup('Neighbours', [b.id, c.id]);
  assert.equal(group.title, 'Neighbours');
  const direct = await app.list.now.createDirect(b.id);
  assert.equal(direct.title, `${b.first} ${b.last}`);
  await app.list.until((l) => [group.id, direct.id].every((id) => l.conversations.some((x) => x.id === id)), 'both in the list');
  await app.list.now.mute(group.id, true);
  await app.list.until((l) => l.conversations.find((x) => x.id === group.id).isMuted, 'it to be muted');
  await app.list.now.leave(group.id);
  await app.list.until((l) => !l.conversations.some((x) => x.id === group.id), 'it to be gone');
});
