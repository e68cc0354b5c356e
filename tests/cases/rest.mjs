// The REST routes: answers, errors, pages; and that what happens over REST is heard at the sockets.
import assert from 'node:assert/strict';
import http from 'node:http';
import { connect, connectAll } from '../harness/client.mjs';
import { uuid } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { groupOf, history, makeDirect, makeGroup, request, rest } from '../harness/rest.mjs';
import { SECRET, startServer } from '../harness/server.mjs';
import { has, isMessage, isRestError, isTime, isUuid, keys, MESSAGE_KEYS } from '../harness/shape.mjs';
import { sleep, test } from '../harness/suite.mjs';

const server = await startServer({ estates: 32 });
const ws = { transports: ['websocket'] };
const CONVERSATION_KEYS = ['conversation_id', 'estate_id', 'created_by_user_id', 'type', 'title', 'photo_url', 'metadata', 'created_at', 'updated_at'];

function isConversation(c, label) {
  has(c, [...CONVERSATION_KEYS, 'participants'], label ?? 'conversation');
  isUuid(c.conversation_id);
  isUuid(c.estate_id);
  isTime(c.created_at);
  assert.ok(['direct', 'group'].includes(c.type));
  for (const p of c.participants) has(p, ['user_id', 'is_admin', 'joined_at'], 'participant');
}
const ids = (c) => c.participants.map((p) => p.user_id).sort();
const sorted = (users) => users.map((u) => u.id).sort();
const path = (id) => `/messaging/conversations/${id}/messages`;

test('me: who the token says I am, with what only I may see', async () => {
  const estate = server.estate();
  for (const user of [estate.admin, estate.security, estate.residents[0]]) {
    const me = await rest(server, user, 'GET', '/messaging/me');
    keys(me, ['user_id', 'first_name', 'last_name', 'email', 'role', 'status', 'estate_id', 'estate_name', 'profile_picture_url'], 'me');
    assert.deepEqual([me.user_id, me.email, me.role, me.status], [user.id, user.email, user.role, 'active']);
    assert.deepEqual([me.estate_id, me.estate_name], [estate.id, estate.name]);
  }
  const refused = await request(server, 'GET', '/messaging/me');
  assert.deepEqual([refused.status, refused.json.code], [401, 'token_missing']);
});

test('estate group: POST makes it, POST and GET give the same again', async () => {
  const estate = server.estate();
  const made = await rest(server, estate.residents[0], 'POST', `/messaging/estate/${estate.id}/group`, { status: 201, body: { title: 'Our Estate Group' } });
  isConversation(made);
  assert.equal(made.title, 'Our Estate Group');
  assert.equal(made.type, 'group');
  assert.equal(made.estate_id, estate.id);
  assert.deepEqual(ids(made), sorted(estate.active), 'all active residents, and only they');
  const again = await rest(server, estate.admin, 'POST', `/messaging/estate/${estate.id}/group`, { status: 201, body: {} });
  assert.equal(again.conversation_id, made.conversation_id);
  assert.equal(again.title, 'Our Estate Group');
  const got = await rest(server, estate.security, 'GET', `/messaging/estate/${estate.id}/group`);
  isConversation(got);
  assert.equal(got.conversation_id, made.conversation_id);
  assert.deepEqual(ids(got), sorted(estate.active));
});

test('estate group: GET makes it when it is missing, even asked ten times at once', async () => {
  const estate = server.estate();
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => rest(server, estate.active[i % estate.active.length], 'GET', `/messaging/estate/${estate.id}/group`)));
  assert.equal(new Set(answers.map((a) => a.conversation_id)).size, 1);
  assert.match(answers[0].title, /Estate Group/);
});

test('estate group: POST without a body', async () => {
  const estate = server.estate();
  const made = await rest(server, estate.residents[0], 'POST', `/messaging/estate/${estate.id}/group`, { status: 201 });
  assert.match(made.title, /Estate Group/);
});

test('estate conversations: own ones, latest activity first, in pages', async () => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const group = await groupOf(server, a);
  const one = await makeDirect(server, a, b);
  const two = await makeGroup(server, a, [b, c]);
  await makeDirect(server, b, c);
  for (const id of [two, group, one]) await rest(server, b, 'POST', path(id), { status: 201, body: { content: 'x', type: 'text' } }).catch((e) => assert.fail(e));
  const page = await rest(server, a, 'GET', `/messaging/estate/${estate.id}/conversations?page=1&limit=2`);
  keys(page, ['data', 'page', 'limit', 'total', 'totalPages']);
  assert.deepEqual([page.page, page.limit, page.total, page.totalPages], [1, 2, 3, 2]);
  assert.deepEqual(page.data.map((x) => x.conversation_id), [one, group]);
  for (const row of page.data) isConversation(row);
  const rest2 = await rest(server, a, 'GET', `/messaging/estate/${estate.id}/conversations?page=2&limit=2`);
  assert.deepEqual(rest2.data.map((x) => x.conversation_id), [two]);
  const beyond = await rest(server, a, 'GET', `/messaging/estate/${estate.id}/conversations?page=9&limit=2`);
  assert.deepEqual([beyond.data, beyond.total, beyond.totalPages], [[], 3, 2]);
});

test('my conversations: participants, last message, unread count', async () => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const direct = await makeDirect(server, a, b);
  for (let i = 0; i < 3; i++) await rest(server, a, 'POST', path(direct), { status: 201, body: { content: `m${i}`, type: 'text' } });
  const page = await rest(server, b, 'GET', '/messaging/conversations');
  keys(page, ['data', 'page', 'limit', 'total', 'totalPages']);
  assert.equal(page.page, 1);
  assert.equal(page.total, page.data.length);
  const row = page.data[0];
  isConversation(row);
  assert.equal(row.conversation_id, direct);
  assert.equal(row.unread_count, 3);
  assert.deepEqual(ids(row), sorted([a, b]));
  const last = row.last_message ?? row.lastMessage;
  assert.equal(last.content, 'm2');
  assert.equal((await rest(server, a, 'GET', '/messaging/conversations')).data[0].unread_count, 0);
});

test('a direct conversation is made once, from either side, at once or later', async () => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const answers = await Promise.all([makeDirect(server, a, b), makeDirect(server, b, a), makeDirect(server, a, b)]);
  assert.equal(new Set(answers).size, 1);
  assert.equal(await makeDirect(server, b, a), answers[0]);
  const one = await rest(server, a, 'GET', `/messaging/conversations/${answers[0]}`);
  isConversation(one);
  assert.equal(one.type, 'direct');
  assert.deepEqual(ids(one), sorted([a, b]));
});

test('a group conversation: who is in it, and its admin', async () => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const made = await rest(server, a, 'POST', '/messaging/conversations', { status: 201, body: { estateId: estate.id, type: 'group', title: 'Gardeners', participantUserIds: [b.id, c.id, b.id, a.id] } });
  isConversation(made);
  assert.equal(made.title, 'Gardeners');
  assert.equal(made.created_by_user_id, a.id);
  assert.deepEqual(ids(made), sorted([a, b, c]));
  assert.deepEqual(made.participants.filter((p) => p.is_admin).map((p) => p.user_id), [a.id]);
});

test('conversations that cannot be', async () => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const ask = (body) => request(server, 'POST', '/messaging/conversations', { token: a.token, body });
  const base = { estate_id: estate.id };
  for (const [body, status] of [
    [{ ...base, type: 'direct', participant_user_ids: [] }, 400],
    [{ ...base, type: 'direct', participant_user_ids: [a.id] }, 400],
    [{ ...base, type: 'direct', participant_user_ids: [b.id, c.id] }, 400],
    [{ ...base, type: 'direct', participant_user_ids: ['x'] }, 400],
    [{ ...base, type: 'direct', participant_user_ids: 'x' }, 400],
    [{ ...base, type: 'direct', participant_user_ids: [5] }, 400],
    [{ ...base, type: 'circle', participant_user_ids: [b.id] }, 400],
    [{ ...base, participant_user_ids: [b.id] }, 400],
    [{ ...base, type: 'direct' }, 400],
    [{ ...base, type: 'group', title: 5, participant_user_ids: [b.id] }, 400],
    [{ estate_id: 5, type: 'direct', participant_user_ids: [b.id] }, 400],
    [{ ...base, type: 'direct', participant_user_ids: [uuid()] }, 404],
    [{ ...base, type: 'direct', participant_user_ids: [estate.suspended.id] }, 404],
    [{ estate_id: uuid(), type: 'direct', participant_user_ids: [b.id] }, 403],
    [[], 400],
    ['text', 400],
    [null, 400],
  ]) {
    isRestError(await ask(body), status, { path: '/messaging/conversations', method: 'POST' });
  }
  assert.equal((await rest(server, b, 'GET', '/messaging/conversations')).data.filter((x) => x.type === 'direct').length, 0);
});

test('send and page through messages', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const direct = await makeDirect(server, a, b);
  const n = 25;
  const made = [];
  for (let i = 0; i < n; i++) {
    const m = await rest(server, i % 2 ? b : a, 'POST', path(direct), { status: 201, body: { content: `m${i + 1}`, type: 'text', reply_to_message_id: i ? made[0].message_id : undefined, metadata: { i } } });
    assert.deepEqual([m.content, m.seq, m.sender_user_id, m.metadata], [`m${i + 1}`, i + 1, (i % 2 ? b : a).id, { i }]);
    has(m, MESSAGE_KEYS, 'message');
    made.push(m);
  }
  await rest(server, b, 'POST', `/messaging/messages/${made[3].message_id}/reactions`, { status: 201, body: { emoji: '❤️' } });
  const all = await rest(server, a, 'GET', `${path(direct)}?after_seq=0&limit=100`);
  assert.deepEqual(all.data.map((m) => m.seq), made.map((m) => m.seq));
  for (const m of all.data) {
    isMessage(m, Object.keys(m).filter((k) => !MESSAGE_KEYS.includes(k)));
    has(m, ['reactions'], 'a row of a page');
  }
  const replied = all.data[1];
  assert.equal(replied.reply_to_message_id, made[0].message_id);
  const reply = replied.reply ?? replied.reply_to ?? replied.reply_to_message;
  assert.equal(reply.message_id, made[0].message_id);
  assert.equal(reply.content, 'm1');
  assert.deepEqual(all.data[0].reactions, []);
  assert.equal(all.data[3].reactions.length, 1);
  has(all.data[3].reactions[0], ['reaction_id', 'message_id', 'user_id', 'emoji', 'created_at']);
  assert.equal(all.data[3].reactions[0].emoji, '❤️');

  const seqs = async (query) => (await rest(server, b, 'GET', `${path(direct)}?${query}`)).data.map((m) => m.seq);
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  assert.deepEqual(await seqs('after_seq=0&limit=10'), range(1, 10));
  assert.deepEqual(await seqs('after_seq=10&limit=10'), range(11, 20));
  assert.deepEqual(await seqs('afterSeq=20&limit=10'), range(21, 25));
  assert.deepEqual(await seqs('after_seq=25'), []);
  assert.deepEqual(await seqs('after_seq=99999999999'), []);
  assert.deepEqual(await seqs('before_seq=26&limit=10'), range(16, 25));
  assert.deepEqual(await seqs('before_seq=16&limit=10'), range(6, 15));
  assert.deepEqual(await seqs('before_seq=1&limit=10'), []);
  assert.deepEqual(await seqs('before_seq=6&after_seq=2&limit=10'), range(3, 5));
  const first = await rest(server, b, 'GET', `${path(direct)}?page=1&limit=10`);
  keys(first, ['data', 'page', 'limit', 'total', 'totalPages']);
  assert.deepEqual([first.page, first.limit, first.total, first.totalPages], [1, 10, 25, 3]);
  const pages = [...first.data, ...(await rest(server, b, 'GET', `${path(direct)}?page=2&limit=10`)).data, ...(await rest(server, b, 'GET', `${path(direct)}?page=3&limit=10`)).data];
  assert.equal(new Set(pages.map((m) => m.seq)).size, 25, 'the pages together are everything');
  for (const p of [first.data]) assert.deepEqual(p.map((m) => m.seq), p.map((m) => m.seq).sort((x, y) => x - y), 'in order inside a page');
  void t;
});

test('catching up by after_seq while others write misses nothing and repeats nothing', async (t) => {
  const estate = server.estate();
  const [a, b, c] = await connectAll(t, server, estate.residents, ws);
  const group = await groupOf(server, a.user);
  const total = 60;
  let writing = true;
  const writers = Promise.all(
    [a, b].map(async (w, k) => {
      for (let i = 0; i < total / 2; i++) await w.must('send_message', { conversationId: group, content: `${k}/${i}` });
    }),
  ).then(() => (writing = false));
  const seen = [];
  for (let last = false; ; ) {
    const page = await rest(server, c.user, 'GET', `${path(group)}?after_seq=${seen.length}&limit=7`);
    seen.push(...page.data.map((m) => m.seq));
    if (page.data.length === 0 && last) break;
    if (page.data.length === 0) await sleep(25); // pages have a rate
    last = !writing;
  }
  await writers;
  assert.deepEqual(seen, Array.from({ length: total }, (_, i) => i + 1));
});

test('page and limit are checked', async () => {
  const estate = server.estate();
  const user = estate.residents[0];
  const group = await groupOf(server, user);
  for (const base of ['/messaging/conversations', `/messaging/estate/${estate.id}/conversations`, path(group)]) {
    for (const query of ['page=0', 'page=-1', 'page=x', 'page=1.5', 'limit=0', 'limit=-5', 'limit=x', 'limit=1e3', 'page=99999999999999999999']) {
      isRestError(await request(server, 'GET', `${base}?${query}`, { token: user.token }), 400, { code: 'invalid_payload', method: 'GET' });
    }
    const big = await request(server, 'GET', `${base}?limit=100000`, { token: user.token });
    assert.ok(big.status === 400 || big.json.limit <= 1000, `a limit has a limit: ${big.status}`);
  }
  for (const query of ['after_seq=-1', 'after_seq=x', 'before_seq=x', 'after_seq=1.5']) {
    isRestError(await request(server, 'GET', `${path(group)}?${query}`, { token: user.token }), 400, { code: 'invalid_payload' });
  }
});

test('messages that cannot be', async () => {
  const estate = server.estate();
  const user = estate.residents[0];
  const group = await groupOf(server, user);
  for (const [body, status] of [
    [{}, 400],
    [{ content: '' , type: 'text' }, 400],
    [{ content: 5, type: 'text' }, 400],
    [{ content: 'x', type: 'system' }, [400, 403]],
    [{ content: 'x', type: 'novel' }, 400],
    [{ content: 'x', type: 'text', metadata: 5 }, 400],
    [{ content: 'x', type: 'text', reply_to_message_id: uuid() }, 404],
    [{ content: 'x'.repeat(16 * 1024 + 1), type: 'text' }, 413],
    [[], 400],
    [null, 400],
  ]) {
    const answer = await request(server, 'POST', path(group), { token: user.token, body });
    assert.ok([status].flat().includes(answer.status), `${answer.status} for ${JSON.stringify(body)?.slice(0, 100)}: ${answer.text.slice(0, 300)}`);
    isRestError(answer, answer.status, { path: path(group), method: 'POST' });
  }
  for (const raw of ['{', 'nonsense', '{"content":"x",}', '{"content":"\u0001"}', '']) {
    isRestError(await request(server, 'POST', path(group), { token: user.token, raw }), 400, { method: 'POST' });
  }
  assert.deepEqual(await history(server, user, group), []);
});

test('type may be left out, fields may be camelCase', async () => {
  const estate = server.estate();
  const user = estate.residents[0];
  const group = await groupOf(server, user);
  const one = await rest(server, user, 'POST', path(group), { status: 201, body: { content: 'x' } });
  assert.equal(one.type, 'text');
  const two = await rest(server, user, 'POST', path(group), { status: 201, body: { content: 'y', type: 'text', replyToMessageId: one.message_id, clientMessageId: 'k' } });
  assert.deepEqual([two.reply_to_message_id, two.client_message_id], [one.message_id, 'k']);
});

test('reactions', async () => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const group = await groupOf(server, a);
  const { message_id: id } = await rest(server, a, 'POST', path(group), { status: 201, body: { content: 'x', type: 'text' } });
  const base = `/messaging/messages/${id}/reactions`;
  const reaction = await rest(server, b, 'POST', base, { status: 201, body: { emoji: '👍🏽' } });
  has(reaction, ['reaction_id', 'message_id', 'user_id', 'emoji', 'created_at'], 'reaction');
  assert.deepEqual([reaction.message_id, reaction.user_id, reaction.emoji], [id, b.id, '👍🏽']);
  const again = await rest(server, b, 'POST', base, { status: 201, body: { emoji: '👍🏽' } });
  assert.equal(again.reaction_id, reaction.reaction_id);
  await rest(server, a, 'POST', base, { status: 201, body: { emoji: '👍🏽' } });
  assert.equal((await history(server, a, group))[0].reactions.length, 2);
  const gone = await rest(server, b, 'DELETE', `${base}/${encodeURIComponent('👍🏽')}`);
  assert.equal(typeof gone.message, 'string');
  assert.deepEqual((await history(server, a, group))[0].reactions.map((r) => r.user_id), [a.id]);
  isRestError(await request(server, 'DELETE', `${base}/${encodeURIComponent('👍🏽')}`, { token: b.token }), 404, { code: 'reaction_not_found' });
  for (const body of [{}, { emoji: '' }, { emoji: 5 }, { emoji: 'x'.repeat(1000) }]) isRestError(await request(server, 'POST', base, { token: b.token, body }), 400);
});

test('participants: admins only, active users of the estate only', async () => {
  const estate = server.estate();
  const [a, b, c] = estate.residents;
  const group = await makeGroup(server, a, [b]);
  const add = (user, who) => request(server, 'POST', `/messaging/conversations/${group}/participants/${who}`, { token: user.token });
  isRestError(await add(b, c.id), 403, { code: 'forbidden' });
  assert.equal((await add(a, c.id)).status, 201);
  assert.equal((await add(a, c.id)).status, 201, 'again is fine');
  isRestError(await add(a, estate.suspended.id), 404, { code: 'user_not_found' });
  isRestError(await add(a, uuid()), 404, { code: 'user_not_found' });
  const one = await rest(server, c, 'GET', `/messaging/conversations/${group}`);
  assert.deepEqual(ids(one), sorted([a, b, c]));
  await rest(server, c, 'PUT', `/messaging/conversations/${group}/leave`);
  isRestError(await request(server, 'GET', `/messaging/conversations/${group}`, { token: c.token }), 404, { code: 'conversation_not_found' });
  assert.deepEqual(ids(await rest(server, a, 'GET', `/messaging/conversations/${group}`)), sorted([a, b]));
  isRestError(await request(server, 'PUT', `/messaging/conversations/${group}/leave`, { token: c.token }), 404);
});

test('REST and socket are one: each hears the other', async (t) => {
  const estate = server.estate();
  const [a, b] = await connectAll(t, server, estate.residents, ws);
  const group = await groupOf(server, a.user);
  const overRest = await rest(server, a.user, 'POST', path(group), { status: 201, body: { content: 'over REST', type: 'text', client_message_id: 'r1' } });
  for (const client of [a, b]) {
    const got = await client.next('new_message');
    keys(got, ['conversationId', 'message']);
    isMessage(got.message);
    assert.equal(got.message.message_id, overRest.message_id);
    for (const key of MESSAGE_KEYS) assert.deepEqual(got.message[key], overRest[key], key);
  }
  const ack = await b.must('send_message', { conversationId: group, content: 'over the socket' });
  const stored = await history(server, a.user, group);
  assert.deepEqual(stored.map((m) => m.content), ['over REST', 'over the socket']);
  const told = await a.next('new_message', (d) => d.message.seq === 2);
  assert.equal(told.message.message_id, ack.messageId);
  for (const key of MESSAGE_KEYS) assert.deepEqual(stored[1][key], told.message[key], key);
});

test('without a good token nothing answers, whatever the route', async () => {
  const estate = server.estate();
  const user = estate.residents[0];
  const routes = [
    ['GET', `/messaging/estate/${estate.id}/group`],
    ['POST', `/messaging/estate/${estate.id}/broadcast`],
    ['GET', '/messaging/conversations'],
    ['POST', '/messaging/conversations'],
    ['GET', `/messaging/conversations/${uuid()}`],
    ['GET', `/messaging/conversations/${uuid()}/messages`],
    ['DELETE', `/messaging/messages/${uuid()}/reactions/x`],
  ];
  const tokens = [
    [undefined, 401, 'token_missing'],
    ['nonsense', 401, 'token_invalid'],
    [signToken('another secret altogether', { sub: user.id }), 401, 'token_invalid'],
    [signToken(SECRET, { sub: user.id, lifetimeS: -5 }), 401, 'token_expired'],
    [signToken(SECRET, { sub: uuid() }), 401, 'user_unknown'],
    [signToken(SECRET, { sub: estate.suspended.id }), 403, 'user_inactive'],
  ];
  for (const [method, route] of routes) {
    for (const [token, status, code] of tokens) isRestError(await request(server, method, route, { token, body: method === 'POST' ? {} : undefined }), status, { code, path: route, method });
  }
  isRestError(await request(server, 'GET', '/messaging/conversations', { headers: { Authorization: `Basic ${user.token}` } }), 401, { code: 'token_missing' });
  assert.equal((await request(server, 'GET', '/messaging/conversations', { headers: { authorization: `bearer ${user.token}` } })).status, 200);
});

test('unknown routes, methods and ids', async () => {
  const user = server.estate().residents[0];
  const { token } = user;
  for (const route of ['/index.html', '/messaging', '/messaging/', '/messaging/unknown', '/messaging/conversations/a/b/c/d', '/favicon.ico', '/messaging/estate//group', '/messaging/conversations%2f']) {
    isRestError(await request(server, 'GET', route, { token }), 404, { code: 'route_not_found', path: route, method: 'GET' });
  }
  for (const [method, route] of [['GET', '/control/users'], ['GET', `/control/users/${user.id}`], ['POST', '/control/import']]) {
    isRestError(await request(server, method, route, { token }), 404, { code: 'route_not_found' }); // what the command line uses is not for the network
  }
  isRestError(await request(server, 'DELETE', '/messaging/conversations', { token }), 405, { code: 'method_not_allowed' });
  for (const id of ['x', '1', '%00', '../x', uuid().slice(1), `${uuid()}0`]) {
    const answer = await request(server, 'GET', `/messaging/conversations/${encodeURIComponent(id)}`, { token });
    assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status}`);
    isRestError(answer, answer.status);
  }
  const upper = uuid().toUpperCase();
  isRestError(await request(server, 'GET', `/messaging/conversations/${upper}`, { token }), 404, { code: 'conversation_not_found' });
});

test('ids are taken in upper case too', async () => {
  const estate = server.estate();
  const user = estate.residents[0];
  const group = await groupOf(server, user);
  assert.equal((await rest(server, user, 'GET', `/messaging/conversations/${group.toUpperCase()}`)).conversation_id, group);
});

test('keep-alive, pipelining, HEAD and bodies cut in pieces', async () => {
  const user = server.estate().residents[0];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 5; i++) assert.equal((await request(server, 'GET', '/messaging/conversations', { token: user.token, agent })).status, 200);
  agent.destroy();
  const head = await request(server, 'HEAD', '/health/live');
  assert.equal(head.text, '');
});

test('a body over the limit is refused with 413', async () => {
  const estate = server.estate();
  const user = estate.residents[0];
  const group = await groupOf(server, user);
  const answer = await request(server, 'POST', path(group), { token: user.token, raw: `{"content":"${'x'.repeat(3 << 20)}"}` }).catch((e) => ({ status: 0, error: e }));
  assert.ok(answer.status === 413 || answer.status === 0, `status ${answer.status}`); // refused; a closed pipe is a refusal too
  assert.deepEqual(await history(server, user, group), []);
});

test('health needs no token', async () => {
  for (const route of ['/health/live', '/health/ready']) assert.equal((await request(server, 'GET', route)).status, 200);
});
