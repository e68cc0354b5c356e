// Limits with a name: rates, sizes at their edges, and people who belong to no estate.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { makeUser, userRecord, uuid } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { groupOf, request, rest } from '../harness/rest.mjs';
import { Tcp } from '../harness/raw.mjs';
import { importRecords, SECRET, startServer } from '../harness/server.mjs';
import { isAckError, isErrorEvent, isRestError } from '../harness/shape.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 7 });
const ws = { transports: ['websocket'] };

test('too many events: rate_limited with a time, one error each, the socket lives, others are free', async (t) => {
  const estate = server.estate();
  const client = await connect(t, server, estate.residents[0], ws);
  const other = await connect(t, server, estate.residents[1], ws);
  const n = 900;
  const acks = await Promise.all(Array.from({ length: n }, () => client.ask('no_such_event', {}, 30_000)));
  const limited = acks.filter((a) => a.error.code === 'rate_limited');
  assert.ok(limited.length > 0 && limited.length < n, `${limited.length} of ${n}`);
  for (const ack of limited) {
    isAckError(ack, 'rate_limited');
    assert.ok(Number.isInteger(ack.error.retryAfterMs) && ack.error.retryAfterMs > 0);
  }
  await client.count('error', n);
  for (const e of client.all('error').slice(-20)) isErrorEvent(e, undefined, 'no_such_event');
  assert.equal((await other.ask('no_such_event', {})).error.code, 'unknown_event');
  await client.settle();
  assert.deepEqual(client.disconnects, []);
  // Another device of the same user shares the limit.
  const phone = await connect(t, server, client.user, ws);
  const more = await Promise.all(Array.from({ length: 50 }, () => phone.ask('no_such_event', {})));
  assert.ok(more.some((a) => a.error.code === 'rate_limited'));
});

test('too many requests: 429', async () => {
  const user = server.estate().residents[0];
  const path = `/messaging/estate/${user.estateId}/group`;
  let limited;
  for (let i = 0; i < 60 && !limited; i++) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(server, 'POST', path, { token: user.token, body: {} })));
    limited = answers.find((a) => a.status === 429);
  }
  assert.ok(limited, 'a limit is met');
  isRestError(limited, 429, { code: 'rate_limited', path, method: 'POST' });
});

test('content of exactly 16 KiB is taken, one byte more is not, whatever it is made of', async (t) => {
  const user = server.estate().residents[0];
  const client = await connect(t, server, user, ws);
  const group = await groupOf(server, user);
  for (const [character, bytes] of [['x', 1], ['ü', 2], ['漢', 3], ['😀', 4], ['"', 1], ['\\', 1], ['\n', 1]]) {
    const full = character.repeat(Math.floor(16384 / bytes));
    const pad = 'x'.repeat(16384 - Buffer.byteLength(full));
    await client.must('send_message', { conversationId: group, content: full + pad });
    assert.equal((await client.ask('send_message', { conversationId: group, content: `${full}${pad}x` })).error?.code, 'content_too_large');
    const overRest = await request(server, 'POST', `/messaging/conversations/${group}/messages`, { token: user.token, body: { content: full + pad, type: 'text' } });
    assert.equal(overRest.status, 201, overRest.text.slice(0, 200));
  }
});

test('a user without an estate: may connect, belongs nowhere', async (t) => {
  const user = makeUser(null, 'Residence');
  user.token = signToken(SECRET, { sub: user.id });
  const done = await importRecords(server.data, [userRecord(user)]);
  assert.equal(done.code, 0, done.stderr);
  const estate = server.estate();
  const client = await connect(t, server, user, ws);
  assert.equal((await client.ask('join_estate_group', { estateId: estate.id })).error?.code, 'forbidden');
  assert.equal((await client.ask('join_estate_group', { estateId: uuid() })).error?.code, 'forbidden');
  assert.deepEqual((await rest(server, user, 'GET', '/messaging/conversations')).data, []);
  isRestError(await request(server, 'GET', `/messaging/estate/${estate.id}/online-users`, { token: user.token }), 403, { code: 'forbidden' });
  isRestError(await request(server, 'POST', '/messaging/conversations', { token: user.token, body: { estate_id: estate.id, type: 'group', title: 'x', participant_user_ids: [estate.residents[0].id] } }), 403, { code: 'forbidden' });
  const second = makeUser(null, 'Admin');
  second.token = signToken(SECRET, { sub: second.id });
  assert.equal((await importRecords(server.data, [userRecord(second)])).code, 0);
  const other = await connect(t, server, second, ws);
  assert.equal((await other.ask('estate_broadcast', { message: 'x' })).ok, false);
  await client.ask('join_estate_group', { estateId: uuid() });
  assert.deepEqual(client.log.filter((e) => e.event !== 'error'), [], 'they do not see each other');
});

test('a large group: everybody hears, once', { limitMs: 60_000 }, async (t) => {
  const estate = server.estate();
  const others = Array.from({ length: 300 }, () => makeUser(estate.id, 'Residence'));
  assert.equal((await importRecords(server.data, others.map(userRecord))).code, 0);
  const { conversation_id: id } = await rest(server, estate.admin, 'POST', '/messaging/conversations', {
    status: 201,
    body: { estate_id: estate.id, type: 'group', title: 'Everybody', participant_user_ids: [...others, ...estate.residents].map((u) => u.id) },
  });
  const clients = await Promise.all(estate.residents.map((u) => connect(t, server, u, ws)));
  const sender = await connect(t, server, estate.admin, ws);
  await sender.must('send_message', { conversationId: id, content: 'hello' });
  for (const c of clients) await c.next('new_message', (d) => d.conversationId === id);
  // Above the limit a receipt goes to the sender alone.
  await clients[0].must('mark_as_read', { conversationId: id, messageId: clients[0].all('new_message')[0].message.message_id });
  await sender.next('message_read', (d) => d.readBy === clients[0].user.id);
  await clients[1].settle();
  assert.deepEqual(clients[1].all('message_read'), []);
});

test('connections beyond the limit are closed at once; when some go, others may come', async (t) => {
  const small = await startServer({ args: ['--max-connections', '8'] });
  const open = () => {
    const connection = new Tcp(small.port);
    t.after(() => connection.close());
    return connection;
  };
  const held = Array.from({ length: 8 }, open);
  held.forEach((c) => c.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'));
  for (const c of held) assert.equal(await c.status(), 200);
  const more = Array.from({ length: 5 }, open);
  for (const c of more) await c.end(3000);
  held.forEach((c) => c.close());
  await until(() => request(small, 'GET', '/health/live').then((a) => a.status === 200, () => false), 'room again');
});

test('who shows no token is not asked for a large body; whose token has expired is told so', async (t) => {
  const user = server.estate().residents[0];
  const path = `/messaging/conversations/${await groupOf(server, user)}/messages`;
  const expired = signToken(SECRET, { sub: user.id, exp: Math.floor(Date.now() / 1000) - 10 });
  const post = (token, raw, to = path) => request(server, 'POST', to, { token, raw, headers: { 'Content-Type': 'application/json' } });
  const body = (n) => JSON.stringify({ content: 'x'.repeat(n - 14) });
  /** The answer to a head alone: nothing of the body has been sent. */
  const head = async (n, token) => {
    const connection = new Tcp(server.port);
    t.after(() => connection.close());
    connection.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${n}\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}\r\n`);
    return connection.status();
  };
  for (const token of [undefined, 'no.to.ken', `${user.token}x`]) assert.equal(await head(4097, token), 413);
  assert.equal(await head(1_000_000, user.token), 413, 'more than the route takes');
  assert.equal((await post(undefined, body(4096))).json.code, 'token_missing');
  assert.equal((await post('no.to.ken', body(4096))).json.code, 'token_invalid');
  assert.equal((await post(expired, body(10_000))).json.code, 'token_expired');
  assert.equal((await post(user.token, body(10_000))).status, 201);
  isRestError(await post(user.token, body(17_000)), 413, { code: 'content_too_large' });
  isRestError(await post(undefined, 'x'.repeat(4096), '/nowhere'), 404, { code: 'route_not_found' });
});
