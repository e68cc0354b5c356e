// Google's: the OAuth exchange (RFC 7523) and FCM's HTTP v1 API, with its schema and its errors in its shapes.
import { randomBytes } from 'node:crypto';
import { verified } from './jwt.mjs';
import { Stand } from './stand.mjs';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const HOUR_S = 3600;
const MESSAGE_MAX_BYTES = 4096;
const TYPE = 'type.googleapis.com/';

const error = (code, status, details, headers) => ({ status: code, headers, body: { error: { code, message: `A message about ${status}.`, status, details } } });
const fcmError = (errorCode) => ({ '@type': `${TYPE}google.firebase.fcm.v1.FcmError`, errorCode });
const badField = (field) => ({ '@type': `${TYPE}google.rpc.BadRequest`, fieldViolations: [{ field, description: 'Invalid value' }] });

const ANSWERS = {
  OK: { status: 200, body: { name: 'projects/vaultify-test/messages/0:1' } },
  UNREGISTERED: error(404, 'NOT_FOUND', [fcmError('UNREGISTERED')]),
  INVALID_TOKEN: error(400, 'INVALID_ARGUMENT', [fcmError('INVALID_ARGUMENT')]),
  INVALID_FIELD: error(400, 'INVALID_ARGUMENT', [fcmError('INVALID_ARGUMENT'), badField('message.android.ttl')]),
  SENDER_ID_MISMATCH: error(403, 'PERMISSION_DENIED', [fcmError('SENDER_ID_MISMATCH')]),
  PERMISSION_DENIED: error(403, 'PERMISSION_DENIED'),
  THIRD_PARTY_AUTH_ERROR: error(401, 'UNAUTHENTICATED', [fcmError('THIRD_PARTY_AUTH_ERROR')]),
  UNAUTHENTICATED: error(401, 'UNAUTHENTICATED'),
  NO_SUCH_PROJECT: error(404, 'NOT_FOUND'),
  QUOTA_EXCEEDED: error(429, 'RESOURCE_EXHAUSTED', [fcmError('QUOTA_EXCEEDED')]),
  QUOTA_EXCEEDED_2S: error(429, 'RESOURCE_EXHAUSTED', [fcmError('QUOTA_EXCEEDED')], { 'retry-after': '2' }),
  QUOTA_EXCEEDED_HOUR: error(429, 'RESOURCE_EXHAUSTED', [fcmError('QUOTA_EXCEEDED')], { 'retry-after': '3600' }),
  UNAVAILABLE: error(503, 'UNAVAILABLE', [fcmError('UNAVAILABLE')]),
  INTERNAL: error(500, 'INTERNAL', [fcmError('INTERNAL')]),
};

const text = (v) => typeof v === 'string';
const count = (v) => Number.isInteger(v) && v >= 0;
const texts = (v) => v && typeof v === 'object' && !Array.isArray(v) && Object.values(v).every(text);
const object = (v) => v && typeof v === 'object' && !Array.isArray(v);
const fields = (known) => (v) => object(v) && Object.entries(v).every(([name, value]) => known[name]?.(value));

/** The members of a message that may be there at all, as far as anybody needs them. */
const MESSAGE = fields({
  token: text,
  data: texts,
  notification: fields({ title: text, body: text }),
  android: fields({
    priority: (v) => v === 'HIGH' || v === 'NORMAL',
    ttl: (v) => /^\d+(\.\d{1,9})?s$/.test(v),
    collapse_key: text,
    notification: fields({ channel_id: text, tag: text, notification_count: count, sound: text, notification_priority: text, default_sound: (v) => typeof v === 'boolean' }),
  }),
  apns: fields({ headers: texts, payload: object }),
  webpush: fields({ headers: texts, data: texts, notification: object, fcm_options: object }),
  fcm_options: object,
});

export class FcmStand extends Stand {
  good = 'OK';
  answers = ANSWERS;
  bearers = new Map(); // token -> when it expires
  grants = 0;
  tokenAnswer = null; // instead of a token: one of FAULTS, or {status, body}
  lifetimeS = HOUR_S - 1;

  /** `account`: {project, email, key: the public one, tokenUri: what grants are for, when it is not asked here by that name}. */
  constructor(name, files, account) {
    super(name, files, { maxConcurrentStreams: 100 });
    this.account = account;
  }

  get tokenUrl() {
    return `${this.url}/token`;
  }

  device(more = {}) {
    const token = `${randomBytes(11).toString('base64url')}:APA91b${randomBytes(100).toString('base64url')}`;
    return this.add(token, { platform: 'android', registration: token, name: token, ...more });
  }

  /** All that were given out are good no more. */
  forgetBearers() {
    this.bearers.clear();
  }

  handle(x) {
    if (x.path === '/token') return this.#grant(x);
    if (x.path !== `/v1/projects/${this.account.project}/messages:send` || x.req.method !== 'POST') return this.#refuse(x, 'NO_SUCH_PROJECT', x.path);
    const [, bearer] = /^Bearer (\S+)$/.exec(x.headers.authorization ?? '') ?? [];
    if (!(this.bearers.get(bearer) > Date.now())) return this.reply(x, 'UNAUTHENTICATED');
    return this.#message(x);
  }

  #refuse(x, answer, why) {
    this.complain(`${answer}: ${why}`);
    this.reply(x, answer);
  }

  #grant(x) {
    this.grants++;
    if (this.tokenAnswer) return this.reply(x, this.tokenAnswer);
    const form = new URLSearchParams(x.body.toString());
    const wrong = this.#badGrant(x, form);
    if (wrong) {
      this.complain(`the grant: ${wrong}`);
      return x.json(400, { error: 'invalid_grant', error_description: wrong });
    }
    const access_token = `ya29.${randomBytes(60).toString('base64url')}`;
    this.bearers.set(access_token, Date.now() + this.lifetimeS * 1000);
    return x.json(200, { access_token, expires_in: this.lifetimeS, token_type: 'Bearer' });
  }

  #badGrant(x, form) {
    if (!/^application\/x-www-form-urlencoded/.test(x.headers['content-type'])) return `Content-Type ${x.headers['content-type']}`;
    if (form.get('grant_type') !== GRANT) return `grant_type ${form.get('grant_type')}`;
    const jwt = verified(form.get('assertion'), this.account.key, 'RS256');
    if (!jwt) return 'the signature is not good';
    const { iss, aud, scope, iat, exp } = jwt.claims;
    const now = Date.now() / 1000;
    if (iss !== this.account.email) return `iss ${iss}`;
    if (aud !== (this.account.tokenUri ?? this.tokenUrl)) return `aud ${aud}`;
    if (!String(scope).split(' ').includes(SCOPE)) return `scope ${scope}`;
    if (!(iat <= now + 5 && iat > now - 300)) return `iat ${iat - now} s`;
    return exp > now && exp <= iat + HOUR_S ? null : `exp in ${exp - now} s`;
  }

  #message(x) {
    const { message, ...rest } = JSON.parse(x.body);
    if (Object.keys(rest).length || !MESSAGE(message)) return this.#refuse(x, 'INVALID_FIELD', x.body.toString().slice(0, 600));
    if (Buffer.byteLength(JSON.stringify({ ...message.notification, ...message.data })) > MESSAGE_MAX_BYTES) return this.#refuse(x, 'INVALID_FIELD', `${x.body.length} bytes`);
    const device = this.devices.get(message.token);
    if (!device) return this.#refuse(x, 'INVALID_TOKEN', `no such token: ${message.token}`);
    return this.reply(x, this.take(device, { ...message.notification, members: message.data, message }, x));
  }
}
