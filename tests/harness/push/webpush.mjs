// A Web Push service (RFC 8030) that decrypts with its browsers' own keys and believes no header: what it refuses, it
// refuses as the RFCs say.
import { randomBytes } from 'node:crypto';
import { browserKeys, decrypt } from './encryption.mjs';
import { keyOfPoint, verified } from './jwt.mjs';
import { Stand } from './stand.mjs';

const DAY_S = 24 * 3600;
const BODY_MAX_BYTES = 4096;
const ORIGIN = 'https://updates.push.services.mozilla.com';

const ANSWERS = {
  CREATED: { status: 201, headers: { location: `${ORIGIN}/m/1` } },
  BAD_REQUEST: { status: 400 },
  UNAUTHORIZED: { status: 401 },
  FORBIDDEN: { status: 403 },
  NOT_FOUND: { status: 404 },
  GONE: { status: 410 },
  TOO_LARGE: { status: 413 },
  TOO_MANY: { status: 429 },
  TOO_MANY_2S: { status: 429, headers: { 'retry-after': '2' } },
  TOO_MANY_HOUR: { status: 429, headers: { 'retry-after': '3600' } },
  BROKEN: { status: 500 },
  BAD_GATEWAY: { status: 502 },
  UNAVAILABLE: { status: 503 },
  MOVED: { status: 301, headers: { location: '/elsewhere' } }, // where nobody may come: a complaint
  REDIRECT: { status: 307, headers: { location: '/elsewhere' } },
};

export class WebPushStand extends Stand {
  good = 'CREATED';
  answers = ANSWERS;

  /** A browser that has subscribed. The endpoint is one of a real service: requests come here by --webpush-base. */
  device({ origin = ORIGIN, ...more } = {}) {
    const path = `/wpush/v2/${randomBytes(24).toString('base64url')}`;
    const keys = browserKeys();
    const subscription = { endpoint: origin + path, expirationTime: null, keys: { p256dh: keys.point.toString('base64url'), auth: keys.auth.toString('base64url') } };
    return this.add(path, { platform: 'web', registration: JSON.stringify(subscription), name: subscription.endpoint, origin, keys, ...more });
  }

  handle(x) {
    const device = this.devices.get(x.path);
    if (x.req.method !== 'POST' || !device) return this.#refuse(x, 404, `no such subscription: ${x.req.method} ${x.path}`);
    const wrong = this.#badHeader(x) ?? this.#badKey(x, device.origin);
    if (wrong) return this.#refuse(x, ...wrong);
    if (x.body.length > BODY_MAX_BYTES) return this.#refuse(x, 413, `${x.body.length} bytes`);
    return this.reply(x, this.take(device, this.#note(x, device), x));
  }

  #refuse(x, status, why) {
    this.complain(`${status}: ${why}`);
    x.send(status);
  }

  #badHeader({ headers }) {
    if (!/^\d{1,9}$/.test(headers.ttl ?? '')) return [400, `TTL ${headers.ttl}`];
    if (headers.urgency !== undefined && !['very-low', 'low', 'normal', 'high'].includes(headers.urgency)) return [400, `Urgency ${headers.urgency}`];
    if (headers.topic !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(headers.topic)) return [400, `Topic ${headers.topic}`];
    if (headers['content-encoding'] !== 'aes128gcm') return [400, `Content-Encoding ${headers['content-encoding']}`];
    if (headers['content-type'] !== 'application/octet-stream') return [400, `Content-Type ${headers['content-type']}`];
    return null;
  }

  /** RFC 8292: `vapid t=<JWT>, k=<key>`; the key is the one that the page was given (`publicKey`). */
  #badKey({ headers }, origin) {
    const [, token, key] = /^vapid t=([^,\s]+),\s*k=([^,\s]+)$/.exec(headers.authorization ?? '') ?? [];
    if (!token) return [401, `Authorization ${headers.authorization}`];
    if (this.publicKey && key !== this.publicKey) return [403, 'not the key of this subscription'];
    const jwt = verified(token, keyOfPoint(Buffer.from(key, 'base64url')), 'ES256');
    if (!jwt) return [403, 'the signature is not good'];
    const { aud, exp, sub } = jwt.claims;
    const now = Date.now() / 1000;
    if (aud !== origin) return [403, `aud ${aud}`];
    if (!(exp > now && exp <= now + DAY_S)) return [403, `exp in ${exp - now} s`];
    if (!/^(mailto:|https:)/.test(sub)) return [403, `sub ${sub}`];
    return null;
  }

  #note(x, device) {
    const { title, body, ...rest } = JSON.parse(decrypt(device.keys, x.body));
    const { ttl, urgency, topic } = x.headers;
    return { title, body, payload: { title, body, ...rest }, members: rest.data ?? rest, ttl: Number(ttl), urgency, topic, bytes: x.body.length };
  }
}
