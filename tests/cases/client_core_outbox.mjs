// The client's outbox: what was written goes out once and in order, whatever happens to the line, the page or the storage.
import assert from 'node:assert/strict';
import { cuttable } from '../harness/wire_cut.mjs';
import { cut, is, makeClient, openClient, status, Storage, VaultifyRequestError, watchThread } from '../harness/client_core.mjs';
import { history, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 20, residents: 4 });

const upTo = (count) => Array.from({ length: count }, (_, i) => `m${i}`);
const contents = async (user, id) => (await history(server, user, id)).map((m) => m.content);
const states = (thread) => thread.messages.map((m) => [m.content, m.state]);

async function pair() {
  const [a, b] = server.estate().residents;
  return { a, b, id: await makeDirect(server, a, b) };
}

test('a message is shown at once, then stored, under one key', async (t) => {
  const { a, b, id } = await pair();
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  const key = client.send(id, { content: 'hello' });
  assert.deepEqual(thread.messages.map((m) => [m.key, m.id, m.seq, m.state, m.mine]), [[key, null, null, 'queued', true]]);
  await thread.until(({ messages }) => messages[0].seq === 1, 'it to be stored');
  assert.equal(thread.messages[0].key, key);
  assert.equal(thread.messages.length, 1);
  const other = watchThread(t, await openClient(t, server, b), id);
  await other.ready();
  assert.deepEqual(other.messages.map((m) => [m.content, m.mine]), [['hello', false]]);
  thread.check();
});

test('what is written without a network goes out once it is back, in order and once', async (t) => {
  const { a, id } = await pair();
  const wire = await cuttable(server);
  const client = await openClient(t, wire, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  wire.cut();
  await until(() => status(client) !== 'online', 'the cut to be seen');
  upTo(30).forEach((content) => client.send(id, { content }));
  assert.deepEqual(states(thread), upTo(30).map((content) => [content, 'queued']));
  wire.mend();
  await thread.until(({ messages }) => messages.every((m) => m.seq !== null), 'all to be stored');
  assert.deepEqual(await contents(a, id), upTo(30));
  assert.deepEqual(thread.texts(), upTo(30));
  thread.check();
});

test('a reload loses nothing: the next client sends what the last one could not', async (t) => {
  const { a, id } = await pair();
  const wire = await cuttable(server);
  const storage = new Storage();
  wire.cut();
  const before = makeClient(t, wire, a, { storage });
  before.connect();
  upTo(5).forEach((content) => before.send(id, { content, metadata: { n: 1 } }));
  before.close();
  const after = makeClient(t, wire, a, { storage });
  const thread = watchThread(t, after, id);
  assert.deepEqual(states(thread), upTo(5).map((content) => [content, 'queued']));
  wire.mend();
  after.connect();
  await thread.until(({ messages, status }) => status === 'ready' && messages.every((m) => m.seq !== null), 'all to be stored');
  assert.deepEqual(await contents(a, id), upTo(5));
  assert.equal(storage.length, 0);
});

test('a page that dies without a word is followed by one that sends what it left, once', async (t) => {
  const { a, id } = await pair();
  const storage = new Storage();
  const dying = await openClient(t, server, a, { storage });
  const copy = new Storage();
  dying.link.socket.emit = () => dying.link.socket; // its words reach nobody any more
  const key = dying.send(id, { content: 'last words' });
  for (let i = 0; i < storage.length; i++) copy.setItem(storage.key(i), storage.getItem(storage.key(i)).replace(/"claimedUntil":\d+/, '"claimedUntil":0'));
  const next = await openClient(t, server, a, { storage: copy });
  const thread = watchThread(t, next, id);
  await thread.until(({ messages }) => messages[0]?.seq === 1, 'it to be stored');
  assert.equal(thread.messages[0].key, key);
  assert.deepEqual(await contents(a, id), ['last words']);
});

test('two tabs share what waits: each message is sent by one of them, and both show it once', async (t) => {
  const { a, id } = await pair();
  const wire = await cuttable(server);
  const storage = new Storage();
  wire.cut();
  const tabs = [makeClient(t, wire, a, { storage }), makeClient(t, wire, a, { storage })];
  const sent = [];
  for (const tab of tabs) {
    const ask = tab.outbox.owner.ask;
    tab.outbox.owner.ask = (event, payload, ms) => (sent.push(payload.clientMessageId), ask(event, payload, ms));
    tab.connect();
  }
  upTo(20).forEach((content, i) => tabs[i % 2].send(id, { content }));
  const threads = tabs.map((tab) => watchThread(t, tab, id));
  wire.mend();
  for (const thread of threads) {
    await thread.until(({ messages, status }) => status === 'ready' && messages.length === 20 && messages.every((m) => m.seq !== null), 'all of both');
    thread.check();
  }
  assert.deepEqual((await contents(a, id)).sort(), upTo(20).sort());
  assert.equal(new Set(sent).size, 20);
  assert.equal(sent.length, 20, 'none was sent twice');
  assert.equal(storage.length, 0);
});

test('two tabs do not wake each other: what the server wants left alone is left alone by both', async (t) => {
  const { a, id } = await pair();
  const storage = new Storage();
  const tabs = [0, 1].map(() => makeClient(t, server, a, { storage }));
  // As browsers do: what one tab writes, the other one hears.
  const tell = (key, value) => setTimeout(() => tabs.forEach((tab) => tab.outbox.otherTab(key, value)));
  const write = storage.setItem.bind(storage);
  storage.setItem = (key, value) => (write(key, value), tell(key, value));
  const asked = [];
  tabs.forEach((tab, i) => {
    tab.outbox.owner.ask = () => {
      asked.push(i);
      return Promise.reject(new VaultifyRequestError({ code: 'rate_limited', retryAfterMs: 60_000 }));
    };
    tab.connect();
  });
  for (const tab of tabs) await is(tab, 'online');
  tabs[0].send(id, { content: 'not now' });
  await until(() => asked.length >= 2, 'each tab asks');
  await new Promise((done) => setTimeout(done, 300));
  assert.deepEqual([...asked].sort(), [0, 1], 'and then waits');
});

test('a line that is cut in the middle of sending loses nothing and doubles nothing', async (t) => {
  const { a, b, id } = await pair();
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  const other = watchThread(t, await openClient(t, server, b), id);
  await Promise.all([thread.ready(), other.ready()]);
  for (const content of upTo(60)) {
    client.send(id, { content });
    if (Number(content.slice(1)) % 7 === 3) {
      await until(() => status(client) === 'online' || status(client) === 'syncing', 'the connection');
      cut(client);
    }
  }
  await thread.until(({ messages }) => messages.length === 60 && messages.every((m) => m.seq !== null), 'all to be stored');
  assert.deepEqual(await contents(a, id), upTo(60));
  await other.until(({ messages }) => messages.length === 60, 'all to arrive');
  assert.deepEqual(other.texts(), upTo(60));
  thread.check();
  other.check();
});

test('an acknowledgement that is lost is asked for again under the same id', async (t) => {
  const { a, id } = await pair();
  const wire = await cuttable(server);
  const client = await openClient(t, wire, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  // The message reaches the server, its answer does not reach us.
  const ask = client.outbox.owner.ask;
  let asked = 0;
  client.outbox.owner.ask = async (...args) => {
    const answer = ask(...args);
    if (asked++ > 0) return answer;
    client.link.owner.heard = () => {};
    await answer;
    client.link.owner.heard = heard;
    wire.cut();
    wire.mend();
    throw new Error('the line was cut');
  };
  const { heard } = client.link.owner;
  client.send(id, { content: 'once' });
  await thread.until(({ messages }) => messages[0]?.seq === 1, 'it to be stored');
  assert.deepEqual(await contents(a, id), ['once']);
  assert.equal(thread.messages.length, 1);
});

test('what the server refuses fails with its reason, survives a reload, and can be sent again or discarded', async (t) => {
  const [one, two] = [await pair(), await pair()];
  const storage = new Storage();
  const client = await openClient(t, server, one.a, { storage });
  const thread = watchThread(t, client, two.id);
  const key = client.send(two.id, { content: 'not for me' });
  await thread.until(({ messages }) => messages[0]?.state === 'failed', 'the refusal');
  assert.equal(thread.messages[0].error.code, 'conversation_not_found');
  client.close();
  const again = await openClient(t, server, one.a, { storage });
  const after = watchThread(t, again, two.id);
  assert.deepEqual(after.messages.map((m) => [m.key, m.state, m.error.code]), [[key, 'failed', 'conversation_not_found']]);
  again.resend(key);
  assert.equal(after.messages[0].state, 'queued');
  await after.until(({ messages }) => messages[0]?.state === 'failed', 'the second refusal');
  again.discard(key);
  assert.deepEqual(after.messages, []);
  assert.equal(storage.length, 0);
});

test('one that is refused does not hold up those behind it', async (t) => {
  const { a, id } = await pair();
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  client.send(id, { content: '' });
  client.send(id, { content: 'x'.repeat(20_000) });
  client.send(id, { content: 'fine' });
  await thread.until(({ messages }) => messages.some((m) => m.seq === 1), 'the good one');
  assert.deepEqual(thread.messages.map((m) => [m.content.length, m.state, m.error?.code]), [
    [4, 'sent', undefined],
    [0, 'failed', 'invalid_payload'],
    [20_000, 'failed', 'content_too_large'],
  ]);
});

test('what is far too large never reaches the line, and too much at once says so', async (t) => {
  const { a, id } = await pair();
  const client = makeClient(t, server, a);
  const thread = watchThread(t, client, id);
  client.send(id, { content: 'x'.repeat(2_000_000) });
  assert.equal(thread.messages[0].error.code, 'content_too_large');
  for (let i = 0; i < 520; i++) client.send(id, { content: `m${i}` });
  const full = thread.messages.filter((m) => m.error?.code === 'outbox_full');
  assert.ok(full.length >= 20, `${full.length} of them are refused`);
  assert.equal(thread.messages.length, 521);
});

test('a server that is asked too often is asked again when it says so', async (t) => {
  const { a, id } = await pair();
  const client = await openClient(t, server, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  const ask = client.outbox.owner.ask;
  const times = [];
  client.outbox.owner.ask = (event, payload, ms) => {
    times.push(Date.now());
    if (times.length > 2) return ask(event, payload, ms);
    return Promise.reject(new VaultifyRequestError({ code: 'rate_limited', retryAfterMs: 50 }));
  };
  client.send(id, { content: 'later' });
  client.send(id, { content: 'behind it' });
  await thread.until(({ messages }) => messages.length === 2 && messages.every((m) => m.seq !== null), 'both');
  assert.deepEqual(thread.texts(), ['later', 'behind it']);
  assert.ok(times[2] - times[0] >= 100, `asked after ${times.map((at) => at - times[0])} ms`);
});

test('the server is stopped and started again: what waits goes out', { limitMs: 90_000 }, async (t) => {
  const first = await startServer({ estates: 1 });
  const [a, b] = first.estate().residents;
  const id = await makeDirect(first, a, b);
  const client = await openClient(t, first, a);
  const thread = watchThread(t, client, id);
  await thread.ready();
  client.send(id, { content: 'before' });
  await thread.until(({ messages }) => messages[0].seq === 1, 'the first');
  await first.kill();
  client.send(id, { content: 'meanwhile' });
  const second = await startServer({ data: first.data, port: first.port });
  await is(client, 'online');
  await thread.until(({ messages }) => messages[1]?.seq === 2, 'the second');
  assert.deepEqual((await rest(second, b, 'GET', `/messaging/conversations/${id}/messages`)).data.map((m) => m.content), ['before', 'meanwhile']);
});

test('a storage that throws is said once, and nothing else changes', async (t) => {
  const { a, id } = await pair();
  const warnings = [];
  const storage = new Storage();
  for (const name of ['getItem', 'setItem', 'removeItem', 'key']) storage[name] = () => { throw new Error('QuotaExceededError'); };
  const client = await openClient(t, server, a, { storage, onWarning: (text) => warnings.push(text) });
  const thread = watchThread(t, client, id);
  await thread.ready();
  upTo(3).forEach((content) => client.send(id, { content }));
  await thread.until(({ messages }) => messages.length === 3 && messages.every((m) => m.seq !== null), 'all to be stored');
  client.acknowledgeEmergency('x');
  assert.equal(warnings.length, 1, String(warnings));
  assert.match(warnings[0], /Quota/);
});

test('signing out leaves nothing on the device', async (t) => {
  const { a, id } = await pair();
  const storage = new Storage();
  const client = makeClient(t, server, a, { storage });
  client.send(id, { content: 'secret' });
  client.acknowledgeEmergency('seen');
  assert.equal(storage.length, 2);
  client.forget();
  assert.equal(storage.length, 0);
});

test('what is in the storage and not ours, or broken, is left out', async (t) => {
  const { a, id } = await pair();
  const storage = new Storage();
  const prefix = `vaultify/${server.url}/${a.id}/outbox/`;
  for (const [i, text] of ['', '{', 'null', '[]', '{"key":5}', '{"key":"x","conversationId":"y","message":null}'].entries()) storage.setItem(`${prefix}${i}`, text);
  storage.setItem(`vaultify/${server.url}/somebody else/outbox/1`, JSON.stringify({ key: 'k', conversationId: id, message: { content: 'foreign' }, createdAt: '', order: 1, error: null, claimedBy: null, claimedUntil: 0 }));
  const client = await openClient(t, server, a, { storage });
  const thread = watchThread(t, client, id);
  await thread.ready();
  client.send(id, { content: 'mine' });
  await thread.until(({ messages }) => messages[0]?.seq === 1, 'it to be stored');
  assert.deepEqual(await contents(a, id), ['mine']);
});

test('a group of conversations: each keeps its own order, none waits for another', async (t) => {
  const { residents } = server.estate();
  const [a, b, c] = residents;
  const ids = await Promise.all([makeDirect(server, a, b), makeDirect(server, a, c), makeGroup(server, a, [b, c])]);
  const client = await openClient(t, server, a);
  upTo(30).forEach((content, i) => client.send(ids[i % 3], { content }));
  for (const [i, id] of ids.entries()) {
    await until(async () => (await contents(a, id)).length === 10, 'ten of them');
    assert.deepEqual(await contents(a, id), upTo(30).filter((_, k) => k % 3 === i));
  }
});
