// Whom a conversation is read with: everybody, or the first to join; and always whoever asks, however many they are.
import assert from 'node:assert/strict';
import { makeClient, openClient, watchThread } from '../harness/client_core.mjs';
import { groupOf, rest, request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isRestError } from '../harness/shape.mjs';
import { test, until } from '../harness/suite.mjs';

/** Above what a list names, and what the client keeps. */
const RESIDENTS = 130;
const NAMED = 100;
const server = await startServer({ estates: 8, residents: RESIDENTS });

const ids = (row) => row.participants.map((p) => p.user_id);
const own = (row, user) => row.participants.find((p) => p.user_id === user.id);

/** An estate, its group, who of its people joined first and last, and the routes that tell of the group. */
async function crowd() {
  const estate = server.estate();
  const id = await groupOf(server, estate.admin);
  const all = ids(await rest(server, estate.admin, 'GET', `/messaging/conversations/${id}`));
  const [first, last] = [all[0], all.at(-1)].map((one) => estate.active.find((user) => user.id === one));
  const one = [`/messaging/conversations/${id}`, `/messaging/estate/${estate.id}/group`];
  const lists = ['/messaging/conversations', `/messaging/estate/${estate.id}/conversations`];
  return { estate, id, all, first, last, one, lists };
}

test('one conversation names everybody, or as many as one wants, the caller always among them', async () => {
  const { estate, all, first, last, one } = await crowd();
  assert.deepEqual([...all].sort(), estate.active.map((user) => user.id).sort());
  for (const path of one) {
    assert.deepEqual(ids(await rest(server, last, 'GET', path)), all);
    for (const n of [1, 2, NAMED, all.length - 1, all.length, 10_000]) {
      const row = await rest(server, last, 'GET', `${path}?participants=${n}`);
      const expected = n < all.length ? [...all.slice(0, n - 1), last.id] : all;
      assert.deepEqual([ids(row), row.participant_count], [expected, all.length], `${path}, ${n}`);
    }
    assert.deepEqual(ids(await rest(server, first, 'GET', `${path}?participants=2`)), all.slice(0, 2));
  }
});

test('lists name a hundred of each, the caller always among them', async () => {
  const { all, first, last, lists } = await crowd();
  for (const path of lists) {
    for (const [user, expected] of [[first, all.slice(0, NAMED)], [last, [...all.slice(0, NAMED - 1), last.id]]]) {
      const [row] = (await rest(server, user, 'GET', path)).data;
      assert.deepEqual([ids(row), row.participant_count], [expected, all.length], path);
    }
  }
});

test("the caller's own row: how far he has read, and what he has muted", async () => {
  const { id, first, last, one, lists } = await crowd();
  const sent = await rest(server, first, 'POST', `/messaging/conversations/${id}/messages`, { status: 201, body: { content: 'hello', type: 'text' } });
  await rest(server, last, 'PUT', `/messaging/conversations/${id}/read/${sent.message_id}`);
  await rest(server, last, 'PUT', `/messaging/conversations/${id}/notifications`, { body: { isMuted: true } });
  const rows = [...one.map((path) => `${path}?participants=${NAMED}`), ...lists].map(async (path) => {
    const answer = await rest(server, last, 'GET', path);
    return answer.data ? answer.data[0] : answer;
  });
  for (const row of await Promise.all(rows)) {
    const { last_read_seq, is_muted } = own(row, last);
    assert.deepEqual([last_read_seq, is_muted, row.unread_count], [1, true, 0]);
  }
});

test('what is no number of participants is refused', async () => {
  const { last, one } = await crowd();
  for (const path of one)
    for (const n of ['0', '-1', '10001', 'all', '1.5', ''])
      isRestError(await request(server, 'GET', `${path}?participants=${n}`, { token: last.token }), 400, { code: 'invalid_payload' });
});

test('the client: a hundred people of a large conversation, me among them, and the true count', async (t) => {
  const { estate, id, all, last } = await crowd();
  const most = [];
  const counting = async (url, init) => {
    const answer = await fetch(url, init);
    const text = await answer.text();
    most.push(JSON.parse(text).participants?.length ?? 0);
    return new Response(text, answer);
  };
  const client = makeClient(t, server, last, { fetch: counting });
  const group = await client.loadConversation(id);
  const made = await client.createGroup('Everybody', estate.active.slice(0, NAMED + 20).map((user) => user.id));
  for (const { participants, participantCount } of [group, made]) {
    assert.equal(participants.length, NAMED);
    assert.ok(participants.some((person) => person.id === last.id));
    assert.ok(participantCount > NAMED);
  }
  assert.equal(group.participantCount, all.length);
  assert.equal(most[0], NAMED, 'no more than are shown are asked for');
});

test('the client knows in a large conversation, too, what I have read and muted', async (t) => {
  const { id, first, last } = await crowd();
  const say = (content) => rest(server, first, 'POST', `/messaging/conversations/${id}/messages`, { status: 201, body: { content, type: 'text' } });
  const [one] = [await say('one'), await say('two'), await say('three')];
  await rest(server, last, 'PUT', `/messaging/conversations/${id}/read/${one.message_id}`);
  await rest(server, last, 'PUT', `/messaging/conversations/${id}/notifications`, { body: { isMuted: true } });
  const client = await openClient(t, server, last);
  const { isMuted, unread } = client.conversations.get().conversations.find((c) => c.id === id);
  assert.deepEqual([isMuted, unread], [true, 2]);
  const thread = watchThread(t, client, id);
  await thread.ready();
  assert.equal(thread.get().firstUnreadSeq, 2);
  await rest(server, last, 'PUT', `/messaging/conversations/${id}/read/${(await say('four')).message_id}`);
  await until(() => client.unread.get().total === 0, 'what another device has read not to be unread');
});
