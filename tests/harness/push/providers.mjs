// All four services at once, each behind TLS of our own, and a server that was told to use them.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { Agent } from 'node:http';
import { certificate, expiredCertificate } from '../certificate.mjs';
import { request, rest } from '../rest.mjs';
import { startServer, writeTemporary } from '../server.mjs';
import { finally_ } from '../suite.mjs';
import { ApnsStand } from './apns.mjs';
import { ExpoStand } from './expo.mjs';
import { FcmStand } from './fcm.mjs';
import { ecPair, pem, pointOf } from './jwt.mjs';
import { WebPushStand } from './webpush.mjs';

export const SERVICES = ['webpush', 'fcm', 'apns', 'expo'];
const PROJECT = 'vaultify-test';
const EMAIL = 'push@vaultify-test.iam.gserviceaccount.com';
const TOKEN_URI = 'https://oauth2.googleapis.com/token';
const TOPIC = 'org.example.vaultify';
const ACCESS_TOKEN = 'access-token-of-the-tests';

// Made once a process: making them takes so long that living stand-ins would not answer meanwhile.
const files = certificate();
const expired = expiredCertificate();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const authorities = writeTemporary(files.pem + expired.pem, 'authorities.pem');

/** {name: [stand-in, flags, environment]} of each service; the flags come when it has a port. */
const MAKERS = {
  webpush() {
    const pair = ecPair();
    const { d } = pair.private.export({ format: 'jwk' });
    const stand = new WebPushStand('webpush', files);
    stand.publicKey = pointOf(pair.public).toString('base64url');
    return [stand, () => ['--vapid-subject', 'mailto:push@example.org', '--webpush-base', stand.url], { VAPID_PUBLIC_KEY: stand.publicKey, VAPID_PRIVATE_KEY: d }];
  },
  fcm() {
    const stand = new FcmStand('fcm', files, { project: PROJECT, email: EMAIL, key: rsa.publicKey, tokenUri: TOKEN_URI });
    const account = { type: 'service_account', project_id: PROJECT, client_email: EMAIL, private_key: pem(rsa.privateKey), token_uri: TOKEN_URI };
    return [stand, () => ['--fcm-base', stand.url, '--fcm-token-url', stand.tokenUrl], { GOOGLE_APPLICATION_CREDENTIALS_JSON: JSON.stringify(account) }];
  },
  apns() {
    const pair = ecPair();
    const account = { keyId: 'ABC123DEFG', teamId: 'TEAM123456', topic: TOPIC, key: pair.public };
    const stand = new ApnsStand('apns', files, account);
    const key = writeTemporary(pem(pair.private), 'AuthKey.p8');
    return [stand, () => ['--apns-key', key, '--apns-key-id', account.keyId, '--apns-team-id', account.teamId, '--apns-topic', TOPIC, '--apns-base', stand.url], {}];
  },
  expo() {
    const stand = new ExpoStand('expo', files, ACCESS_TOKEN);
    return [stand, () => ['--expo', 'on', '--expo-base', stand.url, '--expo-receipt-delay', '200ms'], { EXPO_ACCESS_TOKEN: ACCESS_TOKEN }];
  },
};

const opened = [];
finally_('no push service had to complain', () => assert.deepEqual(opened.flatMap((s) => s.complaints), []));

/** {webpush, fcm, apns, expo, args, env, expired}: opened stand-ins, and what `serve` must be told. */
export async function openProviders(names = SERVICES) {
  const providers = { expired, args: ['--push-ca', authorities], env: {}, names };
  for (const name of names) {
    const [stand, flags, env] = MAKERS[name]();
    providers[name] = await stand.open();
    providers.args.push(...flags());
    Object.assign(providers.env, env);
  }
  providers.stands = names.map((name) => providers[name]);
  opened.push(...providers.stands);
  return providers;
}

/** A server with those services. `unackedAfter`, `pingInterval`, `pingTimeout`: how long pushes wait for sockets. */
export function startPushServer(providers, { args = [], env, unackedAfter = '20s', ...options } = {}) {
  return startServer({ ...options, args: [...providers.args, '--push-unacked-after', unackedAfter, ...args], env: { ...providers.env, ...env } });
}

/** The user's app says where it can be reached; the device, as its service's stand-in knows it. */
export async function register(server, user, device, deviceId) {
  const body = { platform: device.platform, token: device.registration, ...(deviceId ? { device_id: deviceId } : {}) };
  device.row = await rest(server, user, 'POST', '/notifications/devices', { status: 201, body });
  return device;
}

export const devicesOf = (server, user) => rest(server, user, 'GET', '/notifications/devices');

/** Many users at once, over few connections. */
export async function registerAll(server, users, stand) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const answers = users.map(async (user) => {
    const device = stand.device();
    const answer = await request(server, 'POST', '/notifications/devices', { token: user.token, body: { platform: device.platform, token: device.registration }, agent, ms: 120_000 });
    assert.equal(answer.status, 201, answer.text);
    return device;
  });
  const devices = await Promise.all(answers);
  agent.destroy();
  return devices;
}

/** A user with one device on the service. */
export const withDevice = (server, user, stand, more) => register(server, user, stand.device(more));
