// From polling to WebSocket: the probe, what a poll gets meanwhile, what ends the probe alone, what comes after.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { client } from '../harness/features.mjs';
import { get, polling } from '../harness/polling.mjs';
import { frame, rawWebSocket } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { isGone, joinedPolling, pendingPoll, settle } from '../harness/wire.mjs';

const plain = pair();
const hasty = pair({ 'upgrade-timeout': 400 });

/** A WebSocket with the session's sid that has been accepted. */
async function second(t, server, poll) {
  const ws = rawWebSocket(t, server, { query: `EIO=4&transport=websocket&sid=${poll.sid}` });
  await until(() => ws.open, 'the 101');
  return ws;
}

async function probed(t, server, poll) {
  const ws = await second(t, server, poll);
  ws.send('2probe');
  await ws.next('3probe');
  return ws;
}

async function upgraded(t, server) {
  const poll = await joinedPolling(t, server);
  const ws = await probed(t, server, poll);
  ws.send('5');
  await settle(ws);
  return { poll, ws };
}

// ---- the probe ----

both('the server says nothing before the probe, and answers it', plain, async (t, server) => {
  const ws = await probed(t, server, await joinedPolling(t, server));
  assert.deepEqual(ws.texts, ['3probe']);
});

both('a probe before CONNECT', plain, async (t, server) => {
  const poll = await polling(t, server);
  const ws = await probed(t, server, poll);
  ws.send('5').send('40');
  await ws.next((x) => x.startsWith('40{'));
});

both('behind the probe a pending GET is answered with a noop, and the next one too', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const pending = await pendingPoll(t, server, poll);
  await probed(t, server, poll);
  assert.equal((await pending.answer()).text, '6');
  assert.deepEqual(await poll.poll(), ['6']);
});

both('behind the probe messages still go out through polling', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const ws = await probed(t, server, poll);
  await settle(poll);
  assert.deepEqual(ws.texts, ['3probe']);
});

both('what waits is flushed to the WebSocket, in order, before what comes later', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const ws = await probed(t, server, poll);
  for (let i = 0; i < 3; i++) await poll.post(`42["echo",${i}]`);
  ws.send('5').send('42["echo",3]');
  await ws.next('42["echo",3]');
  assert.deepEqual(ws.texts, ['3probe', ...[0, 1, 2, 3].map((i) => `42["echo",${i}]`)]);
});

both('a GET that is pending at the upgrade is answered', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const ws = await second(t, server, poll);
  const pending = await pendingPoll(t, server, poll);
  ws.send('5');
  const answer = await pending.answer();
  assert.equal(answer.status, 200);
  assert.ok(['1', '6'].includes(answer.text), answer.text);
  await settle(ws);
});

both('"5" without a probe is an upgrade', plain, async (t, server) => {
  const ws = await second(t, server, await joinedPolling(t, server));
  ws.send('5');
  await settle(ws);
});

// ---- what ends the probe alone ----

for (const packet of ['2', '2prob', '3probe', '6', '40', '42["echo"]', '1', 'abc'])
  both(`another first packet ends the WebSocket alone: ${packet}`, plain, async (t, server) => {
    const poll = await joinedPolling(t, server);
    const ws = await second(t, server, poll);
    ws.send(packet);
    assert.equal(await ws.closed(), 0);
    await settle(poll);
  });

both('a packet between probe and upgrade ends the WebSocket alone', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const ws = await probed(t, server, poll);
  ws.send('42["echo"]');
  assert.equal(await ws.closed(), 0);
  await settle(poll);
});

both('a WebSocket that is lost behind its probe does no harm: another may follow', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const lost = await probed(t, server, poll);
  lost.write(frame(8));
  await lost.end();
  await settle(poll);
  const ws = await probed(t, server, poll);
  ws.send('5');
  await settle(ws);
});

both('a probe that takes too long is closed, and polling goes on', hasty, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const silent = await second(t, server, poll);
  assert.equal(await silent.closed(), 0);
  await settle(poll);
  const ws = await probed(t, server, poll);
  assert.equal(await ws.closed(), 0);
  await settle(poll);
});

both('a second WebSocket during the probe is closed, the first goes on', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const first = await probed(t, server, poll);
  const other = await second(t, server, poll);
  assert.equal(await other.closed(), 0);
  first.send('5');
  await settle(first);
});

// ---- behind the upgrade ----

both('polling is refused', plain, async (t, server) => {
  const { poll, ws } = await upgraded(t, server);
  for (const answer of [await poll.get(), await poll.post('6')]) assert.deepEqual([answer.status, answer.text], [400, '{"code":3,"message":"Bad request"}']);
  await settle(ws);
});

both('a second WebSocket is closed, the first goes on', plain, async (t, server) => {
  const { poll, ws } = await upgraded(t, server);
  const other = await second(t, server, poll);
  assert.equal(await other.closed(), 0);
  await settle(ws);
});

both('the end of the WebSocket is the end of the session', plain, async (t, server) => {
  const { poll, ws } = await upgraded(t, server);
  ws.write(frame(8));
  await ws.end();
  await until(async () => (await poll.get()).text.includes('Session ID unknown'), 'the end of the session');
  await isGone(poll);
});

both('the heartbeat goes on across the upgrade', pair({ 'ping-interval': 400, 'ping-timeout': 5000 }), async (t, server) => {
  const { ws } = await upgraded(t, server);
  await ws.next('2');
  ws.send('3');
  await until(() => ws.texts.filter((x) => x === '2').length === 2, 'the next ping');
});

both('a ping that polling fetched may be answered on the WebSocket', pair({ 'ping-interval': 300, 'ping-timeout': 2000 }), async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.until((p) => p === '2');
  const ws = await second(t, server, poll);
  ws.send('2probe');
  await ws.next('3probe');
  ws.send('5').send('3');
  await ws.next('2');
});

both('the stock client upgrades and loses nothing', plain, async (t, server) => {
  const socket = client(t, server, { transports: ['polling', 'websocket'] });
  for (let i = 0; i < 100; i++) socket.emit('echo', i, Buffer.from([i]));
  await until(() => socket.all('echo').length === 100, () => `the echoes: ${socket.all('echo').length}`);
  await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
  assert.deepEqual(socket.all('echo').map(([i, b]) => [i, b[0]]), Array.from({ length: 100 }, (_, i) => [i, i]));
  assert.equal((await get(server, `EIO=4&transport=polling&sid=${socket.io.engine.id}`)).text, '{"code":3,"message":"Bad request"}');
});
