// Apple's push service: HTTP/2 alone, token authentication, and the refusals of its documentation, in its words.
import { randomBytes } from 'node:crypto';
import { UUID } from '../shape.mjs';
import { verified } from './jwt.mjs';
import { Stand } from './stand.mjs';

const PAYLOAD_MAX_BYTES = 4096;
const COLLAPSE_ID_MAX_BYTES = 64;
const TOKEN_AGE_MAX_S = 3600;
const TOKEN_RENEWAL_MIN_S = 20 * 60;
const STREAMS_BEFORE_AUTHENTICATION = 1;
const STREAMS = 500;
const TYPES = { alert: ['10', '5', '1'], background: ['5'] }; // apns-push-type: the priorities it may have

const REASONS = {
  400: ['BadCollapseId', 'BadDeviceToken', 'BadExpirationDate', 'BadMessageId', 'BadPriority', 'BadTopic', 'DeviceTokenNotForTopic', 'DuplicateHeaders', 'IdleTimeout', 'InvalidPushType', 'MissingDeviceToken', 'MissingTopic', 'PayloadEmpty', 'TopicDisallowed'],
  403: ['BadCertificate', 'BadCertificateEnvironment', 'ExpiredProviderToken', 'Forbidden', 'InvalidProviderToken', 'MissingProviderToken'],
  404: ['BadPath'],
  405: ['MethodNotAllowed'],
  410: ['ExpiredToken', 'Unregistered'],
  413: ['PayloadTooLarge'],
  429: ['TooManyProviderTokenUpdates', 'TooManyRequests'],
  500: ['InternalServerError'],
  503: ['ServiceUnavailable', 'Shutdown'],
};

const ANSWERS = { OK: { status: 200 }, TooManyRequests2s: { status: 429, headers: { 'retry-after': '2' }, body: { reason: 'TooManyRequests' } } };
for (const [status, reasons] of Object.entries(REASONS)) for (const reason of reasons) ANSWERS[reason] = { status: Number(status), body: { reason } };

export class ApnsStand extends Stand {
  good = 'OK';
  answers = ANSWERS;

  /** `account`: {keyId, teamId, topic, key: the public one}. */
  constructor(name, files, account) {
    super(name, files, { maxConcurrentStreams: STREAMS_BEFORE_AUTHENTICATION });
    this.account = account;
    this.tokens = new WeakMap(); // session -> {token, at}
  }

  device(more = {}) {
    const token = randomBytes(32).toString('hex');
    return this.add(token, { platform: 'ios', registration: token, name: token, ...more });
  }

  /** The app was removed at that time: 410 with Apple's timestamp. */
  unregistered = (at) => ({ status: 410, body: { reason: 'Unregistered', timestamp: at } });

  handle(x) {
    const refusal = this.#malformed(x) ?? this.#badKey(x) ?? this.#badHeader(x);
    if (refusal) return this.#refuse(x, refusal);
    const device = this.devices.get(x.path.slice('/3/device/'.length));
    if (!device) return this.#refuse(x, 'BadDeviceToken');
    return this.reply(x, this.take(device, this.#note(x), x));
  }

  reply(x, answer) {
    x.res.setHeader?.('apns-id', x.headers['apns-id'] ?? '');
    super.reply(x, answer);
  }

  #refuse(x, reason) {
    this.complain(`${reason}: ${x.req.method} ${x.path} ${JSON.stringify(x.headers)}`);
    this.reply(x, reason);
  }

  #malformed(x) {
    if (!x.http2) return 'MethodNotAllowed'; // Apple does not even speak HTTP/1.1
    if (x.req.method !== 'POST') return 'MethodNotAllowed';
    if (!x.path.startsWith('/3/device/')) return 'BadPath';
    if (x.path === '/3/device/') return 'MissingDeviceToken';
    if (!x.body.length) return 'PayloadEmpty';
    return x.body.length > PAYLOAD_MAX_BYTES ? 'PayloadTooLarge' : null;
  }

  /** Good for an hour, not renewed within 20 minutes on a connection; more than one stream only when one was good. */
  #badKey(x) {
    const [, token] = /^bearer (\S+)$/.exec(x.headers.authorization ?? '') ?? [];
    if (!token) return 'MissingProviderToken';
    const jwt = verified(token, this.account.key, 'ES256');
    if (!jwt || jwt.header.kid !== this.account.keyId || jwt.claims.iss !== this.account.teamId) return 'InvalidProviderToken';
    const age = Date.now() / 1000 - jwt.claims.iat;
    if (!(age > -60)) return 'InvalidProviderToken';
    if (!(age < TOKEN_AGE_MAX_S)) return 'ExpiredProviderToken';
    const last = this.tokens.get(x.session);
    if (last && last.token !== token && x.at - last.at < TOKEN_RENEWAL_MIN_S * 1000) return 'TooManyProviderTokenUpdates';
    if (!last) x.session.settings({ maxConcurrentStreams: STREAMS });
    if (last?.token !== token) this.tokens.set(x.session, { token, at: x.at });
    return null;
  }

  #badHeader({ headers }) {
    if (!headers['apns-topic']) return 'MissingTopic';
    if (headers['apns-topic'] !== this.account.topic) return 'TopicDisallowed';
    if (!TYPES[headers['apns-push-type']]) return 'InvalidPushType';
    if (headers['apns-priority'] !== undefined && !TYPES[headers['apns-push-type']].includes(headers['apns-priority'])) return 'BadPriority';
    if (headers['apns-expiration'] !== undefined && !/^\d{1,10}$/.test(headers['apns-expiration'])) return 'BadExpirationDate';
    if (Buffer.byteLength(headers['apns-collapse-id'] ?? '') > COLLAPSE_ID_MAX_BYTES) return 'BadCollapseId';
    return headers['apns-id'] !== undefined && !UUID.test(headers['apns-id']) ? 'BadMessageId' : null;
  }

  #note(x) {
    const { aps, ...members } = JSON.parse(x.body);
    const { title, body } = aps.alert ?? {};
    const header = (name) => x.headers[`apns-${name}`];
    return {
      title, body, aps, members, bytes: x.body.length, id: header('id'), type: header('push-type'),
      priority: header('priority'), expiration: Number(header('expiration')), collapseId: header('collapse-id'),
    };
  }
}
