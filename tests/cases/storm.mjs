// A storm: one large estate connects at once. All are in, and presence, typing and receipts stay bounded.
import assert from 'node:assert/strict';
import { Client } from '../harness/client.mjs';
import { importText, makeEstate } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { groupOf, rest } from '../harness/rest.mjs';
import { command, SECRET, startServer, temporaryFolder, writeTemporary } from '../harness/server.mjs';
import { isTime, keys } from '../harness/shape.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const SOCKETS = Number(process.env.VAULTIFY_TEST_STORM || (slowness > 1 ? 500 : 2000));
const PRESENCE_EVENTS_PER_S = 20; // the default for one estate's sockets

test(`${SOCKETS} sockets of one estate at once`, { alone: true, limitMs: 120_000 }, async (t) => {
  const data = temporaryFolder();
  const estate = makeEstate({ residents: SOCKETS });
  const done = await command(['import', writeTemporary(importText([estate])), '--data', data], { ms: 60_000 });
  assert.equal(done.code, 0, done.stderr);
  for (const user of estate.users) user.token = signToken(SECRET, { sub: user.id });
  const server = await startServer({ data });
  const options = { transports: ['websocket'], reconnection: false, timeout: 30_000 * slowness };
  const watcher = await new Client(server, estate.admin, options).connected();

  const begun = Date.now();
  const clients = estate.residents.map((user) => new Client(server, user, options));
  t.after(() => [watcher, ...clients].forEach((c) => c.close()));
  await until(() => clients.every((c) => c.connects || c.connectErrors.length), () => `all in: ${clients.filter((c) => c.connects).length}`, 30_000);
  assert.equal(clients.filter((c) => c.connectErrors.length).length, 0, 'nobody is refused');
  const seconds = (Date.now() - begun) / 1000;
  assert.ok(seconds < 30 * slowness, `within 30 s: ${seconds}`);

  // Presence: few single events, the rest in digests; the watcher hears of everybody one way or the other.
  await until(() => watcher.all('presence_digest').length > 0, 'a presence_digest');
  const digest = watcher.all('presence_digest')[0];
  keys(digest, ['estateId', 'online', 'offline', 'count'], 'presence_digest');
  assert.equal(digest.estateId, estate.id);
  assert.ok(digest.count <= SOCKETS + 1 && digest.count >= digest.online.length, `count: ${digest.count}`);
  assert.ok(Array.isArray(digest.online) && Array.isArray(digest.offline) && Number.isInteger(digest.count));
  const online = await rest(server, estate.admin, 'GET', `/messaging/estate/${estate.id}/online-users`);
  assert.equal(online.length, SOCKETS + 1, 'the exact count is there by REST');
  const presence = (c) => c.log.filter((e) => e.event === 'user_online' || e.event === 'presence_digest').length;
  await watcher.settle();
  const span = (Date.now() - begun) / 1000 + 1;
  assert.ok(presence(watcher) <= PRESENCE_EVENTS_PER_S * span * 2, `presence at the watcher: ${presence(watcher)} in ${span} s`);
  const all = clients.reduce((sum, c) => sum + presence(c), 0);
  assert.ok(all <= SOCKETS * PRESENCE_EVENTS_PER_S * span, `all presence deliveries: ${all} in ${span} s`);

  // One message reaches everybody.
  const group = await groupOf(server, estate.admin);
  await watcher.must('send_message', { conversationId: group, content: 'to all' });
  await until(() => clients.every((c) => c.all('new_message').length === 1), () => `everybody: ${clients.filter((c) => c.all('new_message').length).length}`, 30_000);

  // Many read many messages: the sender alone is told, and of each reader not every single step.
  const sent = [];
  for (let i = 0; i < 6; i++) sent.push(await watcher.must('send_message', { conversationId: group, content: `m${i}` }));
  const readers = clients.slice(0, 100);
  await Promise.all(readers.flatMap((c) => sent.map((m) => c.must('mark_as_read', { conversationId: group, messageId: m.messageId }, 30_000))));
  const last = sent.at(-1);
  await until(() => readers.every((r) => watcher.all('message_read', (d) => d.readBy === r.user.id && d.seq === last.seq).length === 1), 'the last position of every reader', 20_000);
  const receipts = watcher.all('message_read');
  keys(receipts[0], ['conversationId', 'messageId', 'readBy', 'readAt', 'seq'], 'message_read');
  isTime(receipts[0].readAt);
  assert.ok(receipts.length <= (readers.length * sent.length) / 2, `coalesced: ${receipts.length}`);
  assert.equal(clients.reduce((sum, c) => sum + c.all('message_read').length, 0), 0, 'nobody else is told');

  // Many type at once: thinned out.
  const typists = clients.slice(0, 200);
  await Promise.all(typists.map((c) => c.must('typing', { conversationId: group, isTyping: true }, 30_000)));
  await watcher.settle();
  const typing = clients.reduce((sum, c) => sum + c.all('user_typing').length, 0);
  assert.ok(typing < (typists.length * SOCKETS) / 4, `typing deliveries: ${typing} of ${typists.length * SOCKETS}`);

  // All are gone at once, too.
  for (const c of clients) c.close();
  await until(async () => (await rest(server, estate.admin, 'GET', `/messaging/estate/${estate.id}/online-users`)).length === 1, 'everybody to be offline', 30_000);
  assert.deepEqual(watcher.disconnects, []);
});
