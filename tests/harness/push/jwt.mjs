// JWTs of push services, read from the RFCs: ES256 (VAPID, APNs) and RS256 (Google), verified with node:crypto alone.
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';

const ALGORITHMS = {
  ES256: (key) => ({ key, dsaEncoding: 'ieee-p1363' }), // r and s, 32 bytes each: RFC 7518, 3.4
  RS256: (key) => key,
};

/** {header, claims} of a token that this key has signed, or null. */
export function verified(token, key, algorithm) {
  const parts = String(token).split('.');
  if (parts.length !== 3 || parts.some((p) => !/^[A-Za-z0-9_-]+$/.test(p))) return null;
  try {
    const [header, claims] = parts.slice(0, 2).map((p) => JSON.parse(Buffer.from(p, 'base64url')));
    if (header.alg !== algorithm) return null;
    const good = verify('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), ALGORITHMS[algorithm](key), Buffer.from(parts[2], 'base64url'));
    return good ? { header, claims } : null;
  } catch {
    return null;
  }
}

/** A P-256 key pair as {public, private} KeyObjects. */
export function ecPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { public: publicKey, private: privateKey };
}

/** The 65 bytes of a public P-256 key, and back. */
export function pointOf(key) {
  const { x, y } = key.export({ format: 'jwk' });
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

export function keyOfPoint(point) {
  const [x, y] = [point.subarray(1, 33), point.subarray(33, 65)].map((b) => b.toString('base64url'));
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
}

export const pem = (key) => key.export({ type: 'pkcs8', format: 'pem' });
