// conversation_joined and conversation_left: whoever did it, all devices of the user hear of it, in order.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, connectAll } from '../harness/client.mjs';
import { estateRecords, makeEstate, makeUser, ROLES, userRecord } from '../harness/estate.mjs';
import { groupOf, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { importRecords, startServer } from '../harness/server.mjs';
import { keys } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const server = await startServer({ estates: 10, residents: 4 });
const ws = { transports: ['websocket'] };
const JOINED = 'conversation_joined';
const LEFT = 'conversation_left';
const of = (conversationId) => (d) => d.conversationId === conversationId;
const put = (user, path) => rest(server, user, 'PUT', path);
const memberships = (client) => client.log.filter((e) => e.event === JOINED || e.event === LEFT).map((e) => [e.event, e.data.conversationId]);

async function settleAll(...clients) {
  for (const client of clients) await client.settle();
}

test('a connect alone is told of nothing', async (t) => {
  const [a, b] = server.estate().residents;
  await makeDirect(server, a, b); // before
  const [one, other] = [await connect(t, server, a, ws), await connect(t, server, a, { transports: ['polling'] })];
  await settleAll(one, other);
  assert.deepEqual([...memberships(one), ...memberships(other)], []);
});

test('begun by somebody else, and on another device; once', async (t) => {
  const [a, b, c] = server.estate().residents;
  const [phone, laptop, other, stranger] = await connectAll(t, server, [a, a, b, c], ws);
  const talk = await makeDirect(server, a, b);
  for (const client of [phone, laptop, other]) keys(await client.next(JOINED), ['conversationId'], JOINED);
  assert.equal(await makeDirect(server, b, a), talk); // it is there already
  await settleAll(phone, laptop, other, stranger);
  for (const client of [phone, laptop, other]) assert.deepEqual(memberships(client), [[JOINED, talk]]);
  assert.deepEqual(memberships(stranger), []);
});

test('joined comes before the first message, left behind the last', async (t) => {
  const [a, b, c] = server.estate().residents;
  const [one, two, three] = await connectAll(t, server, [a, b, c], ws);
  for (let i = 0; i < 20; i++) {
    const group = await makeGroup(server, a, [b]);
    await one.must('send_message', { conversationId: group, content: 'hello' });
    await one.must('send_message', { conversationId: group, content: 'anybody?' });
    await put(b, `/messaging/conversations/${group}/leave`);
    await one.must('send_message', { conversationId: group, content: 'gone' });
    await two.next(LEFT, of(group));
    await rest(server, a, 'POST', `/messaging/conversations/${group}/participants/${c.id}`, { status: 201 });
    await one.must('send_message', { conversationId: group, content: 'welcome' });
    await three.next('new_message', of(group));
  }
  await settleAll(one, two, three);
  const order = (client) => client.log.filter((e) => [JOINED, LEFT, 'new_message'].includes(e.event)).map((e) => e.event);
  assert.deepEqual(order(two), Array(20).fill([JOINED, 'new_message', 'new_message', LEFT]).flat());
  assert.deepEqual(order(three), Array(20).fill([JOINED, 'new_message']).flat());
});

test('added again after leaving, on every device; who is in it hears of no second time', async (t) => {
  const [a, b] = server.estate().residents;
  const [phone, laptop] = await connectAll(t, server, [b, b], ws);
  const group = await makeGroup(server, a, [b]);
  const add = () => rest(server, a, 'POST', `/messaging/conversations/${group}/participants/${b.id}`, { status: 201 });
  await add();
  await put(b, `/messaging/conversations/${group}/leave`);
  await add();
  for (const client of [phone, laptop]) await client.count(JOINED, 2);
  await settleAll(phone, laptop);
  for (const client of [phone, laptop]) assert.deepEqual(memberships(client), [[JOINED, group], [LEFT, group], [JOINED, group]]);
});

test('what an import brings', async (t) => {
  const estate = server.estate();
  const [a, b] = estate.residents;
  const [one, two] = await connectAll(t, server, [a, b], ws);
  const id = randomUUID();
  const record = { conversation: { conversation_id: id, estate_id: estate.id, type: 'group', title: 'Imported', participants: [{ user_id: a.id }] } };
  assert.equal((await importRecords(server.data, [record])).code, 0);
  assert.deepEqual(await one.next(JOINED), { conversationId: id });
  await settleAll(two);
  assert.deepEqual(memberships(two), []);
});

test('a newcomer is in the estate group without a word to the others', async (t) => {
  const estate = server.estate();
  const one = await connect(t, server, estate.residents[0], ws);
  const group = await groupOf(server, estate.admin);
  const newcomer = makeUser(estate.id, ROLES.resident);
  assert.equal((await importRecords(server.data, [userRecord(newcomer)])).code, 0);
  const message = await one.must('send_message', { conversationId: group, content: 'welcome' });
  await one.next('new_message', (d) => d.message.message_id === message.messageId);
  await settleAll(one);
  assert.deepEqual(memberships(one), []);
});

test('nothing of another estate', async (t) => {
  const [home, away] = [server.estate(), server.estate()];
  const stranger = await connect(t, server, away.superAdmin, ws);
  const talk = await makeDirect(server, home.residents[0], home.residents[1]);
  await put(home.residents[0], `/messaging/conversations/${talk}/leave`);
  const other = makeEstate();
  assert.equal((await importRecords(server.data, estateRecords([other]))).code, 0);
  await settleAll(stranger);
  assert.deepEqual(memberships(stranger), []);
});
