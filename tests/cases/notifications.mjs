// Where pushes go and when they may: devices, preferences, muted conversations, message_delivered. No provider is asked here.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { connect, connectAll } from '../harness/client.mjs';
import { uuid } from '../harness/estate.mjs';
import { groupOf, makeDirect, makeGroup, request, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isAckError, isErrorEvent, isRestError, isTime, isUuid, keys } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const ws = { transports: ['websocket'] };
const DEVICES = '/notifications/devices';
const PREFERENCES = '/notifications/preferences';

// ---- devices ----

const hex = (bytes) => randomBytes(bytes).toString('hex');
const fcmToken = () => `${randomBytes(16).toString('base64url')}:APA91b${randomBytes(100).toString('base64url')}`;
const apnsToken = () => hex(32);
const expoToken = () => `ExponentPushToken[${randomBytes(16).toString('base64url').slice(0, 22)}]`;
const point = () => createECDH('prime256v1').generateKeys();
function subscription(more = {}) {
  const path = randomBytes(24).toString('base64url');
  return { endpoint: `https://fcm.googleapis.com/fcm/send/${path}`, expirationTime: null, keys: { p256dh: point().toString('base64url'), auth: randomBytes(16).toString('base64url') }, ...more };
}

const put = (user, body) => rest(server, user, 'POST', DEVICES, { status: 201, body });
const devices = (user) => rest(server, user, 'GET', DEVICES);
const tokens = async (user) => (await devices(user)).map((d) => d.token);
const remove = (user, name) => request(server, 'DELETE', `${DEVICES}/${encodeURIComponent(name)}`, { token: user.token });

function isDevice(row, platform, token, deviceId = null) {
  keys(row, ['device_token_id', 'platform', 'token', 'device_id', 'created_at', 'last_seen'], 'device');
  isUuid(row.device_token_id);
  isTime(row.created_at);
  isTime(row.last_seen);
  assert.deepEqual([row.platform, row.token, row.device_id], [platform, token, deviceId]);
}

test('a device of each kind, listed with the latest first', async () => {
  const user = server.estate().residents[0];
  assert.deepEqual(await devices(user), []);
  const page = subscription();
  const kinds = [
    ['android', fcmToken()],
    ['ios', apnsToken()],
    ['ios', fcmToken()],
    ['web', fcmToken()],
    ['expo', expoToken()],
    ['android', expoToken()],
  ];
  for (const [platform, token] of kinds) isDevice(await put(user, { platform, token }), platform, token);
  isDevice(await put(user, { platform: 'web', subscription: page, deviceId: 'a browser' }), 'web', page.endpoint, 'a browser');
  const listed = await devices(user);
  assert.deepEqual(listed.map((d) => d.token).sort(), [...kinds.map(([, token]) => token), page.endpoint].sort());
  assert.ok(listed.every((d, i) => !i || d.last_seen <= listed[i - 1].last_seen), 'the latest seen first');
});

test('registering again changes the row and makes none', async () => {
  const user = server.estate().residents[0];
  const token = fcmToken();
  const first = await put(user, { platform: 'android', token, device_id: 'phone' });
  const again = await put(user, { platform: 'android', token, device_id: 'phone' });
  assert.equal(again.device_token_id, first.device_token_id);
  assert.equal(again.created_at, first.created_at);
  assert.ok(again.last_seen >= first.last_seen);
  assert.equal((await devices(user)).length, 1);
});

test('a page\'s subscription as an object, as text in token, and with new keys', async () => {
  const user = server.estate().residents[0];
  const page = subscription();
  const first = await put(user, { platform: 'web', subscription: page });
  const again = await put(user, { platform: 'web', token: JSON.stringify(page) });
  assert.equal(again.device_token_id, first.device_token_id);
  await put(user, { platform: 'web', subscription: { ...subscription(), endpoint: page.endpoint } });
  assert.deepEqual(await tokens(user), [page.endpoint]);
});

test('a token belongs to one user at a time, in whichever estate', async () => {
  const [home, away] = [server.estate(), server.estate()];
  const [a, b] = home.residents;
  const stranger = away.residents[0];
  const token = fcmToken();
  const own = await put(a, { platform: 'android', token });
  for (const next of [b, stranger]) {
    const row = await put(next, { platform: 'android', token });
    assert.notEqual(row.device_token_id, own.device_token_id, 'the id says nothing of who had it');
    assert.deepEqual(await tokens(next), [token]);
  }
  assert.deepEqual([await tokens(a), await tokens(b)], [[], []]);
  isRestError(await remove(a, token), 404, { code: 'device_not_found' });
  assert.deepEqual(await tokens(stranger), [token]);
});

test('a token in another spelling is the same', async () => {
  const [a, b] = server.estate().residents;
  const ios = apnsToken();
  const page = subscription();
  const ported = { ...page, endpoint: page.endpoint.replace('.com/', '.com:443/') };
  await put(a, { platform: 'ios', token: ios });
  await put(a, { platform: 'web', subscription: page });
  await put(b, { platform: 'ios', token: ios.toUpperCase() });
  await put(b, { platform: 'web', subscription: ported });
  assert.deepEqual([await tokens(a), (await tokens(b)).sort()], [[], [ios, page.endpoint].sort()]);
  for (const name of [ios.toUpperCase(), ported.endpoint]) assert.equal((await remove(b, name)).status, 200);
  assert.deepEqual(await tokens(b), []);
});

test('a device that gets a new token keeps one row', async () => {
  const [a, b] = server.estate().residents;
  const [old, fresh, others] = [fcmToken(), fcmToken(), fcmToken()];
  await put(a, { platform: 'android', token: old, device_id: 'phone' });
  await put(b, { platform: 'android', token: others, device_id: 'phone' });
  await put(a, { platform: 'android', token: fresh, device_id: 'phone' });
  assert.deepEqual(await tokens(a), [fresh]);
  assert.deepEqual(await tokens(b), [others], 'another user\'s device may have the same name');
});

test('of more than twenty devices those seen longest ago go', async () => {
  const user = server.estate().residents[0];
  const all = [];
  for (let i = 0; i < 23; i++) all.push((await put(user, { platform: 'ios', token: apnsToken() })).token);
  assert.deepEqual((await tokens(user)).sort(), all.slice(3).sort());
});

test('removed by token, endpoint, subscription and id', async () => {
  const user = server.estate().residents[0];
  const pages = [subscription(), subscription()];
  const names = [];
  for (const token of [fcmToken(), apnsToken(), expoToken()]) {
    await put(user, { platform: 'expo', token }).catch(() => put(user, { platform: 'ios', token }));
    names.push(token);
  }
  for (const page of pages) await put(user, { platform: 'web', subscription: page });
  names.push(pages[0].endpoint, JSON.stringify(pages[1]));
  names.push((await put(user, { platform: 'android', token: fcmToken() })).device_token_id);
  for (const name of names) {
    const answer = await remove(user, name);
    assert.equal(answer.status, 200, `${name}: ${answer.text}`);
    assert.equal(typeof answer.json.message, 'string');
    isRestError(await remove(user, name), 404, { code: 'device_not_found' });
  }
  assert.deepEqual(await devices(user), []);
});

test('nobody sees or removes another user\'s devices', async () => {
  const [home, away] = [server.estate(), server.estate()];
  const [a, b] = home.residents;
  const row = await put(a, { platform: 'android', token: fcmToken() });
  for (const other of [b, home.admin, home.superAdmin, away.superAdmin]) {
    assert.deepEqual(await devices(other), []);
    for (const [foreign, missing] of [[row.token, fcmToken()], [row.device_token_id, uuid()]]) {
      const [one, two] = [await remove(other, foreign), await remove(other, missing)];
      isRestError(one, 404, { code: 'device_not_found' });
      const { path: _, timestamp: __, ...said } = one.json;
      const { path: ___, timestamp: ____, ...saidOfNone } = two.json;
      assert.deepEqual(said, saidOfNone);
    }
  }
  assert.deepEqual(await tokens(a), [row.token]);
});

test('what is no device is refused, and nothing is stored', async () => {
  const { active } = server.estate();
  const good = subscription();
  const page = (more) => ({ platform: 'web', subscription: subscription(more) });
  const withKeys = (keys) => page({ keys: { ...good.keys, ...keys } });
  const notOnCurve = Buffer.from(point());
  notOnCurve[64] ^= 1;
  const compressed = createECDH('prime256v1').generateKeys(undefined, 'compressed');
  const bodies = [
    undefined, {}, { platform: 'android' }, { token: fcmToken() }, { platform: 'android', token: '' }, { platform: 'android', token: 7 },
    { platform: 'android', token: null }, { platform: 'android', token: [fcmToken()] }, { platform: 'android', token: { a: 1 } },
    { platform: 'windows', token: fcmToken() }, { platform: 'Android', token: fcmToken() }, { platform: '', token: fcmToken() },
    { platform: 3, token: fcmToken() }, { platform: null, token: fcmToken() }, { platform: ['web'], token: fcmToken() },
    { platform: 'android', token: 'a\u0000b' }, { platform: 'android', token: 'two words of it' }, { platform: 'android', token: 'line\nbreak' },
    { platform: 'android', token: 'ünïcode:APA91b' }, { platform: 'android', token: `${fcmToken()}"` },
    { platform: 'android', token: 'x'.repeat(4097) }, { platform: 'android', token: 'x'.repeat(10_000) }, { platform: 'web', token: 'x'.repeat(60_000) },
    { platform: 'android', token: fcmToken(), device_id: 'd'.repeat(256) }, { platform: 'android', token: fcmToken(), device_id: 4 },
    { platform: 'expo', token: 'ExponentPushToken[]' }, { platform: 'expo', token: 'ExponentPushToken[a' }, { platform: 'expo', token: fcmToken() },
    { platform: 'expo', token: 'ExponentPushToken[a]b' },
    { platform: 'android', subscription: good }, { platform: 'ios', subscription: good }, { platform: 'expo', subscription: good },
    { platform: 'web', subscription: good, token: fcmToken() }, { platform: 'web', subscription: JSON.stringify(good) }, { platform: 'web', subscription: [good] },
    { platform: 'web', subscription: {} }, { platform: 'web', subscription: { endpoint: good.endpoint } }, { platform: 'web', subscription: { keys: good.keys } },
    { platform: 'web', subscription: { ...good, padding: 'x'.repeat(5000) } },
    { platform: 'web', token: '{' }, { platform: 'web', token: '{}' }, { platform: 'web', token: 'https://fcm.googleapis.com/fcm/send/a' },
    page({ endpoint: 7 }), page({ endpoint: '' }), page({ endpoint: 'x' }), page({ keys: null }), page({ keys: [] }), page({ keys: 'a' }),
    withKeys({ p256dh: '' }), withKeys({ p256dh: 7 }), withKeys({ p256dh: 'not base64url!' }), withKeys({ p256dh: randomBytes(65).toString('base64url') }),
    withKeys({ p256dh: notOnCurve.toString('base64url') }), withKeys({ p256dh: compressed.toString('base64url') }), withKeys({ p256dh: Buffer.alloc(65).toString('base64url') }),
    withKeys({ p256dh: Buffer.concat([point(), Buffer.from([0])]).toString('base64url') }), withKeys({ p256dh: undefined }),
    withKeys({ auth: '' }), withKeys({ auth: randomBytes(15).toString('base64url') }), withKeys({ auth: randomBytes(17).toString('base64url') }), withKeys({ auth: undefined }), withKeys({ auth: 7 }),
    ...HOSTILE.map((endpoint) => page({ endpoint })),
  ];
  for (const [i, body] of bodies.entries()) {
    const answer = await request(server, 'POST', DEVICES, { token: active[i % active.length].token, body });
    isRestError(answer, 400, { code: 'invalid_payload', method: 'POST', path: DEVICES });
    assert.ok(answer.json.message.length < 200, JSON.stringify(answer.json));
  }
  const { token } = active[0];
  isRestError(await request(server, 'POST', DEVICES, { token, raw: '{"platform":"android","token":' }), 400, { code: 'invalid_json' });
  isRestError(await request(server, 'POST', DEVICES, { token, raw: '"android"' }), 400, { code: 'invalid_payload' });
  assert.equal((await request(server, 'POST', DEVICES, { token, body: { platform: 'android', token: 'x'.repeat(70_000) } })).status, 413);
  for (const user of active) assert.deepEqual(await devices(user), []);
});

/** Where no push may go. */
const HOSTILE = [
  'http://fcm.googleapis.com/fcm/send/a', 'ftp://fcm.googleapis.com/a', 'file:///etc/passwd', 'javascript:alert(1)', '//fcm.googleapis.com/a', 'https:fcm.googleapis.com',
  'https://127.0.0.1/a', 'https://[::1]/a', 'https://[::ffff:127.0.0.1]/a', 'https://10.0.0.1/a', 'https://169.254.169.254/latest/meta-data', 'https://2130706433/a', 'https://0x7f.1/a', 'https://0177.0.0.1/a',
  'https://localhost/a', 'https://internal/a', 'https://example.org/a', 'https://fcm.googleapis.com.example.org/a', 'https://evilfcm.googleapis.com.example.org/', 'https://notgoogleapis.com/a', 'https://googleapis.com/a',
  'https://fcm.googleapis.com:444/a', 'https://fcm.googleapis.com:80/a', 'https://user@fcm.googleapis.com/a', 'https://user:word@fcm.googleapis.com/a', 'https://fcm.googleapis.com@example.org/a', 'https://example.org#@fcm.googleapis.com/a',
  'https://fcm.googleapis.com./a', 'https://fcm.googleapis.com\\@example.org/a', 'https://fcm.googleapis.com /a', 'https://fcm.googleapis.com\t/a', 'https://fcm.googleapis.com/a\r\nHost: x', 'https://fcm%2egoogleapis.com/a', 'https://ｆcm.googleapis.com/a',
  'https:///a', 'https://', 'https://.googleapis.com/a', 'https://*.googleapis.com/a', 'https://-.googleapis.com:/a b',
];

/** Asks again when it was too often. */
async function eager(ask) {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 429) return answer;
    await new Promise((done) => setTimeout(done, 250));
  }
}

test('how often devices may be registered is limited', async () => {
  const user = server.estate().residents[0];
  const answers = await Promise.all(Array.from({ length: 80 }, () => request(server, 'POST', DEVICES, { token: user.token, body: { platform: 'android' } })));
  const limited = answers.filter((a) => a.status === 429);
  assert.ok(limited.length >= 20, `${limited.length} of 80`);
  isRestError(limited[0], 429, { code: 'rate_limited' });
  assert.ok(Number(limited[0].headers['retry-after']) >= 1);
});

test('nothing without a token, and no other method', async () => {
  for (const [method, path] of [['GET', DEVICES], ['POST', DEVICES], ['DELETE', `${DEVICES}/x`], ['GET', PREFERENCES], ['PUT', PREFERENCES], ['GET', '/notifications/vapid-public-key'], ['PUT', `/messaging/conversations/${uuid()}/notifications`]]) {
    isRestError(await request(server, method, path), 401, { code: 'token_missing', method, path });
  }
  isRestError(await request(server, 'PATCH', DEVICES), 405, { code: 'method_not_allowed' });
  for (const [method, path] of [['GET', '/control/push/dead'], ['POST', '/control/push/retry'], ['POST', '/control/push/test']]) isRestError(await request(server, method, path), 404, { code: 'route_not_found' });
});

test('devices and settings are there after a restart', async (t) => {
  const first = await startServer({ estates: 1 });
  const user = first.estates[0].residents[0];
  const token = fcmToken();
  await rest(first, user, 'POST', DEVICES, { status: 201, body: { platform: 'android', token, device_id: 'phone' } });
  await rest(first, user, 'PUT', PREFERENCES, { body: { locale: 'fr', timeZone: 'Africa/Lagos', quietHours: { from: '22:00', to: '07:00' } } });
  await first.stop();
  assert.ok(!first.output.stderr.includes(token), 'no token in the log');
  const second = await startServer({ data: first.data });
  t.after(() => second.stop());
  assert.deepEqual((await rest(second, user, 'GET', DEVICES)).map((d) => [d.token, d.device_id]), [[token, 'phone']]);
  assert.equal((await rest(second, user, 'GET', PREFERENCES)).locale, 'fr');
});

// ---- the public key ----

test('the public key for a page, when Web Push is on', async (t) => {
  isRestError(await request(server, 'GET', '/notifications/vapid-public-key', { token: server.estate().residents[0].token }), 404, { code: 'webpush_off' });
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys().toString('base64url');
  const number = pair.getPrivateKey(); // without zeros in front
  const env = { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: Buffer.concat([Buffer.alloc(32 - number.length), number]).toString('base64url'), VAPID_SUBJECT: 'mailto:push@example.org' };
  const other = await startServer({ estates: 1, env });
  t.after(() => other.stop());
  const answer = await rest(other, other.estates[0].residents[0], 'GET', '/notifications/vapid-public-key');
  assert.deepEqual(answer, { publicKey });
  assert.ok(!other.output.stderr.includes(env.VAPID_PRIVATE_KEY));
});

// ---- preferences ----

const NONE = { locale: null, timeZone: null, quietHours: null };

test('preferences: none, all, one at a time, taken back', async () => {
  const [user, other] = server.estate().residents;
  const set = (body) => rest(server, user, 'PUT', PREFERENCES, { body });
  assert.deepEqual(await rest(server, user, 'GET', PREFERENCES), NONE);
  const all = { locale: 'fr-CA', timeZone: 'America/Toronto', quietHours: { from: '22:30', to: '06:05' } };
  assert.deepEqual(await set(all), all);
  assert.deepEqual(await set({ locale: 'ar_EG' }), { ...all, locale: 'ar_EG' });
  assert.deepEqual(await set({ time_zone: 'Africa/Lagos' }), { ...all, locale: 'ar_EG', timeZone: 'Africa/Lagos' });
  assert.deepEqual(await set({ quiet_hours: { from: '00:00', to: '23:59' } }), { locale: 'ar_EG', timeZone: 'Africa/Lagos', quietHours: { from: '00:00', to: '23:59' } });
  assert.deepEqual(await set({ quietHours: null }), { locale: 'ar_EG', timeZone: 'Africa/Lagos', quietHours: null });
  assert.deepEqual(await set({}), { locale: 'ar_EG', timeZone: 'Africa/Lagos', quietHours: null });
  assert.deepEqual(await set({ locale: null, time_zone: null }), NONE);
  assert.deepEqual(await set(all), all);
  assert.deepEqual(await rest(server, user, 'GET', PREFERENCES), all);
  assert.deepEqual(await rest(server, other, 'GET', PREFERENCES), NONE);
});

test('preferences that are none change nothing', async () => {
  const user = server.estate().residents[0];
  const all = { locale: 'en', timeZone: 'UTC', quietHours: { from: '22:00', to: '07:00' } };
  await rest(server, user, 'PUT', PREFERENCES, { body: all });
  const quiet = (from, to) => ({ quietHours: { from, to } });
  for (const body of [
    { locale: '' }, { locale: 5 }, { locale: 'e'.repeat(36) }, { locale: 'en GB' }, { locale: '../../etc' }, { locale: 'é' }, { locale: ['en'] },
    { timeZone: '' }, { timeZone: 'Mars/Olympus' }, { timeZone: '../../etc/passwd' }, { timeZone: '/etc/localtime' }, { timeZone: 'Africa' }, { timeZone: 'x'.repeat(65) }, { timeZone: 3600 }, { timeZone: 'zone.tab' },
    { quietHours: '22:00-07:00' }, { quietHours: [] }, { quietHours: {} }, { quietHours: { from: '22:00' } }, { quietHours: { to: '22:00' } },
    quiet('24:00', '07:00'), quiet('22:60', '07:00'), quiet('22', '07'), quiet(22, 7), quiet('22:00', null), quiet('22:00', '22:00'), quiet('-1:00', '07:00'), quiet('10:00 pm', '07:00'), quiet('22:00:00', '07:00:00'),
    { locale: 'fr', quietHours: { from: 'x', to: 'y' } }, { quietHours: { from: '22:00', to: '07:00', more: 'x'.repeat(300) } },
  ]) {
    const answer = await eager(() => request(server, 'PUT', PREFERENCES, { token: user.token, body }));
    isRestError(answer, 400, { code: 'invalid_payload', method: 'PUT', path: PREFERENCES });
    assert.match(answer.json.message, /locale|timeZone|quietHours|from|to/);
  }
  assert.deepEqual(await rest(server, user, 'GET', PREFERENCES), all);
});

// ---- one conversation ----

test('a conversation is muted for its participant alone', async () => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const direct = await makeDirect(server, a, b);
  const path = `/messaging/conversations/${direct}/notifications`;
  const set = (user, body) => rest(server, user, 'PUT', path, { body });
  const all = { conversation_id: direct, is_muted: false, muted_until: null, notifications_enabled: true };
  const until = '2030-01-01T00:00:00.000Z';
  assert.deepEqual(await set(a, { isMuted: true }), { ...all, is_muted: true });
  assert.deepEqual(await set(a, { mutedUntil: until }), { ...all, is_muted: true, muted_until: until });
  assert.deepEqual(await set(a, { notifications_enabled: false }), { ...all, is_muted: true, muted_until: until, notifications_enabled: false });
  assert.deepEqual(await set(a, { is_muted: false, notificationsEnabled: true }), all);
  assert.deepEqual(await set(a, { isMuted: true, mutedUntil: until }), { ...all, is_muted: true, muted_until: until });
  assert.ok((await set(a, { mutedUntil: '1970-01-01T00:00:00.000Z' })).muted_until < until, 'not for ever');
  assert.deepEqual(await set(a, { isMuted: true, mutedUntil: until }), { ...all, is_muted: true, muted_until: until });
  const shown = async (reader, of) => (await rest(server, reader, 'GET', `/messaging/conversations/${direct}`)).participants.find((p) => p.user_id === of.id);
  assert.equal((await shown(a, a)).is_muted, true);
  assert.equal((await shown(b, a)).is_muted, false, 'the other one does not see it');
  assert.deepEqual(await set(a, { isMuted: false, mutedUntil: until }), all);
  assert.deepEqual(await set(b, { notificationsEnabled: true }), all);
  for (const body of [undefined, {}, { isMuted: 'yes' }, { mutedUntil: 'tomorrow' }, { mutedUntil: 17 }, { notificationsEnabled: 1 }, { isMuted: null }]) {
    isRestError(await request(server, 'PUT', path, { token: a.token, body }), 400, { code: 'invalid_payload', path, method: 'PUT' });
  }
  const stranger = server.estate().superAdmin;
  for (const other of [c, estate.superAdmin, stranger]) isRestError(await request(server, 'PUT', path, { token: other.token, body: { isMuted: true } }), 404, { code: 'conversation_not_found' });
  isRestError(await request(server, 'PUT', `/messaging/conversations/${uuid()}/notifications`, { token: a.token, body: { isMuted: true } }), 404, { code: 'conversation_not_found' });
  await rest(server, b, 'PUT', `/messaging/conversations/${await makeGroup(server, b, [a, c])}/notifications`, { body: { isMuted: true } });
});

// ---- message_delivered ----

test('message_delivered is acknowledged, and told once to who sent what has arrived', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents.slice(0, 2), ws);
  const direct = await makeDirect(server, a.user, b.user);
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push((await a.must('send_message', { conversationId: direct, content: `m${i}` })).messageId);
  await b.count('new_message', 3);
  for (const client of [a, b]) client.forget();
  assert.deepEqual(await b.ask('message_delivered', { conversationId: direct, messageId: ids[2] }), { ok: true });
  assert.deepEqual(await b.ask('message_delivered', { conversation_id: direct, message_id: ids[0] }), { ok: true }, 'an older one is fine');
  assert.deepEqual(await b.ask('message_delivered', { conversationId: direct, messageId: ids[2] }), { ok: true }, 'so is a repeat');
  assert.deepEqual(await a.ask('message_delivered', { conversationId: direct, messageId: ids[1] }), { ok: true }, 'and one\'s own');
  b.emit('message_delivered', { conversationId: direct, messageId: ids[2] }); // no ack wanted
  for (const client of [a, b]) await client.settle();
  assert.deepEqual(a.log.map((e) => [e.event, e.data.deliveredTo, e.data.seq]), [['message_delivered', b.user.id, 3]]);
  assert.deepEqual(b.log, []);
  const unread = (await rest(server, b.user, 'GET', '/messaging/conversations')).data.find((c) => c.conversation_id === direct).unread_count;
  assert.equal(unread, 3, 'delivered is not read');
});

test('message_delivered of what is not one\'s own', async (t) => {
  const [home, away] = [server.estate(), server.estate()];
  const [a, b, c] = await connectAll(t, server, home.residents, ws);
  const stranger = await connect(t, server, away.superAdmin, ws);
  const direct = await makeDirect(server, a.user, b.user);
  const group = await groupOf(server, a.user);
  const own = await groupOf(server, stranger.user);
  const message = (await a.must('send_message', { conversationId: direct, content: 'between us' })).messageId;
  const inGroup = (await a.must('send_message', { conversationId: group, content: 'ours' })).messageId;
  for (const client of [a, b, c, stranger]) {
    await client.settle();
    client.forget();
  }
  const attempts = [
    [c, { conversationId: direct, messageId: message }, 'conversation_not_found'],
    [stranger, { conversationId: direct, messageId: message }, 'conversation_not_found'],
    [stranger, { conversationId: group, messageId: inGroup }, 'conversation_not_found'],
    [stranger, { conversationId: uuid(), messageId: message }, 'conversation_not_found'],
    [stranger, { conversationId: own, messageId: inGroup }, 'message_not_found'],
    [stranger, { conversationId: own, messageId: uuid() }, 'message_not_found'],
    [b, { conversationId: direct, messageId: inGroup }, 'message_not_found'],
    [b, { conversationId: group, messageId: message }, 'message_not_found'],
  ];
  for (const [client, payload, code] of attempts) {
    isAckError(await client.ask('message_delivered', payload), code);
    isErrorEvent(await client.next('error'), code, 'message_delivered');
    await client.settle();
    assert.equal(client.all('error').length, 1);
    client.forget();
  }
});

test('message_delivered with a payload that is none', async (t) => {
  const a = await connect(t, server, server.estate().residents[0], ws);
  const id = uuid();
  const payloads = [undefined, null, 7, 'x', [], {}, { conversationId: id }, { messageId: id }, { conversationId: 'x', messageId: id }, { conversationId: id, messageId: 7 }, { conversationId: { id }, messageId: id }, { conversationId: id, messageId: id, pad: 'x'.repeat(8000) }];
  for (const payload of payloads) {
    const ack = await a.ask('message_delivered', payload);
    isAckError(ack);
    assert.ok(['invalid_payload', 'content_too_large'].includes(ack.error.code), JSON.stringify(ack));
  }
  await a.count('error', payloads.length);
  for (const error of a.all('error')) isErrorEvent(error, undefined, 'message_delivered');
});
