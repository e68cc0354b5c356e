// Web Push's message encryption (RFC 8291 over RFC 8188's aes128gcm), the receiving side, written from the RFCs.
import { createDecipheriv, createECDH, createHmac, randomBytes } from 'node:crypto';

const KEY_ID_BYTES = 65;
const HEADER_BYTES = 16 + 4 + 1 + KEY_ID_BYTES;
const TAG_BYTES = 16;

const hmac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
/** HKDF (RFC 5869) of at most 32 bytes. */
const derive = (salt, secret, info, bytes) => hmac(hmac(salt, secret), info, Buffer.from([1])).subarray(0, bytes);

/** A browser's keys: {ecdh, point, auth}. */
export function browserKeys() {
  const ecdh = createECDH('prime256v1');
  return { ecdh, point: ecdh.generateKeys(), auth: randomBytes(16) };
}

/** The plain text, or an exception that says what is wrong. */
export function decrypt({ ecdh, point, auth }, body) {
  if (body.length < HEADER_BYTES + TAG_BYTES + 1) throw new Error(`${body.length} bytes are too few`);
  const salt = body.subarray(0, 16);
  const recordBytes = body.readUInt32BE(16);
  if (body[20] !== KEY_ID_BYTES) throw new Error(`the key id has ${body[20]} bytes`);
  const sender = body.subarray(21, HEADER_BYTES);
  const record = body.subarray(HEADER_BYTES);
  if (record.length > recordBytes) throw new Error('more than one record');

  const agreed = ecdh.computeSecret(sender);
  const secret = derive(auth, agreed, Buffer.concat([Buffer.from('WebPush: info\0'), point, sender]), 32);
  const key = derive(salt, secret, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(salt, secret, Buffer.from('Content-Encoding: nonce\0'), 12);
  const cipher = createDecipheriv('aes-128-gcm', key, nonce);
  cipher.setAuthTag(record.subarray(-TAG_BYTES));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -TAG_BYTES)), cipher.final()]);
  const end = padded.findLastIndex((b) => b !== 0);
  if (padded[end] !== 2) throw new Error('the last record does not end with 0x02');
  return padded.subarray(0, end);
}
