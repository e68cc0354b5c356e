// A Web Push endpoint is a URL that a user gives us: forms that would lead somewhere else are refused when they are
// registered, and what gets past that connects to nothing of ours.
import assert from 'node:assert/strict';
import net from 'node:net';
import { devicesOf, openProviders, startPushServer } from '../harness/push/providers.mjs';
import { outcomes, say } from '../harness/push/scene.mjs';
import { makeDirect, request } from '../harness/rest.mjs';
import { isRestError } from '../harness/shape.mjs';
import { skip, test, until } from '../harness/suite.mjs';

const GOOD = 'updates.push.services.mozilla.com';
const PATH = '/wpush/v2/abc';

const HOSTILE = [
  // addresses of ours, in every notation that some resolver knows
  ...['127.0.0.1', '127.1', '127.0.1', '0.0.0.0', '0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255'],
  ...['2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001', '127.0.0.1.', '0x7f.1', '1.1.1.1', '3232235777'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:0:0:1]', '[fe80::1]', '[fe80::1%25lo]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
  // names that are not a service's
  ...['localhost', 'localhost.', 'LOCALHOST', 'ip6-localhost', 'metadata.google.internal', 'example.org', 'mozilla.com', 'services.mozilla.com', 'fcm.googleapis.com.example.org', 'evilgoogleapis.com', 'googleapis.com.', 'push.apple.com@127.0.0.1', '127.0.0.1.nip.io', 'xn--ggle-0nda.com'],
  // … or only look like one
  ...[`${GOOD}.`, `${GOOD}..`, `.${GOOD}`, `x..push.services.mozilla.com`, `${GOOD}%2eexample.org`, `${GOOD}%00.example.org`, 'updates.push.services.moz\u0131lla.com', 'fcm\u3002googleapis.com', 'fcm.google\uff41pis.com', '\u24d5cm.googleapis.com', `${GOOD}\\.example.org`, `${GOOD}\t`, `${GOOD} `, `-.push.services.mozilla.com`, `_.push.services.mozilla.com\u200b`, `${'a'.repeat(64)}.push.services.mozilla.com`],
].map((host) => `https://${host}${PATH}`);

HOSTILE.push(
  ...[8080, 80, 22, 0, 65536, '0443x', '-1', '443:443'].map((port) => `https://${GOOD}:${port}${PATH}`),
  `http://${GOOD}${PATH}`, `ftp://${GOOD}${PATH}`, `file:///etc/passwd`, `gopher://${GOOD}/`, `//${GOOD}${PATH}`, `https:${GOOD}${PATH}`, `https:/${GOOD}${PATH}`, `https:///${GOOD}${PATH}`, ` https://${GOOD}${PATH}`,
  `https://user@${GOOD}${PATH}`, `https://user:pw@${GOOD}${PATH}`, `https://@${GOOD}${PATH}`, `https://${GOOD}@127.0.0.1${PATH}`, `https://127.0.0.1#@${GOOD}${PATH}`, `https://127.0.0.1?@${GOOD}${PATH}`, `https://127.0.0.1\\@${GOOD}${PATH}`,
  `https://${GOOD}${PATH}\r\nX-Injected: 1`, `https://${GOOD}/a b`, `https://${GOOD}/\u0000`, `https://${GOOD}/é`, `https://${GOOD}/#fragment`, `https://`, `https://${GOOD}/${'a'.repeat(10_000)}`, 'no url', '', 'javascript:alert(1)',
);

const providers = await openProviders(['webpush']);
const server = await startPushServer(providers, { estates: 4, residents: 12 });
const estate = server.estate();

const KEYS = providers.webpush.device().keys;
const keys = { p256dh: KEYS.point.toString('base64url'), auth: KEYS.auth.toString('base64url') };
const subscribe = (on, user, endpoint, more = keys) =>
  request(on, 'POST', '/notifications/devices', { token: user.token, body: { platform: 'web', token: JSON.stringify({ endpoint, keys: more }) } });
const refused = (answer, what) => {
  assert.equal(answer.status, 400, `${what}: ${answer.status} ${answer.text}`);
  isRestError(answer, 400, { code: answer.json.code });
  assert.doesNotMatch(answer.json.message, /resolve|connect|address is|timed? ?out/i, 'nothing is said about the network');
};

/** Each as another user's: there is a rate of registrations. */
test(`${HOSTILE.length} hostile endpoints: a clear 400, and nothing is stored`, async () => {
  assert.ok(HOSTILE.length >= 60 && new Set(HOSTILE).size === HOSTILE.length);
  const users = estate.residents;
  for (const [i, endpoint] of HOSTILE.entries()) refused(await subscribe(server, users[i % users.length], endpoint), JSON.stringify(endpoint).slice(0, 120));
  for (const user of users) assert.deepEqual(await devicesOf(server, user), []);
});

test('an endpoint as it should be is taken', async () => {
  const { residents } = server.estate();
  for (const [i, host] of [GOOD, 'fcm.googleapis.com', 'web.push.apple.com', 'wns2-par02p.notify.windows.com', `${GOOD}:443`].entries()) {
    const answer = await subscribe(server, residents[i], `https://${host}${PATH}${i}`);
    assert.equal(answer.status, 201, `${host}: ${answer.text}`);
  }
});

test('keys that are none, tokens that are too long, platforms that nobody knows: 400, and nothing is stored', async () => {
  const { residents: users } = server.estate();
  const endpoint = `https://${GOOD}${PATH}`;
  const point = Buffer.from(KEYS.point);
  point[64] ^= 1;
  const odd = { 'not on the curve': point, short: KEYS.point.subarray(0, 64), compressed: Buffer.concat([Buffer.from([2]), KEYS.point.subarray(1, 33)]), zero: Buffer.alloc(65), infinity: Buffer.alloc(1), long: Buffer.concat([KEYS.point, Buffer.alloc(1)]) };
  for (const [what, bytes] of Object.entries(odd)) refused(await subscribe(server, users[0], endpoint, { ...keys, p256dh: bytes.toString('base64url') }), what);
  for (const auth of ['', 'AAAA', Buffer.alloc(17).toString('base64url'), '!'.repeat(22), null, 5]) refused(await subscribe(server, users[1], endpoint, { ...keys, auth }), `auth ${auth}`);
  const bodies = [
    { platform: 'android', token: 'x'.repeat(10_240) }, { platform: 'ios', token: 'x'.repeat(10_240) }, { platform: 'expo', token: `ExponentPushToken[${'x'.repeat(10_240)}]` },
    { platform: 'web', token: `{"endpoint":"${endpoint}"}` }, { platform: 'web', token: '{' }, { platform: 'web', token: '[]' },
    { platform: 'windows', token: 'x' }, { platform: 'web' }, { token: 'x' }, { platform: 'android', token: '' }, { platform: 'android', token: 'a b' }, { platform: 'android', token: 'a\u0000b' }, { platform: 7, token: 'x' }, {}, [],
  ];
  for (const [i, body] of bodies.entries()) refused(await request(server, 'POST', '/notifications/devices', { token: users[2 + (i % 6)].token, body }), JSON.stringify(body).slice(0, 120));
  for (const user of users) assert.deepEqual(await devicesOf(server, user), []);
});

/** Listeners on the port that is allowed, at both of this machine's addresses; null where one may not. */
async function trap(t) {
  const hits = [];
  for (const host of ['127.0.0.1', '::1']) {
    const listener = net.createServer((socket) => hits.push(socket.destroy()));
    t.after(() => listener.close());
    const error = await new Promise((done) => listener.on('error', done).listen(443, host, () => done(null)));
    if (error && host === '127.0.0.1') return null;
  }
  return hits;
}

test('a name on the list that leads to this machine: nothing connects', async (t) => {
  const hits = await trap(t);
  if (!hits) return skip('a name on the list that leads to this machine', 'port 443 is not for us');
  const { args, env } = providers;
  const bare = args.filter((_, i) => args[i] !== '--webpush-base' && args[i - 1] !== '--webpush-base');
  const trusting = await startPushServer({ ...providers, args: bare, env }, { estates: 1, args: ['--webpush-hosts', 'localhost,*.push.services.mozilla.com'] });
  const [sender, reader] = trusting.estate().residents;
  const answer = await subscribe(trusting, reader, 'https://localhost/push/1');
  assert.equal(answer.status, 201, answer.text);
  await say(trusting, sender, await makeDirect(trusting, sender, reader), 'knock knock');
  await until(async () => (await outcomes(trusting, 'webpush', 'refused')) + (await outcomes(trusting, 'webpush', 'token_dead')) + (await outcomes(trusting, 'webpush', 'retry')) > 0, 'the guard to refuse');
  assert.deepEqual(hits, []);
});
