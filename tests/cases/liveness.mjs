// Heartbeats: who is silent is let go, who is not stays; the defaults are the ones that were announced.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { polling } from '../harness/polling.mjs';
import { rawWebSocket } from '../harness/raw.mjs';
import { startServer } from '../harness/server.mjs';
import { sleep, slowness, test, until } from '../harness/suite.mjs';

const INTERVAL_MS = 500 * slowness;
const TIMEOUT_MS = 1500 * slowness;
const HEARTBEATS = 5;
const CONNECT_MS = 4000 * slowness;
const server = await startServer({
  estates: 8,
  args: ['--ping-interval', `${INTERVAL_MS}ms`, '--ping-timeout', `${TIMEOUT_MS}ms`, '--connect-timeout', `${CONNECT_MS}ms`],
});
const standard = await startServer({ estates: 2 });

test('by default: a ping after 25 s, an answer is enough, and silence after that is the end', { limitMs: 80_000 }, async (t) => {
  const [a, b] = standard.estate().residents;
  const lively = rawWebSocket(t, standard);
  await lively.enter(a.token);
  const begun = Date.now();
  const poll = await polling(t, standard);
  await poll.enter(b.token);
  const polled = poll.until((p) => p === '2');
  await lively.next('2', 35_000);
  const ms = Date.now() - begun;
  assert.ok(ms > 24_000 && ms < 25_000 + 3000 * slowness, `ping after ${ms} ms`);
  await polled;
  lively.send('3');
  assert.ok(!lively.ended);
});

test('clients that answer stay, on every transport', { limitMs: 60_000 }, async (t) => {
  const estate = server.estate();
  const clients = await Promise.all([['websocket'], ['polling'], ['polling', 'websocket']].map((transports, i) => connect(t, server, estate.residents[i], { transports })));
  const beats = clients.map(() => 0);
  clients.forEach((client, i) => client.socket.io.on('ping', () => beats[i]++));
  await until(() => beats.every((n) => n >= HEARTBEATS), () => `heartbeats: ${beats}`, 40_000);
  for (const client of clients) {
    assert.deepEqual(client.disconnects, []);
    await client.settle();
  }
});

test('a silent WebSocket is closed after interval and timeout, not before, and its user goes offline', { limitMs: 60_000 }, async (t) => {
  const estate = server.estate();
  const watcher = await connect(t, server, estate.residents[1], { transports: ['websocket'] });
  const ws = rawWebSocket(t, server);
  await ws.enter(estate.residents[0].token);
  const begun = Date.now();
  await ws.next('2');
  await until(() => ws.ended || ws.frames.some((f) => f.opcode === 8), 'the close', 20_000);
  const ms = Date.now() - begun;
  assert.ok(ms >= INTERVAL_MS + TIMEOUT_MS - 150 * slowness, `not before: ${ms}`);
  assert.ok(ms <= INTERVAL_MS + TIMEOUT_MS + 1500 * slowness, `not long after: ${ms}`);
  assert.deepEqual(ws.texts.filter((x) => x === '2').length, 1);
  await watcher.next('user_offline', (d) => d.userId === estate.residents[0].id, 30_000);
});

test('talking is not answering: without a pong it ends all the same', { limitMs: 60_000 }, async (t) => {
  const estate = server.estate();
  const ws = rawWebSocket(t, server);
  await ws.enter(estate.residents[0].token);
  for (let i = 0; !ws.ended && !ws.frames.some((f) => f.opcode === 8) && i < 400; i++) {
    ws.send(`42/messaging,${JSON.stringify(['join_estate_group', { estateId: estate.id }])}`);
    await sleep(50 * slowness);
  }
  await ws.closed(1000);
});

test('polling: the ping is "2", silence ends the session', { limitMs: 60_000 }, async (t) => {
  const estate = server.estate();
  const poll = await polling(t, server);
  await poll.enter(estate.residents[0].token);
  for (let i = 0; i < 3; i++) {
    poll.packets.length = 0;
    while (!poll.packets.includes('2')) await poll.poll();
    assert.equal((await poll.post('3')).text, 'ok');
  }
  for (;;) {
    const answer = await poll.get();
    if (answer.status === 400) break;
    assert.equal(answer.status, 200);
  }
});

test('polling: nobody fetches, the session ends', { limitMs: 60_000 }, async (t) => {
  const estate = server.estate();
  const watcher = await connect(t, server, estate.residents[1], { transports: ['websocket'] });
  const poll = await polling(t, server);
  await poll.enter(estate.residents[0].token);
  await watcher.next('user_offline', (d) => d.userId === estate.residents[0].id, 30_000);
  assert.equal((await poll.get()).status, 400);
});

test('who joins no namespace is closed', { limitMs: 60_000 }, async (t) => {
  const ws = rawWebSocket(t, server);
  await ws.next((x) => x.startsWith('0{'));
  const pongs = setInterval(() => ws.send('3'), 100 * slowness);
  t.after(() => clearInterval(pongs));
  const refused = rawWebSocket(t, server);
  await refused.next((x) => x.startsWith('0{'));
  refused.send('40/messaging,{"token":"x"}');
  await refused.next((x) => x.startsWith('44/messaging,'));
  await ws.closed(20_000);
  await refused.closed(20_000);
});

test('a line that is cut without a word: offline after the grace period', { limitMs: 60_000 }, async (t) => {
  const estate = server.estate();
  const watcher = await connect(t, server, estate.residents[1], { transports: ['websocket'] });
  const ws = rawWebSocket(t, server);
  await ws.enter(estate.residents[0].token);
  await watcher.next('user_online');
  ws.socket.resetAndDestroy ? ws.socket.resetAndDestroy() : ws.close();
  await watcher.next('user_offline', (d) => d.userId === estate.residents[0].id, 30_000);
});
