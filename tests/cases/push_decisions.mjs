// Who gets a push: one table of all combinations, and what a table cannot say.
import assert from 'node:assert/strict';
import { Client } from '../harness/client.mjs';
import { userRecord } from '../harness/estate.mjs';
import { devicesOf, openProviders, register, startPushServer, withDevice } from '../harness/push/providers.mjs';
import { announce, markRead, members, say, setMute, setPreferences, settled, talk, watched } from '../harness/push/scene.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { groupOf, makeDirect } from '../harness/rest.mjs';
import { importRecords } from '../harness/server.mjs';
import { test, within } from '../harness/suite.mjs';

// Which kinds of a message are pushed to whom: m a message, b a broadcast, e an emergency. Down: the user's sockets; `old` never
// says message_delivered, `acks` says it for each, `dumb` has said it once and says it no more. Across: the user's own settings.
const TABLE = `
              | none  | muted | muted till tomorrow | muted till yesterday | off | quiet now | quiet later
no socket     | m b e | e     | e                   | m b e                | e   | e         | m b e
old           | -     | -     | -                   | -                    | -   | -         | -
acks          | -     | -     | -                   | -                    | -   | -         | -
dumb          | m b e | e     | e                   | m b e                | e   | e         | m b e
old + dumb    | -     | -     | -                   | -                    | -   | -         | -
acks + dumb   | -     | -     | -                   | -                    | -   | -         | -
dumb + dumb   | m b e | e     | e                   | m b e                | e   | e         | m b e
`;

const HOUR_MS = 3600_000;
const ZONE = 'Africa/Lagos';
const clock = (ms) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: ZONE }).format(Date.now() + ms);
const quiet = (from, to) => (server, user) => setPreferences(server, user, { timeZone: ZONE, quietHours: { from: clock(from), to: clock(to) } });
const muted = (body) => (server, user, conversation) => setMute(server, user, conversation, body());
const day = (n) => new Date(Date.now() + n * 24 * HOUR_MS).toISOString();

const SETTINGS = {
  none: () => {},
  muted: muted(() => ({ isMuted: true })),
  'muted till tomorrow': muted(() => ({ isMuted: true, mutedUntil: day(1) })),
  'muted till yesterday': muted(() => ({ isMuted: true, mutedUntil: day(-1) })),
  off: muted(() => ({ notificationsEnabled: false })),
  'quiet now': quiet(-HOUR_MS, HOUR_MS),
  'quiet later': quiet(2 * HOUR_MS, 3 * HOUR_MS),
};
const KINDS = { m: 'message', b: 'broadcast', e: 'emergency' };

/** [{sockets, setting, wanted}] of the table's cells. */
function cells() {
  const [[, ...settings], ...rows] = TABLE.slice(1, -1).split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const kinds = (cell) => (cell === '-' ? [] : cell.split(' ').map((letter) => KINDS[letter]));
  return rows.flatMap(([sockets, ...row]) => row.map((cell, i) => ({ sockets: sockets === 'no socket' ? [] : sockets.split(' + '), setting: settings[i], wanted: kinds(cell) })));
}

const CELLS = cells();

const providers = await openProviders(['fcm']);
const stand = providers.fcm;
const timing = ['--ping-interval', `${within(300)}ms`, '--ping-timeout', `${within(300)}ms`];
const server = await startPushServer(providers, { estates: 12, residents: CELLS.length, unackedAfter: `${within(700)}ms`, args: timing });
const ws = { transports: ['websocket'], reconnection: false };

/** A client that says message_delivered for what it gets, as long as `confirming` says so. */
async function confirming(t, user, is = () => true) {
  const client = new Client(server, user, ws);
  t.after(() => client.close());
  const tell = (conversationId, messageId) => is() && client.emit('message_delivered', { conversationId, messageId });
  client.socket.on('new_message', (d) => tell(d.conversationId, d.message.message_id));
  client.socket.on('estate_broadcast', (d) => tell(d.conversationId, d.messageId));
  return client.connected();
}

const OPEN = {
  old: async (t, user) => {
    const client = new Client(server, user, ws);
    t.after(() => client.close());
    return client.connected();
  },
  acks: (t, user) => confirming(t, user),
  dumb: (t, user, prelude) => confirming(t, user, () => prelude.on),
};

/** One whose every socket has said message_delivered once: for a first message, before the user has a device. */
async function prelude(t, estate, group, users) {
  const state = { on: true };
  const clients = [];
  for (const { user, sockets } of users) for (const kind of sockets) clients.push(await OPEN[kind](t, user, state));
  const { message_id: id } = await say(server, estate.admin, group, 'prelude');
  await Promise.all(clients.map((client) => client.next('new_message', (d) => d.message.message_id === id)));
  await Promise.all(clients.map((client) => client.settle()));
  state.on = false;
  return clients;
}

test('the table', { alone: true }, async (t) => {
  assert.equal(CELLS.length, 7 * Object.keys(SETTINGS).length);
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const users = CELLS.map((row, i) => ({ ...row, user: estate.residents[i] }));
  await prelude(t, estate, group, users);
  for (const row of users) {
    row.device = await register(server, row.user, stand.device());
    await SETTINGS[row.setting](server, row.user, group);
  }
  const sender = await register(server, estate.admin, stand.device());
  await say(server, estate.admin, group, 'a message');
  await settled(server);
  await announce(server, estate.admin, 'a broadcast');
  await settled(server);
  await announce(server, estate.admin, 'an emergency', 'emergency');
  await settled(server);
  const shown = (row, kinds) => `${row.sockets.join(' + ') || 'no socket'} | ${row.setting}: ${kinds.join(' ')}`;
  const got = users.map((row) => shown(row, row.device.attempts.map((p) => p.members.type)));
  assert.deepEqual(got, users.map((row) => shown(row, row.wanted)));
  assert.deepEqual(sender.attempts, [], 'the sender is not told');
});

/** A reader whose one socket confirms no more. */
async function dumbReader(t) {
  const scene = await talk(server, stand);
  const others = [{ user: scene.reader, sockets: ['dumb'] }];
  const [client] = await prelude(t, { admin: scene.sender }, scene.conversation, others);
  return { ...scene, client };
}

test('read on another device in time: no push', async (t) => {
  const scene = await dumbReader(t);
  const { message_id: id } = await scene.say('one');
  await markRead(server, scene.reader, scene.conversation, id);
  await settled(server);
  assert.deepEqual(scene.device.attempts, []);
});

test('delivered in time: no push, and none for what is older', async (t) => {
  const scene = await dumbReader(t);
  await scene.say('one');
  const { message_id: id } = await scene.say('two');
  await scene.client.must('message_delivered', { conversationId: scene.conversation, messageId: id });
  await settled(server);
  assert.deepEqual(scene.device.attempts, []);
});

test('one push a conversation, of the newest message, with the exact number of what is unread', async (t) => {
  const scene = await dumbReader(t);
  const third = scene.estate.security;
  const other = await makeDirect(server, third, scene.reader);
  let last;
  for (const n of [1, 2, 3]) last = await scene.say(`one ${n}`);
  let newest;
  for (const n of [1, 2]) newest = await say(server, third, other, `two ${n}`);
  await stand.pushed(scene.device, 2);
  await settled(server);
  const UNREAD = 1 + 3 + 2; // the prelude too
  const got = Object.fromEntries(scene.device.attempts.map((p) => [p.members.conversationId, p.members]));
  assert.deepEqual(got, { [scene.conversation]: members(last, 'message', UNREAD, true), [other]: members(newest, 'message', UNREAD, true) });
  assert.equal(scene.device.attempts.length, 2);
});

test('an old socket that answers no pings any more: pushed after the ping timeout, not before', async (t) => {
  const scene = await talk(server, stand);
  const socket = rawWebSocket(t, server);
  await socket.enter(scene.reader.token);
  const begun = Date.now();
  await scene.say('into the void');
  const [push] = await stand.pushed(scene.device, 1);
  await socket.closed();
  assert.ok(push.at - begun >= within(300) - 50, `after ${push.at - begun} ms`);
  await settled(server);
  assert.equal(scene.device.attempts.length, 1);
});

test('an old socket that is closed in good order has got what it was sent', async (t) => {
  const scene = await talk(server, stand);
  const client = await OPEN.old(t, scene.reader);
  await scene.say('one');
  await client.next('new_message');
  await watched(server); // who goes sooner is offline when it is looked at, and is pushed to be safe
  client.close();
  await settled(server);
  assert.deepEqual(scene.device.attempts, []);
  await scene.say('two');
  const [push] = await stand.pushed(scene.device);
  assert.equal(push.body, 'two');
});

test('a confirming socket that goes before it has confirmed: pushed at once', async (t) => {
  const scene = await dumbReader(t);
  await scene.say('one');
  scene.client.close();
  await stand.pushed(scene.device);
});

test('a device belongs to one user at a time', async () => {
  const estate = server.estate();
  const [a, b, sender] = estate.residents;
  const device = await withDevice(server, a, stand);
  const conversations = [await makeDirect(server, sender, a), await makeDirect(server, sender, b)];
  await say(server, sender, conversations[0], 'to a');
  await stand.pushed(device, 1);
  await register(server, b, device);
  assert.deepEqual([await devicesOf(server, a), (await devicesOf(server, b)).length], [[], 1]);
  await say(server, sender, conversations[0], 'to a again');
  await say(server, sender, conversations[1], 'to b');
  await stand.pushed(device, 2);
  await settled(server);
  assert.deepEqual(device.pushes.map((p) => p.body), ['to a', 'to b']);
});

test('who is suspended: no push', async () => {
  const scene = await talk(server, stand);
  const done = await importRecords(server.data, [userRecord({ ...scene.reader, status: 'suspended' })]);
  assert.equal(done.code, 0, done.stderr);
  await scene.say('one');
  await settled(server);
  assert.deepEqual(scene.device.attempts, []);
});
