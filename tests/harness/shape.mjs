// What payloads look like: exact sets of keys and the kinds of their values.
import assert from 'node:assert/strict';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const MESSAGE_KEYS = [
  'message_id', 'conversation_id', 'sender_user_id', 'type', 'content', 'metadata', 'reply_to_message_id', 'status',
  'edited_at', 'deleted_at', 'created_at', 'updated_at', 'seq', 'client_message_id', 'sender',
];

export function keys(value, expected, label = 'payload') {
  assert.ok(value && typeof value === 'object', `${label} is an object: ${JSON.stringify(value)}`);
  assert.deepEqual(Object.keys(value).sort(), [...expected].sort(), `keys of ${label}`);
}

export function has(value, expected, label = 'payload') {
  assert.ok(value && typeof value === 'object', `${label} is an object: ${JSON.stringify(value)}`);
  for (const key of expected) assert.ok(key in value, `${label} has ${key}: ${JSON.stringify(value).slice(0, 400)}`);
}

export const isTime = (value, label = 'time') => assert.match(String(value), TIME, label);
export const isUuid = (value, label = 'id') => assert.match(String(value), UUID, label);

/** A message row; `more`: keys beyond those of new_message (REST adds reply and reactions to pages). */
export function isMessage(m, more = []) {
  keys(m, [...MESSAGE_KEYS, ...more], 'message');
  assert.match(m.message_id, UUID7, 'message_id is a UUIDv7');
  isUuid(m.conversation_id);
  isUuid(m.sender_user_id);
  assert.ok(Number.isInteger(m.seq) && m.seq >= 1, 'seq');
  isTime(m.created_at);
  isTime(m.updated_at);
  assert.equal(m.edited_at, null);
  assert.equal(m.deleted_at, null);
  assert.ok(['queued', 'sent', 'delivered', 'read'].includes(m.status), m.status);
  keys(m.sender, ['user_id', 'first_name', 'last_name', 'profile_picture_url'], 'sender');
  assert.equal(m.sender.user_id, m.sender_user_id);
}

export function isErrorEvent(e, code, event) {
  for (const key of Object.keys(e)) assert.ok(['message', 'code', 'event', 'retryAfterMs'].includes(key), `error has ${key}`);
  assert.ok(typeof e.message === 'string' && e.message.length > 0, 'error.message');
  if (code) assert.equal(e.code, code, `error.code: ${JSON.stringify(e)}`);
  if (event) assert.equal(e.event, event, 'error.event');
}

const PHRASES = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 408: 'Request Timeout', 413: ['Payload Too Large', 'Content Too Large'], 429: 'Too Many Requests', 431: 'Request Header Fields Too Large', 501: 'Not Implemented', 503: 'Service Unavailable', 505: 'HTTP Version Not Supported' };

export function isRestError(answer, status, { code, method, path } = {}) {
  assert.equal(answer.status, status, `status of ${method ?? ''} ${path ?? ''}: ${answer.text.slice(0, 300)}`);
  const body = answer.json;
  const { details, retryAfterMs, ...rest } = body;
  keys(rest, ['success', 'statusCode', 'timestamp', 'path', 'method', 'error', 'message', 'code'], 'error body');
  assert.equal(body.success, false);
  assert.equal(body.statusCode, status);
  isTime(body.timestamp);
  if (path) assert.equal(body.path, path);
  if (method) assert.equal(body.method, method);
  assert.ok([PHRASES[status]].flat().includes(body.error), `error phrase: ${body.error}`);
  assert.ok(typeof body.message === 'string' && body.message.length > 0);
  if (code) assert.equal(body.code, code);
  else assert.match(body.code, /^[a-z_]+$/);
}

export function isAckError(ack, code) {
  keys(ack, ['ok', 'error'], 'ack');
  assert.equal(ack.ok, false);
  for (const key of Object.keys(ack.error)) assert.ok(['code', 'message', 'retryAfterMs'].includes(key), `ack.error has ${key}`);
  assert.ok(typeof ack.error.message === 'string' && ack.error.message.length > 0);
  if (code) assert.equal(ack.error.code, code, JSON.stringify(ack));
}
