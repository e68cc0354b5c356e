// JWTs signed with HMAC, good ones and bad ones.
import { createHmac } from 'node:crypto';

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** An access token. `lifetimeS` may be negative; any claim and header may be given (undefined leaves it out). */
export function signToken(secret, { lifetimeS = 3600, header = {}, hash = 'sha256', ...claims } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const head = part({ alg: 'HS256', typ: 'JWT', ...header });
  const body = part({ iat: now + Math.min(0, lifetimeS), exp: now + lifetimeS, ...claims });
  return `${head}.${body}.${createHmac(hash, secret).update(`${head}.${body}`).digest('base64url')}`;
}
