// One user's share: how much a page, a sender, a reader and a reaction may take, and that the others are served meanwhile.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { connect } from '../harness/client.mjs';
import { userRecord } from '../harness/estate.mjs';
import { groupOf, request, rest } from '../harness/rest.mjs';
import { importRecords, startServer, temporaryFolder } from '../harness/server.mjs';
import { isAckError, isRestError } from '../harness/shape.mjs';
import { slowness, test, until, within } from '../harness/suite.mjs';

const server = await startServer({ estates: 14, residents: 25 });
const free = await startServer({ estates: 3, args: ['--rate-limits', 'off'] });
const ws = { transports: ['websocket'] };
const PAGE_BYTES = 2 << 20;
const heavy = '\u0001'.repeat(16384); // 96 KiB as JSON

async function fill(t, where, user, group, count, content = heavy) {
  const sender = await connect(t, where, user, ws);
  for (let i = 0; i < count; i += 5) await Promise.all(Array.from({ length: Math.min(5, count - i) }, () => sender.must('send_message', { conversationId: group, content })));
}

// ---- pages ----

test('a page of history has a size: cut where it is full, and walked through to the end', async (t) => {
  const [a] = server.estate().residents;
  const group = await groupOf(server, a);
  await fill(t, server, a, group, 40);
  const path = `/messaging/conversations/${group}/messages`;
  const get = async (query) => {
    const answer = await request(server, 'GET', `${path}?${query}`, { token: a.token });
    assert.equal(answer.status, 200, answer.text.slice(0, 200));
    assert.ok(Buffer.byteLength(answer.text) < PAGE_BYTES + 128 * 1024, `${query}: ${answer.text.length} bytes`);
    return answer.json;
  };
  const seqs = (page) => page.data.map((m) => m.seq);
  const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);

  const after = await get('after_seq=0&limit=100');
  assert.ok(after.data.length > 10 && after.data.length < 40, `${after.data.length} rows`);
  assert.deepEqual(seqs(after), range(1, after.data.length), 'after_seq keeps the first ones');
  assert.deepEqual([after.truncated, after.hasMore], [true, true]);

  const before = await get('before_seq=41&limit=100');
  assert.deepEqual(seqs(before), range(41 - before.data.length, before.data.length), 'before_seq keeps the newest');
  assert.deepEqual([before.truncated, before.hasMore], [true, true]);

  const page = await get('page=1&limit=100');
  assert.deepEqual(seqs(page), range(41 - page.data.length, page.data.length), 'a page keeps the newest');
  assert.equal(page.truncated, true);
  assert.equal(page.hasMore, true);
  assert.equal(page.total, 40);

  const both = await get('after_seq=2&before_seq=39&limit=100');
  assert.deepEqual(seqs(both), range(3, both.data.length), 'between two the first ones');
  assert.deepEqual([both.truncated, both.hasMore], [true, true]);

  const all = [];
  for (let next = 0, more = true; more; ) {
    const part = await get(`after_seq=${next}&limit=100`);
    all.push(...seqs(part));
    next = part.data.at(-1).seq;
    more = part.hasMore;
  }
  assert.deepEqual(all, range(1, 40));
  const small = await get('after_seq=35&limit=100');
  assert.deepEqual([small.data.length, small.hasMore, 'truncated' in small], [5, false, false]);
  assert.ok(!('truncated' in (await get('page=1&limit=5'))));
});

test('many requests for pages of one user: some are told to come again, and the others are served meanwhile', async (t) => {
  const [a] = free.estate().residents;
  const others = free.estate().residents;
  const group = await groupOf(free, a);
  await groupOf(free, others[0]);
  await fill(t, free, a, group, 60);
  const path = `/messaging/conversations/${group}/messages?limit=100`;
  const begun = Date.now();
  const flood = Array.from({ length: 200 }, () => request(free, 'GET', path, { token: a.token, ms: 60_000 }));
  const quick = [];
  for (let i = 0; i < 5; i++) {
    const from = Date.now();
    await rest(free, others[0], 'GET', `/messaging/estate/${others[0].estateId}/group`);
    const client = await connect(t, free, others[1], ws);
    client.close();
    quick.push(Date.now() - from);
  }
  const answers = await Promise.all(flood);
  const busy = answers.filter((x) => x.status === 503);
  const good = answers.filter((x) => x.status === 200);
  assert.equal(busy.length + good.length, 200);
  assert.ok(good.length >= 16 && busy.length > 0, `${good.length} good, ${busy.length} busy`);
  isRestError(busy[0], 503, { code: 'busy' });
  for (const x of busy) assert.equal(x.headers['retry-after'], '1');
  assert.ok(Math.max(...quick) < within(5000), `the others waited ${quick} ms`);
  assert.ok(Date.now() - begun < within(15_000));
  await rest(free, a, 'GET', path); // and then again
});

test('lists and pages have a rate', async () => {
  const [a] = server.estate().residents;
  const group = await groupOf(server, a);
  for (const path of [`/messaging/conversations/${group}/messages?limit=1`, '/messaging/conversations?limit=1', `/messaging/estate/${a.estateId}/conversations?limit=1`]) {
    const got = [];
    const begun = Date.now();
    for (let i = 0; i < 75 && !got.includes(429); i++) got.push(...(await Promise.all(Array.from({ length: 10 }, () => request(server, 'GET', path, { token: a.token })))).map((x) => x.status));
    const allowed = 500 + (50 * (Date.now() - begun)) / 1000;
    assert.ok(got.includes(429) || got.length < allowed, `${path}: ${got.length} within ${Date.now() - begun} ms`);
    assert.ok(got.filter((s) => s === 200).length <= allowed + 1);
  }
});

// ---- senders ----

test('a sender has so many bytes, over socket and REST together', async (t) => {
  if (slowness > 1) return; // a server under a sanitizer cannot take them so fast that there would be too many
  const estate = server.estate();
  const admin = estate.admin;
  const group = await groupOf(server, admin);
  const client = await connect(t, server, admin, ws);
  // Many at once: they are stored together, so that even a slow disk takes more of them than the limit allows.
  const atOnce = (what) => Promise.all(Array.from({ length: 20 }, what));
  const limited = async (what, isLimited) => {
    for (let i = 0; i < 50; i++) {
      const found = (await atOnce(what)).find(isLimited);
      if (found) return found;
    }
    throw new Error('never limited');
  };
  const answers = [];
  const begun = Date.now();
  const send = () => client.ask('send_message', { conversationId: group, content: heavy });
  for (let i = 0; i < 50 && answers.every((x) => x.ok); i++) answers.push(...(await atOnce(send)));
  assert.ok(answers.some((x) => !x.ok), 'never limited');
  const bytes = JSON.stringify({ conversationId: group, content: heavy }).length;
  const allowed = ((16 << 20) + ((2 << 20) * (Date.now() - begun)) / 1000) / bytes;
  const taken = answers.filter((x) => x.ok).length;
  assert.ok(taken <= allowed + 5, `${taken} taken, ${allowed} allowed`);
  for (const ack of answers.filter((x) => !x.ok)) {
    isAckError(ack, 'rate_limited');
    assert.ok(ack.error.retryAfterMs > 0 && ack.error.retryAfterMs < 10_000, `${ack.error.retryAfterMs}`);
  }
  const big = '"'.repeat(16000);
  const posts = (path) => limited(() => request(server, 'POST', path, { token: admin.token, body: { content: big } }), (x) => x.status === 429);
  const answer = await posts(`/messaging/conversations/${group}/messages`);
  isRestError(answer, 429, { code: 'rate_limited' });
  assert.ok(Number(answer.headers['retry-after']) > 0);
  isRestError(await posts(`/messaging/estate/${admin.estateId}/broadcast`), 429, { code: 'rate_limited' });
  isAckError(await limited(() => client.ask('estate_broadcast', { message: heavy }), (x) => !x.ok), 'rate_limited');
  // Small things of the same user still go, as does everything of others.
  await until(async () => (await client.ask('send_message', { conversationId: group, content: 'short' })).ok, 'a short message');
  const other = await connect(t, server, estate.residents[0], ws);
  await other.must('send_message', { conversationId: group, content: heavy });
});

test('without rate limits there is no limit of bytes', async (t) => {
  const [a] = free.estate().residents;
  await fill(t, free, a, await groupOf(free, a), 60);
});

// ---- reactions ----

test('ten reactions of one user on one message, two hundred shown', async (t) => {
  const { residents } = server.estate();
  const group = await groupOf(server, residents[0]);
  const client = await connect(t, server, residents[0], ws);
  const { messageId } = await client.must('send_message', { conversationId: group, content: 'look' });
  const path = `/messaging/messages/${messageId}/reactions`;
  const react = (user, emoji) => request(server, 'POST', path, { token: user.token, body: { emoji } });
  for (let i = 0; i < 10; i++) assert.equal((await react(residents[0], `e${i}`)).status, 201);
  const more = await react(residents[0], 'e10');
  assert.equal(more.status, 409, more.text);
  assert.equal(more.json.code, 'too_many_reactions');
  assert.equal(more.json.error, 'Conflict');
  assert.equal((await react(residents[0], 'e3')).status, 201, 'one that is there is not one more');
  await rest(server, residents[0], 'DELETE', `${path}/e3`);
  assert.equal((await react(residents[0], '👍🏽')).status, 201, 'and one less is room for another');
  for (const user of residents.slice(1, 25)) for (let i = 0; i < 10; i++) assert.equal((await react(user, `e${i}`)).status, 201);
  const page = await rest(server, residents[0], 'GET', `/messaging/conversations/${group}/messages`);
  assert.equal(page.data[0].reactions.length, 200);
});

test('an emoji holds no blanks and no control characters', async (t) => {
  const [a] = server.estate().residents;
  const client = await connect(t, server, a, ws);
  const { messageId } = await client.must('send_message', { conversationId: await groupOf(server, a), content: 'x' });
  const react = (emoji) => request(server, 'POST', `/messaging/messages/${messageId}/reactions`, { token: a.token, body: { emoji } });
  for (const emoji of [' ', 'a b', '\n', 'a\u0001', '\u007f', '\u0085', '\u00a0', '\u2003', '\u3000', '\u2028']) {
    isRestError(await react(emoji), 400, { code: 'invalid_payload' });
  }
  for (const emoji of ['👍', '👩‍👩‍👧', '❤️', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', ':+1:']) assert.equal((await react(emoji)).status, 201, emoji);
});

// ---- who may, and what they are told ----

test('who moves to another estate is told so, and nothing is logged about it', async (t) => {
  const [from, to] = [server.estate(), server.estate()];
  const user = from.residents[0];
  const client = await connect(t, server, user, { ...ws, reconnection: false });
  assert.equal((await importRecords(server.data, [userRecord({ ...user, estateId: to.id })])).code, 0);
  const error = await client.next('error');
  assert.equal(error.code, 'estate_changed');
  assert.equal(error.message, "The user's estate has changed; connect again");
  await until(() => client.disconnects.length, 'the socket to end');
  const again = await connect(t, server, user, ws);
  assert.equal((await again.ask('join_estate_group', { estateId: to.id })).ok, true);
  assert.ok(!server.output.stderr.includes('a disconnect was not noted'), server.output.stderr.slice(-500));
});

test("the estate group's admins are those of today", async () => {
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const add = (user) => request(server, 'POST', `/messaging/conversations/${group}/participants/${estate.residents[0].id}`, { token: user.token });
  assert.equal((await add(estate.admin)).status, 201);
  assert.equal((await add(estate.superAdmin)).status, 201);
  assert.equal((await add(estate.security)).status, 403);
  assert.equal((await importRecords(server.data, [userRecord({ ...estate.admin, role: 'Residence' }), userRecord({ ...estate.residents[1], role: 'Admin' })])).code, 0);
  isRestError(await add(estate.admin), 403, { code: 'forbidden' });
  assert.equal((await add(estate.residents[1])).status, 201);
});

test('a refused message says what is wrong with it', async (t) => {
  const [a, b, c] = server.estate().residents;
  const group = await groupOf(server, a);
  const client = await connect(t, server, a, ws);
  const cases = [
    [{ content: '' }, 'A text message needs content'],
    [{ type: 'image' }, 'A message needs content or metadata'],
    [{ type: 'system', content: 'x' }, 'Only the server sends messages of type system'],
  ];
  for (const [body, message] of cases) {
    const answer = await request(server, 'POST', `/messaging/conversations/${group}/messages`, { token: a.token, body });
    isRestError(answer, 400, { code: 'invalid_payload' });
    assert.equal(answer.json.message, message);
    const ack = await client.ask('send_message', { conversationId: group, ...body });
    isAckError(ack, 'invalid_payload');
    assert.equal(ack.error.message, message);
  }
  for (const ids of [[a.id], [b.id, c.id]]) {
    const answer = await request(server, 'POST', '/messaging/conversations', { token: a.token, body: { type: 'direct', participant_user_ids: ids } });
    isRestError(answer, 400, { code: 'invalid_payload' });
    assert.equal(answer.json.message, 'A direct conversation needs exactly one other user');
  }
});

test('an empty token in auth is none: the header counts', async (t) => {
  const [a] = server.estate().residents;
  const client = await connect(t, server, a, { ...ws, auth: { token: '' }, extraHeaders: { Authorization: `Bearer ${a.token}` } });
  await client.settle();
});

test('a field in both spellings may not say two things', async (t) => {
  const estate = server.estate();
  const [a] = estate.residents;
  const group = await groupOf(server, a);
  const client = await connect(t, server, a, ws);
  const ack = await client.ask('send_message', { conversationId: group, conversation_id: estate.id, content: 'x' });
  isAckError(ack, 'invalid_payload');
  assert.match(ack.error.message, /conversationId/);
  await client.must('send_message', { conversationId: group, conversation_id: group, content: 'x' });
  await client.must('send_message', { conversationId: null, conversation_id: group, content: 'x' });
  await client.must('send_message', { conversationId: group, conversation_id: null, content: 'x' });
  const path = `/messaging/conversations/${group}/messages`;
  isRestError(await request(server, 'GET', `${path}?after_seq=1&afterSeq=2`, { token: a.token }), 400, { code: 'invalid_payload' });
  await rest(server, a, 'GET', `${path}?after_seq=1&afterSeq=1`);
});

test('a data folder that others may enter is pointed out, once', async () => {
  const data = temporaryFolder();
  chmodSync(data, 0o755);
  const open = await startServer({ data });
  const warnings = open.output.stderr.split('\n').filter((line) => /may be entered by others/.test(line));
  assert.equal(warnings.length, 1, open.output.stderr);
  assert.match(warnings[0], /0755/);
  const closed = await startServer();
  assert.doesNotMatch(closed.output.stderr, /may be entered by others/);
});
