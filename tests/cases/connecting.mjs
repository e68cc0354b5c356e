// Connecting: where the token is looked for, how a bad one is refused, and what is ready once a client is in.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Client, connect } from '../harness/client.mjs';
import { uuid } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { groupOf, history, rest } from '../harness/rest.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { SECRET, startServer } from '../harness/server.mjs';
import { keys } from '../harness/shape.mjs';
import { test, until } from '../harness/suite.mjs';

const oldIo = createRequire(import.meta.url)('socket.io-client-2');
const server = await startServer({ estates: 32 });

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`token in auth, ${transports}`, async (t) => {
    const estate = server.estate();
    const client = await connect(t, server, estate.residents[0], { transports });
    assert.match(client.socket.id, /^[A-Za-z0-9_-]{20}$/);
  });

  test(`token in the Authorization header, ${transports}`, async (t) => {
    const user = server.estate().residents[0];
    const client = await connect(t, server, user, { transports, token: null, extraHeaders: { Authorization: `Bearer ${user.token}` } });
    await client.must('join_estate_group', { estateId: user.estateId });
  });
}

test('a client of Socket.IO 2, where it is allowed', async (t) => {
  const old = await startServer({ estates: 1, env: { VAULTIFY_EIO3: 'on' } });
  const { residents } = old.estate();
  const watcher = await connect(t, old, residents[1]);
  const socket = oldIo(`${old.url}/messaging?token=${residents[0].token}`, { forceNew: true });
  t.after(() => socket.close());
  await until(() => socket.connected, 'the connect');
  const conversationId = await groupOf(old, residents[0]);
  socket.emit('send_message', { conversationId, content: 'hello from 2017' });
  assert.equal((await watcher.next('new_message')).message.sender_user_id, residents[0].id);
  const refused = oldIo(`${server.url}/messaging?token=${residents[0].token}`, { forceNew: true, reconnection: false });
  t.after(() => refused.close());
  await until(() => refused.failed || (refused.on('connect_error', () => (refused.failed = true)), false), 'the refusal');
});

test('auth.token goes before the header', async (t) => {
  const [a, b] = server.estate().residents;
  const client = await connect(t, server, a, { extraHeaders: { Authorization: `Bearer ${b.token}` }, transports: ['websocket'] });
  const watcher = await connect(t, server, b, { transports: ['websocket'] });
  const group = await groupOf(server, a);
  await client.must('send_message', { conversationId: group, content: 'who am I' });
  assert.equal((await watcher.next('new_message')).message.sender_user_id, a.id);
});

const estate = server.estate();
const good = estate.residents[0];
const unsigned = (claims) => ['{"alg":"none","typ":"JWT"}', JSON.stringify(claims)].map((x) => Buffer.from(x).toString('base64url')).join('.') + '.';
const now = Math.floor(Date.now() / 1000);
const refusals = [
  ['no token at all', undefined, 'token_missing'],
  ['an empty token', '', 'token_missing'],
  ['not a JWT', 'abc', 'token_invalid'],
  ['three dots of nothing', '..', 'token_invalid'],
  ['another secret', signToken('another secret, long enough to be one', { sub: good.id }), 'token_invalid'],
  ['a cut signature', good.token.slice(0, -4), 'token_invalid'],
  ['alg none', unsigned({ sub: good.id, exp: now + 600 }), 'token_invalid'],
  ['alg HS512', signToken(SECRET, { sub: good.id, header: { alg: 'HS512' }, hash: 'sha512' }), 'token_invalid'],
  ['no exp', signToken(SECRET, { sub: good.id, exp: undefined }), 'token_invalid'],
  ['no sub', signToken(SECRET, {}), 'token_invalid'],
  ['a sub that is no id', signToken(SECRET, { sub: 'me' }), 'token_invalid'],
  ['not valid yet', signToken(SECRET, { sub: good.id, nbf: now + 600 }), 'token_invalid'],
  ['expired', signToken(SECRET, { sub: good.id, lifetimeS: -10 }), 'token_expired'],
  ['an unknown user', signToken(SECRET, { sub: uuid() }), 'user_unknown'],
  ['a suspended user', signToken(SECRET, { sub: estate.suspended.id }), 'user_inactive'],
  ['a pending user', signToken(SECRET, { sub: estate.pending.id }), 'user_inactive'],
  ['a huge token', 'a'.repeat(8000), 'token_invalid'],
];
for (const [name, token, code] of refusals) {
  test(`refused: ${name}`, async (t) => {
    for (const transports of [['websocket'], ['polling']]) {
      const client = new Client(server, good, { token, auth: token === undefined ? {} : { token }, transports });
      t.after(() => client.close());
      const error = await client.refusal();
      assert.equal(error.data?.code, code);
      assert.ok(error.message.length > 0);
      assert.deepEqual(Object.keys(error.data), ['code']);
    }
  });
}

test('refused: auth that is not what it should be', async (t) => {
  for (const auth of [{ token: 5 }, { token: null }, { token: { a: 1 } }, { token: [] }, { other: 'x' }]) {
    const client = new Client(server, good, { auth, transports: ['websocket'] });
    t.after(() => client.close());
    const error = await client.refusal();
    assert.match(error.data?.code, /^token_(missing|invalid)$/);
  }
});

test('CONNECT_ERROR is exactly {message, data:{code}}', async (t) => {
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40/messaging,');
  const packet = await ws.next((x) => x.startsWith('44'));
  assert.ok(packet.startsWith('44/messaging,'));
  const body = JSON.parse(packet.slice('44/messaging,'.length));
  keys(body, ['message', 'data']);
  assert.deepEqual(body.data, { code: 'token_missing' });
});

test('role and estate in the token are ignored: the store knows better', async (t) => {
  const estate = server.estate();
  const user = estate.residents[0];
  const client = await connect(t, server, user, {
    transports: ['websocket'],
    token: signToken(SECRET, { sub: user.id, role: 'Super Admin', estate_id: uuid(), estateId: uuid(), email: 'somebody@example.org' }),
  });
  await client.must('join_estate_group', { estateId: estate.id });
  const answer = await client.ask('estate_broadcast', { message: 'I am not an admin' });
  assert.equal(answer.error?.code, 'forbidden');
});

test('what is sent right after CONNECT waits and is processed in its order', async (t) => {
  const estate = server.estate();
  const user = estate.residents[0];
  const group = await groupOf(server, estate.admin);
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40/messaging,${JSON.stringify({ token: user.token })}`);
  const n = 50;
  for (let i = 0; i < n; i++) ws.send(`42/messaging,${i}${JSON.stringify(['send_message', { conversationId: group, content: `early ${i}` }])}`);
  await ws.next((x) => x.startsWith(`43/messaging,${n - 1}[`));
  const texts = ws.texts;
  assert.ok(texts.findIndex((x) => x.startsWith('40/messaging,{')) < texts.findIndex((x) => x.startsWith('43/messaging,')), 'CONNECT is answered first');
  const acks = texts.filter((x) => x.startsWith('43/messaging,')).map((x) => Number(/^43\/messaging,(\d+)/.exec(x)[1]));
  assert.deepEqual(acks, Array.from({ length: n }, (_, i) => i));
  const stored = await history(server, user, group);
  assert.deepEqual(stored.map((m) => m.content), Array.from({ length: n }, (_, i) => `early ${i}`));
});

test('what is sent behind a refused CONNECT is never processed', async (t) => {
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const watcher = await connect(t, server, estate.admin, { transports: ['websocket'] });
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`40/messaging,${JSON.stringify({ token: signToken('another secret altogether', { sub: estate.residents[0].id }) })}`);
  for (let i = 0; i < 5; i++) ws.send(`42/messaging,${i}${JSON.stringify(['send_message', { conversationId: group, content: 'never' }])}`);
  await until(() => ws.texts.some((x) => x.startsWith('44/messaging,')) || ws.ended, 'the refusal');
  await watcher.settle();
  assert.ok(!ws.texts.some((x) => x.startsWith('43')), 'no ack');
  assert.deepEqual(await history(server, estate.admin, group), []);
  assert.deepEqual(watcher.all('new_message'), []);
});

test('what is sent before CONNECT is not processed', async (t) => {
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send(`42/messaging,1${JSON.stringify(['send_message', { conversationId: group, content: 'never' }])}`);
  await ws.closed();
  assert.deepEqual(await history(server, estate.admin, group), []);
});

test('the estate group exists and is joined without a word from the client', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const first = await connect(t, server, a, { transports: ['websocket'] });
  const list = await rest(server, a, 'GET', '/messaging/conversations');
  assert.equal(list.total, 1);
  const group = list.data[0];
  assert.equal(group.type, 'group');
  assert.match(group.title, /Estate Group/);
  assert.equal(group.estate_id, estate.id);
  const second = await connect(t, server, b, { transports: ['websocket'] });
  await second.must('send_message', { conversationId: group.conversation_id, content: 'hello' });
  assert.equal((await first.next('new_message')).message.content, 'hello');
  const one = await rest(server, a, 'GET', `/messaging/conversations/${group.conversation_id}`);
  assert.deepEqual(one.participants.map((p) => p.user_id).sort(), estate.active.map((u) => u.id).sort());
});

test('one user on many sockets: all of them hear everything', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const devices = await Promise.all([['websocket'], ['polling'], ['polling', 'websocket'], ['websocket']].map((transports) => connect(t, server, a, { transports })));
  const group = await groupOf(server, a);
  const other = await connect(t, server, b, { transports: ['websocket'] });
  await other.must('send_message', { conversationId: group, content: 'to all' });
  await devices[0].must('send_message', { conversationId: group, content: 'from one of them' });
  for (const device of devices) {
    await device.next('new_message', (d) => d.message.content === 'from one of them');
    assert.deepEqual(device.all('new_message').map((d) => d.message.content), ['to all', 'from one of them']);
  }
  assert.equal(devices[0].all('message_sent').length, 1);
  for (const device of devices.slice(1)) assert.equal(device.all('message_sent').length, 0);
});

test('a client may leave the namespace and come again on the same connection', async (t) => {
  const user = server.estate().residents[0];
  const client = await connect(t, server, user, { transports: ['websocket'] });
  const engine = client.socket.io.engine;
  client.socket.disconnect();
  client.socket.connect();
  await until(() => client.connects === 2, 'the second connect');
  await client.must('join_estate_group', { estateId: user.estateId });
  void engine;
});

test('after a refusal the same connection may ask again with a better token', async (t) => {
  const user = server.estate().residents[0];
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  ws.send('40/messaging,{"token":"bad"}');
  await ws.next((x) => x.startsWith('44/messaging,'));
  ws.send(`40/messaging,${JSON.stringify({ token: user.token })}`);
  await ws.next((x) => x.startsWith('40/messaging,{"sid"'));
});
