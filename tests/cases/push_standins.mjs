// The stand-ins of the push services themselves: what they accept, and that they refuse what the real ones do.
import assert from 'node:assert/strict';
import { createCipheriv, createECDH, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import http2 from 'node:http2';
import { gzipSync } from 'node:zlib';
import { certificate } from '../harness/certificate.mjs';
import { ApnsStand } from '../harness/push/apns.mjs';
import { decrypt } from '../harness/push/encryption.mjs';
import { ExpoStand } from '../harness/push/expo.mjs';
import { FcmStand } from '../harness/push/fcm.mjs';
import { ecPair, pointOf, verified } from '../harness/push/jwt.mjs';
import { WebPushStand } from '../harness/push/webpush.mjs';
import { soon, test } from '../harness/suite.mjs';

const files = certificate();
const now = () => Math.floor(Date.now() / 1000);
const bytes = (text) => Buffer.from(text, 'base64url');

async function open(t, stand) {
  await stand.open();
  const session = http2.connect(stand.url, { ca: files.pem });
  session.on('error', () => {});
  t.after(async () => {
    session.destroy();
    await stand.close();
  });
  /** {status, json}; or an exception when the stream breaks. */
  const post = async (path, headers, body = '') => {
    const answer = await soon(
      new Promise((done, fail) => {
        const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
        const came = { text: '' };
        stream.on('response', (h) => Object.assign(came, { status: h[':status'], headers: h }));
        stream.on('data', (d) => (came.text += d)).on('error', fail).on('end', () => done(came));
        stream.end(body);
      }),
      `the answer of ${stand.name}`,
      1000,
    );
    return { ...answer, json: answer.text ? JSON.parse(answer.text) : null };
  };
  return { session, post };
}

function jwt(key, alg, claims, header = {}) {
  const text = [{ alg, ...header }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key).toString('base64url')}`;
}

test('RFC 8291, appendix A', () => {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(bytes('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'));
  const auth = bytes('BTBZMqHH6r4Tts7J_aSIgg');
  const body = bytes('DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN');
  assert.equal(decrypt({ ecdh, point: ecdh.getPublicKey(), auth }, body).toString(), 'When I grow up, I want to be a watermelon');
  body[body.length - 1] ^= 1;
  assert.throws(() => decrypt({ ecdh, point: ecdh.getPublicKey(), auth }, body));
});

test('a signature of another key, or another algorithm, is none', () => {
  const [pair, other] = [ecPair(), ecPair()];
  const token = jwt(pair.private, 'ES256', { a: 1 });
  assert.equal(verified(token, pair.public, 'ES256').claims.a, 1);
  assert.equal(verified(token, other.public, 'ES256'), null);
  assert.equal(verified(token, pair.public, 'RS256'), null);
  assert.equal(verified(`${token}x`, pair.public, 'ES256'), null);
});

/** What a server does, in the fewest lines. */
function encrypt({ point, auth }, text) {
  const hmac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts.map((p) => Buffer.from(p)))).digest();
  const sender = createECDH('prime256v1');
  const mine = sender.generateKeys();
  const secret = hmac(hmac(auth, sender.computeSecret(point)), 'WebPush: info\0', point, mine, [1]);
  const salt = randomBytes(16);
  const base = hmac(salt, secret);
  const [key, nonce] = [hmac(base, 'Content-Encoding: aes128gcm\0', [1]).subarray(0, 16), hmac(base, 'Content-Encoding: nonce\0', [1]).subarray(0, 12)];
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  return Buffer.concat([salt, Buffer.from([0, 0, 16, 0, 65]), mine, cipher.update(`${text}\x02`), cipher.final(), cipher.getAuthTag()]);
}

test('Web Push: decrypts what is right, and refuses each wrong header', async (t) => {
  const pair = ecPair();
  const stand = new WebPushStand('webpush', files);
  const { post } = await open(t, stand);
  const device = stand.device();
  stand.publicKey = pointOf(pair.public).toString('base64url');
  const claims = { aud: device.origin, exp: now() + 3600, sub: 'mailto:a@b.c' };
  const headers = (more = {}, said = {}) => ({ ttl: '60', urgency: 'high', topic: 'abc', 'content-encoding': 'aes128gcm', 'content-type': 'application/octet-stream', authorization: `vapid t=${jwt(pair.private, 'ES256', { ...claims, ...said })}, k=${stand.publicKey}`, ...more });
  const body = encrypt(device.keys, JSON.stringify({ title: 'T', body: 'B', seq: 3 }));
  const status = async (...args) => (await post(device.token, headers(...args), body)).status;
  assert.equal(await status(), 201);
  const [push] = await stand.pushed(device);
  assert.deepEqual([push.title, push.body, push.members, push.ttl], ['T', 'B', { seq: 3 }, 60]);
  for (const [wanted, ...args] of [
    [400, { ttl: 'soon' }], [400, { urgency: 'urgent' }], [400, { topic: 'a'.repeat(33) }], [400, { 'content-encoding': 'aesgcm' }],
    [401, { authorization: 'Bearer x' }], [403, {}, { aud: 'https://example.org' }], [403, {}, { exp: now() - 1 }], [403, {}, { exp: now() + 90_000 }], [403, {}, { sub: 'me' }],
  ]) assert.equal(await status(...args), wanted, JSON.stringify(args));
  assert.equal((await post('/wpush/v2/other', headers(), body)).status, 404);
  stand.answer(device, 'GONE');
  assert.equal(await status(), 410);
  assert.equal(device.pushes.length, 1);
  assert.equal(stand.complaints.length, 10);
});

test('APNs: in Apple\'s words', async (t) => {
  const pair = ecPair();
  const stand = new ApnsStand('apns', files, { keyId: 'KEY', teamId: 'TEAM', topic: 'org.a', key: pair.public });
  const { post } = await open(t, stand);
  const device = stand.device();
  const bearer = (said = {}, header = { kid: 'KEY' }) => `bearer ${jwt(pair.private, 'ES256', { iss: 'TEAM', iat: now() - 5, ...said }, header)}`;
  const first = bearer();
  const headers = (more = {}) => ({ authorization: first, 'apns-topic': 'org.a', 'apns-push-type': 'alert', 'apns-priority': '10', ...more });
  const reason = async (more, body = '{"aps":{"alert":{"title":"T","body":"B"}},"seq":1}', path = `/3/device/${device.token}`) => (await post(path, headers(more), body)).json?.reason ?? 'OK';
  assert.equal(await reason({}), 'OK');
  for (const [wanted, ...args] of [
    ['MissingTopic', { 'apns-topic': '' }], ['TopicDisallowed', { 'apns-topic': 'org.b' }], ['InvalidPushType', { 'apns-push-type': 'loud' }],
    ['BadPriority', { 'apns-priority': '7' }], ['BadPriority', { 'apns-push-type': 'background' }], ['BadExpirationDate', { 'apns-expiration': 'soon' }],
    ['BadCollapseId', { 'apns-collapse-id': 'x'.repeat(65) }], ['BadMessageId', { 'apns-id': '1' }], ['MissingProviderToken', { authorization: 'x' }],
    ['InvalidProviderToken', { authorization: bearer({ iss: 'OTHER' }) }], ['InvalidProviderToken', { authorization: bearer({}, { kid: 'OTHER' }) }],
    ['ExpiredProviderToken', { authorization: bearer({ iat: now() - 3700 }) }], ['TooManyProviderTokenUpdates', { authorization: bearer({ iat: now() - 10 }) }],
    ['PayloadTooLarge', {}, 'x'.repeat(4097)], ['PayloadEmpty', {}, ''], ['BadPath', {}, '{}', '/4'], ['BadDeviceToken', {}, '{}', '/3/device/ab'],
  ]) assert.equal(await reason(...args), wanted, JSON.stringify(args));
  stand.answer(device, stand.unregistered(5), 'ServiceUnavailable');
  assert.deepEqual((await post(`/3/device/${device.token}`, headers(), '{"aps":{}}')).json, { reason: 'Unregistered', timestamp: 5 });
  assert.equal(await reason({}), 'ServiceUnavailable');
});

test('FCM: a grant, a bearer, a schema', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stand = new FcmStand('fcm', files, { project: 'p', email: 'a@b', key: publicKey });
  const { post } = await open(t, stand);
  const device = stand.device();
  const scope = 'https://www.googleapis.com/auth/firebase.messaging';
  const grant = (said) => {
    const assertion = jwt(privateKey, 'RS256', { iss: 'a@b', aud: stand.tokenUrl, scope, iat: now(), exp: now() + 3600, ...said });
    const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    return post('/token', { 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
  };
  for (const said of [{ iss: 'c' }, { aud: 'https://example.org' }, { scope: 'x' }, { exp: now() + 7200 }]) assert.equal((await grant(said)).json.error, 'invalid_grant');
  const bearer = (await grant()).json.access_token;
  const send = (message, authorization = `Bearer ${bearer}`) => post('/v1/projects/p/messages:send', { authorization }, JSON.stringify({ message }));
  const good = { token: device.token, notification: { title: 'T', body: 'B' }, data: { seq: '1' }, android: { priority: 'HIGH', ttl: '3.5s', notification: { notification_count: 3 } } };
  assert.equal((await send(good)).status, 200);
  assert.equal((await send(good, 'Bearer x')).status, 401);
  for (const bad of [{ data: { seq: 1 } }, { android: { priority: 'high' } }, { android: { ttl: '5' } }, { badge: 1 }, { data: { x: 'x'.repeat(4096) } }]) assert.equal((await send({ ...good, ...bad })).status, 400, JSON.stringify(bad).slice(0, 99));
  stand.answer(device, 'UNREGISTERED', 'QUOTA_EXCEEDED_2S');
  assert.equal((await send(good)).json.error.details[0].errorCode, 'UNREGISTERED');
  assert.equal((await send(good)).headers['retry-after'], '2');
});

test('Expo: tickets, receipts, gzip, at most a hundred', async (t) => {
  const stand = new ExpoStand('expo', files, 'secret');
  const { post } = await open(t, stand);
  const [a, b] = [stand.device({ receipts: ['later', 'DeviceNotRegistered'] }), stand.device()];
  const ask = (what, value) => post(`/--/api/v2/push/${what}`, { authorization: 'Bearer secret', 'content-encoding': 'gzip' }, gzipSync(JSON.stringify(value)));
  const message = (device) => ({ to: device.token, title: 'T', body: 'B', data: { seq: 1 } });
  stand.answer(b, 'MessageRateExceeded');
  const tickets = (await ask('send', [message(a), message(b)])).json.data;
  assert.deepEqual([tickets[0].status, tickets[1].details.error], ['ok', 'MessageRateExceeded']);
  const ids = [tickets[0].id, 'unknown'];
  assert.deepEqual((await ask('getReceipts', { ids })).json.data, {});
  assert.equal((await ask('getReceipts', { ids })).json.data[ids[0]].details.error, 'DeviceNotRegistered');
  assert.equal((await ask('send', Array(101).fill(message(a)))).status, 400);
  assert.equal((await ask('send', [{ ...message(a), colour: 'red' }])).status, 400);
  stand.answer(b, 'TOO_MANY_2S');
  assert.equal((await ask('send', [message(a), message(b)])).status, 429);
});

test('faults: silence, a stream that is reset, nonsense', async (t) => {
  const stand = new ExpoStand('expo', files);
  const { post } = await open(t, stand);
  for (const [fault, error] of [['hang', /waited/], ['reset', /INTERNAL_ERROR/], ['garbage', /JSON|token/i]]) {
    stand.down = fault;
    await assert.rejects(post('/--/api/v2/push/send', {}, '[]'), error, fault);
  }
  stand.down = null;
});
