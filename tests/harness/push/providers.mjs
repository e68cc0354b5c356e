// All four services at once, each behind TLS of our own, and a server that was told to use them.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { certificate, expiredCertificate } from '../certificate.mjs';
import { rest } from '../rest.mjs';
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
const TOPIC = 'org.example.vaultify';
const ACCESS_TOKEN = 'access-token-of-the-tests';

/** {name: [stand-in, flags, environment]} of each service; the flags come when it has a port. */
const MAKERS = {
  webpush(files) {
    const pair = ecPair();
    const { d } = pair.private.export({ format: 'jwk' });
    const stand = new WebPushStand('webpush', files);
    stand.publicKey = pointOf(pair.public).toString('base64url');
    return [stand, () => ['--vapid-subject', 'mailto:push@example.org', '--webpush-base', stand.url], { VAPID_PUBLIC_KEY: stand.publicKey, VAPID_PRIVATE_KEY: d }];
  },
  fcm(files) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const stand = new FcmStand('fcm', files, { project: PROJECT, email: EMAIL, key: publicKey });
    const account = { type: 'service_account', project_id: PROJECT, client_email: EMAIL, private_key: pem(privateKey), token_uri: 'https://oauth2.googleapis.com/token' };
    return [stand, () => ['--fcm-base', stand.url, '--fcm-token-url', stand.tokenUrl], { GOOGLE_APPLICATION_CREDENTIALS_JSON: JSON.stringify(account) }];
  },
  apns(files) {
    const pair = ecPair();
    const account = { keyId: 'ABC123DEFG', teamId: 'TEAM123456', topic: TOPIC, key: pair.public };
    const stand = new ApnsStand('apns', files, account);
    const key = writeTemporary(pem(pair.private), 'AuthKey.p8');
    return [stand, () => ['--apns-key', key, '--apns-key-id', account.keyId, '--apns-team-id', account.teamId, '--apns-topic', TOPIC, '--apns-base', stand.url], {}];
  },
  expo(files) {
    const stand = new ExpoStand('expo', files, ACCESS_TOKEN);
    return [stand, () => ['--expo', 'on', '--expo-base', stand.url, '--expo-receipt-delay', '200ms'], { EXPO_ACCESS_TOKEN: ACCESS_TOKEN }];
  },
};

/** {webpush, fcm, apns, expo, args, env, expired}: opened stand-ins, and what `serve` must be told. */
export async function openProviders(names = SERVICES) {
  const [files, expired] = [certificate(), expiredCertificate()];
  const providers = { expired, args: ['--push-ca', writeTemporary(files.pem + expired.pem, 'authorities.pem')], env: {}, names };
  for (const name of names) {
    const [stand, flags, env] = MAKERS[name](files);
    providers[name] = await stand.open();
    providers.args.push(...flags());
    Object.assign(providers.env, env);
  }
  providers.stands = names.map((name) => providers[name]);
  finally_('no push service had to complain', () => assert.deepEqual(providers.stands.flatMap((s) => s.complaints), []));
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

/** A user with one device on the service. */
export const withDevice = (server, user, stand, more) => register(server, user, stand.device(more));
