// The documents of the API: the official validators take them, and every route, event and acknowledgement is as they say.
import assert from 'node:assert/strict';
import { Parser } from '@asyncapi/parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Client } from '../harness/client.mjs';
import { checker, fetchDocument } from '../harness/documents.mjs';
import { uuid } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { makeGroup, request } from '../harness/rest.mjs';
import { SECRET, command, startServer, temporaryFolder } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

// Two single presence events a second: the rest of a crowd is folded into presence_digest.
const server = await startServer({ estates: 6, residents: 6, args: ['--presence-rate', '2'] });
// Servers that answer what the first one does not: with a token for metrics and keys of Web Push; with a demo; with metrics for nobody.
const data = temporaryFolder();
await command(['vapid-keys', '--subject', 'mailto:office@example.org', '--data', data]);
const guarded = await startServer({ data, estates: 1, env: { VAULTIFY_METRICS_TOKEN: 'a token for metrics' } });
const demo = await startServer({ args: ['--demo'] });
const production = await startServer({ env: { VAULTIFY_ENV: 'production' } });
const openapi = await fetchDocument(server, '/openapi.json');
const asyncapi = await fetchDocument(server, '/asyncapi.json');

test('OpenAPI: the official schema takes the document', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(openapi));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal(validator.version, '3.1');
});

test('AsyncAPI: the official parser finds nothing wrong', async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncapi));
  const wrong = diagnostics.filter((d) => d.code !== 'asyncapi-latest-version');
  assert.deepEqual(wrong.map((d) => `${d.path.join('.')}: ${d.message}`), []);
  assert.equal(document.version(), '3.0.0');
});

// ---- routes ----

const checkRest = checker(openapi);
const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, method, operation })),
);
/** Per operation: the statuses that it has really answered. */
const answered = new Map(operations.map(({ name }) => [name, new Set()]));

const isOfUser = ({ operation }) => operation.security.some((scheme) => scheme.accessToken);
const parametersIn = ({ operation }, place) => operation.parameters.filter((p) => p.in === place);

const NOT_UTF8 = '%FF'; // encoded already

function targetOf({ path }, params, query) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => (params[name] === NOT_UTF8 ? NOT_UTF8 : encodeURIComponent(params[name] ?? assert.fail(`${path} needs ${name}`))));
  const search = new URLSearchParams(query).toString();
  return search ? `${filled}?${search}` : filled;
}

/** Calls a documented operation, and holds the answer against what is said of its status. */
async function call(name, { status, params = {}, query = {}, body, raw, token, headers, on = server } = {}) {
  const found = operations.find((o) => o.name === name) ?? assert.fail(`${name} is not documented`);
  const answer = await request(on, found.method.toUpperCase(), targetOf(found, params, query), { token, body, raw, headers });
  const label = `${name}: ${answer.status}`;
  const key = found.operation.responses[answer.status] ? String(answer.status) : 'default';
  const documented = found.operation.responses[key] ?? assert.fail(`${label} is not documented: ${answer.text.slice(0, 300)}`);
  if (status) assert.equal(answer.status, status, `${label} ${answer.text.slice(0, 300)}`);
  const [type] = Object.keys(documented.content);
  assert.ok(answer.headers['content-type'].startsWith(type), `${label}: ${answer.headers['content-type']}`);
  for (const header of Object.keys(documented.headers ?? {})) assert.ok(answer.headers[header.toLowerCase()], `${label} without ${header}`);
  const place = ['paths', found.path, found.method, 'responses', key, 'content', type, 'schema'];
  checkRest(answer.json ?? answer.text, label, ...place);
  if (answer.status < 300 && body) checkRest(body, `${label}: its body`, 'paths', found.path, found.method, 'requestBody', 'content', 'application/json', 'schema');
  answered.get(name).add(key);
  return answer.json ?? answer.text;
}

/** Parameters that are well-formed and mean nothing. */
const strangers = (operation) => Object.fromEntries(parametersIn(operation, 'path').map((p) => [p.name, p.schema.format === 'uuid' ? uuid() : 'nothing']));

test('routes: each refuses who has no good token, as documented', async () => {
  const estate = server.estate();
  const tokens = [undefined, 'nonsense', signToken(SECRET, { sub: estate.admin.id, lifetimeS: -10 }), signToken(SECRET, { sub: uuid() })];
  for (const operation of operations.filter(isOfUser)) {
    for (const token of tokens) await call(operation.name, { params: strangers(operation), token, status: 401 });
    await call(operation.name, { params: strangers(operation), token: estate.suspended.token, status: 403 });
  }
});

test('routes: each refuses input that is malformed, as documented', async () => {
  const { token } = server.estate().admin;
  for (const operation of operations.filter(isOfUser)) {
    const { name } = operation;
    const params = strangers(operation);
    for (const p of parametersIn(operation, 'path')) await call(name, { params: { ...params, [p.name]: p.schema.format === 'uuid' ? 'x' : NOT_UTF8 }, token, status: 400 });
    for (const p of parametersIn(operation, 'query')) if (p.schema.type === 'integer') await call(name, { params, query: { [p.name]: 'x' }, token, status: 400 });
    if (operation.operation.requestBody) await call(name, { params, raw: '{"', token, status: 400 });
    if (operation.operation.requestBody) await call(name, { params, body: [], token, status: 400 });
    if (operation.operation.responses[413]) await call(name, { params, body: { content: 'x'.repeat(20_000) }, token, status: 413 });
  }
});

test('routes: what is refused before any of them is looked for, as documented', async () => {
  const headers = { 'X-Filler': 'x'.repeat(20_000) };
  for (const operation of operations) await call(operation.name, { params: strangers(operation), headers, status: 431 });
  for (const operation of operations.filter(({ operation: o }) => o.requestBody)) await call(operation.name, { params: strangers(operation), body: { content: 'x'.repeat(2_000_000) }, status: 413 });
});

test('routes: each answers as documented', async () => {
  const estate = server.estate();
  const foreign = { estateId: uuid() };
  const [a, b, c] = estate.residents;
  const { admin } = estate;
  const here = { estateId: estate.id };
  const as = (user) => ({ token: user.token });

  for (const name of ['POST /messaging/estate/{estateId}/group', 'GET /messaging/estate/{estateId}/group']) {
    await call(name, { params: here, ...as(a), body: name.startsWith('POST') ? { title: 'The Estate Group' } : undefined, status: name.startsWith('POST') ? 201 : 200 });
    await call(name, { params: foreign, ...as(a), status: 403 });
  }
  for (const name of ['conversations', 'online-users', 'residents'].map((last) => `GET /messaging/estate/{estateId}/${last}`)) {
    await call(name, { params: foreign, ...as(a), status: 403 });
  }
  const announce = 'POST /messaging/estate/{estateId}/broadcast';
  await call(announce, { params: here, ...as(admin), body: { content: 'Water comes back', type: 'utility', metadata: { a: [1] } }, status: 201 });
  await call(announce, { params: here, ...as(a), body: { content: 'no' }, status: 403 });

  const begin = 'POST /messaging/conversations';
  const group = await call(begin, { ...as(a), body: { type: 'group', title: 'Us', participantUserIds: [b.id] }, status: 201 });
  await call(begin, { ...as(a), body: { type: 'direct', participantUserIds: [b.id], estateId: estate.id }, status: 201 });
  await call(begin, { ...as(a), body: { type: 'direct', participantUserIds: [b.id, c.id] }, status: 400 });
  await call(begin, { ...as(a), body: { type: 'group', participantUserIds: [uuid()] }, status: 404 });
  await call(begin, { ...as(a), body: { type: 'group', participantUserIds: [b.id], estateId: uuid() }, status: 403 });
  const id = group.conversation_id;

  const send = 'POST /messaging/conversations/{id}/messages';
  const body = { content: 'Hello', clientMessageId: 'one', metadata: { x: null } };
  const first = await call(send, { params: { id }, ...as(a), body, status: 201 });
  const again = await call(send, { params: { id }, ...as(a), body, status: 201 });
  assert.equal(again.duplicate, true);
  await call(send, { params: { id }, ...as(b), body: { type: 'image', metadata: { url: 'x' }, replyToMessageId: first.message_id }, status: 201 });
  for (const wrong of [{ content: '' }, { type: 'image' }, { type: 'system', content: 'x' }]) await call(send, { params: { id }, ...as(a), body: wrong, status: 400 });
  await call(send, { params: { id }, ...as(a), body: { content: 'x', replyToMessageId: uuid() }, status: 404 });
  await call(send, { params: { id }, ...as(c), body: { content: 'x' }, status: 404 });

  const react = 'POST /messaging/messages/{id}/reactions';
  const message = { id: first.message_id };
  await call(react, { params: message, ...as(b), body: { emoji: '👍' }, status: 201 });
  await call(react, { params: message, ...as(b), body: { emoji: 'a b' }, status: 400 });
  await call(react, { params: { id: uuid() }, ...as(b), body: { emoji: '👍' }, status: 404 });
  const emoji = Array.from({ length: 60 }, (_, i) => String.fromCodePoint(0x1f600 + i));
  for (const one of emoji) if (!answered.get(react).has('409')) await call(react, { params: message, ...as(a), body: { emoji: one } });

  const read = 'GET /messaging/conversations/{id}/messages';
  for (const query of [{}, { page: 1, limit: 1 }, { page: 9 }, { afterSeq: 0, limit: 1 }, { beforeSeq: 2 }, { afterSeq: 0, beforeSeq: 2 }]) await call(read, { params: { id }, query, ...as(b), status: 200 });
  await call(read, { params: { id }, query: { page: 1, afterSeq: 1 }, ...as(b), status: 400 });
  await call(read, { params: { id: uuid() }, ...as(b), status: 404 });
  await call('DELETE /messaging/messages/{id}/reactions/{emoji}', { params: { ...message, emoji: '👍' }, ...as(b), status: 200 });
  await call('DELETE /messaging/messages/{id}/reactions/{emoji}', { params: { ...message, emoji: '👍' }, ...as(b), status: 404 });

  const mark = 'PUT /messaging/conversations/{id}/read/{messageId}';
  await call(mark, { params: { id, messageId: first.message_id }, ...as(b), status: 200 });
  await call(mark, { params: { id, messageId: uuid() }, ...as(b), status: 404 });
  const mute = 'PUT /messaging/conversations/{id}/notifications';
  for (const wish of [{ isMuted: true }, { mutedUntil: '2099-01-01T00:00:00.000Z' }, { notificationsEnabled: false }, { isMuted: false, notificationsEnabled: true }]) await call(mute, { params: { id }, ...as(b), body: wish, status: 200 });
  await call(mute, { params: { id }, ...as(b), body: {}, status: 400 });
  await call(mute, { params: { id: uuid() }, ...as(b), body: { isMuted: true }, status: 404 });

  const socket = await new Client(server, b, { transports: ['websocket'] }).connected();
  for (const name of ['conversations', 'online-users', 'residents'].map((last) => `GET /messaging/estate/{estateId}/${last}`)) await call(name, { params: here, ...as(a), status: 200 });
  socket.socket.close();
  await call('GET /messaging/conversations', { ...as(a), query: { page: 1, limit: 2 }, status: 200 });
  await call('GET /messaging/conversations/{id}', { params: { id }, ...as(a), status: 200 });
  await call('GET /messaging/conversations/{id}', { params: { id }, query: { participants: 1 }, ...as(a), status: 200 });
  await call('GET /messaging/conversations/{id}', { params: { id }, ...as(c), status: 404 });
  const add = 'POST /messaging/conversations/{id}/participants/{userId}';
  await call(add, { params: { id, userId: c.id }, ...as(a), status: 201 });
  await call(add, { params: { id, userId: uuid() }, ...as(a), status: 404 });
  await call(add, { params: { id, userId: admin.id }, ...as(b), status: 403 });
  const leave = 'PUT /messaging/conversations/{id}/leave';
  const estateGroup = await call('GET /messaging/estate/{estateId}/group', { params: here, ...as(a) });
  await call(leave, { params: { id: estateGroup.conversation_id }, ...as(a), status: 403 });
  await call(leave, { params: { id }, ...as(c), status: 200 });
  await call(leave, { params: { id }, ...as(c), status: 404 });

  const register = 'POST /notifications/devices';
  const device = await call(register, { ...as(a), body: { platform: 'expo', token: 'ExponentPushToken[abc]', deviceId: 'mine' }, status: 201 });
  await call(register, { ...as(a), body: { platform: 'expo' }, status: 400 });
  await call('GET /notifications/devices', { ...as(a), status: 200 });
  await call('DELETE /notifications/devices/{token}', { params: { token: device.token }, ...as(a), status: 200 });
  await call('DELETE /notifications/devices/{token}', { params: { token: device.token }, ...as(a), status: 404 });
  const prefer = 'PUT /notifications/preferences';
  await call(prefer, { ...as(a), body: { locale: 'fr', timeZone: 'UTC', quietHours: { from: '22:00', to: '07:00' } }, status: 200 });
  await call(prefer, { ...as(a), body: { locale: null, timeZone: null, quietHours: null }, status: 200 });
  await call(prefer, { ...as(a), body: { quietHours: { from: '22:00', to: '22:00' } }, status: 400 });
  await call('GET /notifications/preferences', { ...as(a), status: 200 });
  await call('GET /notifications/vapid-public-key', { ...as(a), status: 404 });

  await call('GET /messaging/me', { ...as(a), status: 200 });
  await callWhatNeedsNoEstate();
});

/** What only trouble brings: too many requests, a broken disk, a full queue, a start. */
const TROUBLE = ['429', '500', '503'];

async function callWhatNeedsNoEstate() {
  for (const name of ['GET /health/live', 'GET /health/ready', 'GET /metrics']) await call(name, { status: 200 });
  await call('GET /demo/users', { on: demo, status: 200 });
  await call('GET /demo/users', { status: 404 });
  await call('GET /metrics', { on: guarded, status: 401 });
  await call('GET /metrics', { on: guarded, token: 'a token for metrics', status: 200 });
  await call('GET /metrics', { on: production, status: 404 });
  await call('GET /notifications/vapid-public-key', { on: guarded, token: guarded.estate().admin.token, status: 200 });
}

test('routes: too many requests are refused as documented', async () => {
  const { token } = server.estate().admin;
  for (let i = 0; i < 80 && !answered.get('PUT /notifications/preferences').has('429'); i++) await call('PUT /notifications/preferences', { token, body: {} });
  assert.ok(answered.get('PUT /notifications/preferences').has('429'));
});

// Last: it is about what the tests before it have seen.
test('routes: each is called, and every status that is documented is answered', { alone: true }, () => {
  const missing = operations.flatMap(({ name, operation }) => Object.keys(operation.responses).filter((s) => !answered.get(name).has(s) && !TROUBLE.includes(s)).map((s) => `${name}: ${s}`));
  assert.deepEqual(missing, [], 'documented, but never answered here');
});

// ---- events ----

const checkEvent = checker(asyncapi);
const { messages } = asyncapi.components;
const heard = new Set();

const checkMessage = (key, value, label = key) => {
  assert.ok(messages[key], `${key} is not documented`);
  checkEvent(value, label, 'components', 'messages', key, 'payload');
  heard.add(key);
};

/** A client all of whose events are held against the document as they come. */
async function listen(user, wrong) {
  const client = new Client(server, user, { transports: ['websocket'] });
  client.socket.onAny((event, ...args) => {
    try {
      assert.equal(args.length, 1, `${event} has one argument`);
      checkMessage(`server.${event}`, args[0], `${event} at ${user.first}`);
    } catch (error) {
      wrong.push(error.message);
    }
  });
  return client.connected();
}

/** Emits with an acknowledgement, and holds both against the document. */
async function emit(client, event, payload, { ok = true } = {}) {
  const ack = await client.socket.timeout(10_000).emitWithAck(event, payload);
  assert.equal(ack.ok, ok, `${event} ${JSON.stringify(payload)}: ${JSON.stringify(ack)}`);
  if (ok) checkMessage(`client.${event}`, payload);
  checkMessage(`ack.${event}`, ack, `the acknowledgement of ${event}`);
  return ack;
}

test('events: whoever is not let in is told why, as documented', async () => {
  const { suspended } = server.estate();
  for (const token of ['', 'nonsense', signToken(SECRET, { sub: suspended.id, lifetimeS: -10 }), signToken(SECRET, { sub: uuid() }), suspended.token]) {
    const client = new Client(server, suspended, { token, transports: ['websocket'], reconnection: false });
    checkMessage('client.CONNECT', { token });
    const { message, data } = await client.refusal();
    checkMessage('server.CONNECT_ERROR', { message, data });
    client.socket.close();
  }
});

test('events: each of the server, each acknowledgement and each payload is as documented', async () => {
  const estate = server.estate();
  const wrong = [];
  const a = await listen(estate.residents[0], wrong);
  const b = await listen(estate.residents[1], wrong);
  await until(() => heard.has('server.user_online'), 'a to hear of b');
  const crowd = await Promise.all(estate.active.map((user) => listen(user, wrong)));
  const admin = crowd.find((c) => c.user === estate.admin);
  const conversationId = await makeGroup(server, a.user, [b.user]);

  const sent = await emit(a, 'send_message', { conversationId, content: 'Hello', clientMessageId: 'one', metadata: {} });
  await emit(a, 'send_message', { conversationId, content: 'Hello', clientMessageId: 'one' });
  await emit(a, 'send_message', { conversationId, content: null }, { ok: false });
  const { messageId } = sent;
  for (const isTyping of [true, false]) await emit(a, 'typing', { conversationId, isTyping });
  await emit(b, 'message_delivered', { conversationId, messageId });
  await emit(b, 'mark_as_read', { conversationId, messageId });
  await emit(admin, 'estate_broadcast', { message: 'Water comes back', type: 'utility' });
  for (const event of ['leave_estate_group', 'join_estate_group']) await emit(a, event, { estateId: estate.id });
  for (const client of [a, b]) {
    await emit(client, 'estate_broadcast', { message: 'no' }, { ok: false });
    for (const event of ['leave_estate_group', 'join_estate_group']) await emit(client, event, { estateId: uuid() }, { ok: false });
    for (const event of ['mark_as_read', 'message_delivered']) await emit(client, event, { conversationId, messageId: uuid() }, { ok: false });
    await emit(client, 'typing', { conversationId: uuid(), isTyping: true }, { ok: false });
  }
  await request(server, 'PUT', `/messaging/conversations/${conversationId}/leave`, { token: b.user.token });
  for (const client of crowd) client.socket.close();

  const missing = () => Object.keys(messages).filter((key) => !heard.has(key));
  await until(() => missing().length === 0, () => `all documented messages: ${missing()}`, 20_000).catch(() => assert.deepEqual(missing(), [], 'documented, but never heard'));
  assert.deepEqual(wrong, []);
});
