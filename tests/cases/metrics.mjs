// GET /metrics: who may read them, that the page is what Prometheus reads, and that it says what clients did.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { connect } from '../harness/client.mjs';
import { controlGet, Metrics, metricsOf, scrape } from '../harness/metrics.mjs';
import { groupOf, makeDirect, request, rest } from '../harness/rest.mjs';
import { command, SECRET, startServer } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const TOKEN = 'a token for whoever reads the metrics';
const EVENTS = ['estate_broadcast', 'join_estate_group', 'leave_estate_group', 'mark_as_read', 'send_message', 'typing'];
const open = await startServer();
const guarded = await startServer({ estates: 1, env: { VAULTIFY_METRICS_TOKEN: TOKEN } });
const production = await startServer({ env: { VAULTIFY_ENV: 'production' } });
const guardedProduction = await startServer({ env: { VAULTIFY_ENV: 'production', VAULTIFY_METRICS_TOKEN: TOKEN } });
const counted = await startServer({ estates: 1 });
const pushing = await startServer({
  estates: 1,
  args: ['--fcm-base', 'https://127.0.0.1:1', '--fcm-token-url', 'https://127.0.0.1:1/token'], // nobody is there
  env: {
    FIREBASE_PROJECT_ID: 'a-project',
    FIREBASE_CLIENT_EMAIL: 'server@a-project.example',
    FIREBASE_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  },
});

test('the page is strictly what the format prescribes, and complete from the start', async () => {
  const answer = await scrape(open);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const metrics = new Metrics(answer.text);
  for (const event of EVENTS) assert.ok(answer.text.includes(`\nvaultify_events_total{event="${event}"} 0\n`), event);
  assert.ok(metrics.value('process_resident_memory_bytes') > 1e6);
  assert.ok(metrics.value('process_cpu_seconds_total') > 0);
  assert.ok(metrics.value('process_open_fds') > 5);
  assert.ok(Math.abs(metrics.value('process_start_time_seconds') - Date.now() / 1000) < 600);
  assert.equal(metrics.families.get('vaultify_build_info').samples.length, 1);
});

test('HEAD, and other methods', async () => {
  const head = await request(open, 'HEAD', '/metrics');
  assert.deepEqual([head.status, head.text], [200, '']);
  const post = await request(open, 'POST', '/metrics', { body: {} });
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
});

test('without a token: open in development, in production on the control socket alone', async () => {
  assert.equal((await scrape(open)).status, 200);
  assert.equal((await scrape(open, { token: 'whatever' })).status, 200);
  for (const options of [{}, { token: TOKEN }, { headers: { Authorization: 'Bearer ' } }]) {
    const answer = await scrape(production, options);
    assert.deepEqual([answer.status, answer.json.code], [404, 'route_not_found']);
  }
  assert.equal((await request(production, 'POST', '/metrics')).status, 404);
  new Metrics((await controlGet(production, '/metrics')).text);
});

test('with a token: it alone opens, in every environment; the control socket needs none', async () => {
  const wrong = [undefined, TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), guarded.estate().admin.token, SECRET];
  for (const server of [guarded, guardedProduction]) {
    for (const token of wrong) {
      const answer = await scrape(server, { token });
      assert.equal(answer.status, 401, token);
      assert.equal(answer.json.code, token ? 'token_invalid' : 'token_missing');
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.ok(!answer.text.includes('vaultify_'), 'nothing of the page');
    }
    for (const header of [TOKEN, `Basic ${TOKEN}`, `Bearer${TOKEN}`]) assert.equal((await scrape(server, { headers: { Authorization: header } })).status, 401, header);
    new Metrics((await scrape(server, { token: TOKEN })).text);
    new Metrics((await controlGet(server, '/metrics')).text);
  }
});

test('a token too short to be one is refused at the start', async () => {
  const done = await command(['serve', '--port', '0', '--data', open.data], { env: { VAULTIFY_METRICS_TOKEN: 'short' } });
  assert.notEqual(done.code, 0);
  assert.match(done.stderr, /VAULTIFY_METRICS_TOKEN/);
});

test('what a client does is counted', async (t) => {
  const estate = counted.estate();
  const [a, b] = estate.residents;
  const group = await groupOf(counted, a);
  const before = await metricsOf(counted);
  assert.deepEqual([before.value('vaultify_users_online'), before.value('vaultify_sockets')], [0, 0]);

  const client = await connect(t, counted, a, { transports: ['websocket'] });
  const other = await connect(t, counted, a, { transports: ['polling'] });
  await connect(t, counted, b, { transports: ['websocket'] });
  for (let i = 0; i < 5; i++) await client.must('send_message', { conversationId: group, content: `number ${i}` });
  await client.must('typing', { conversationId: group, isTyping: true });
  assert.equal((await client.ask('send_message', { conversationId: 'none' })).ok, false);
  assert.equal((await client.ask('send_message', { conversationId: a.id, content: 'x' })).ok, false);
  assert.equal((await client.ask('no"such\\event', {})).ok, false);
  assert.equal((await client.ask('unknown', {})).ok, false);

  const after = await metricsOf(counted);
  const grown = (name, labels) => after.value(name, labels) - before.value(name, labels);
  assert.equal(after.value('vaultify_users_online'), 2);
  assert.equal(after.value('vaultify_sockets'), 3);
  assert.ok(after.value('vaultify_sessions') >= 3 && after.value('vaultify_connections') >= 3);
  assert.equal(grown('vaultify_events_total', { event: 'send_message' }), 7);
  assert.equal(grown('vaultify_events_total', { event: 'typing' }), 1);
  assert.equal(grown('vaultify_events_total', { event: 'unknown' }), 2);
  assert.equal(grown('vaultify_events_total', { event: 'mark_as_read' }), 0);
  assert.equal(grown('vaultify_events_refused_total', { code: 'invalid_payload' }), 1);
  assert.equal(grown('vaultify_events_refused_total', { code: 'conversation_not_found' }), 1);
  assert.equal(grown('vaultify_events_refused_total', { code: 'unknown_event' }), 2);
  assert.equal(grown('vaultify_event_duration_seconds_count', { event: 'send_message' }), 7);
  assert.ok(grown('vaultify_event_duration_seconds_sum', { event: 'send_message' }) > 0);
  assert.ok(grown('vaultify_commit_duration_seconds_count') >= 5, 'each message was committed by itself');
  assert.ok(grown('vaultify_packets_out_total') >= 15, 'three sockets, five messages');
  assert.ok(![...after.families.values()].some((f) => JSON.stringify(f.samples).includes('such')), 'a client invents no labels');

  client.close();
  await until(async () => (await metricsOf(counted)).value('vaultify_sockets') === 2, 'the socket to be gone');
  assert.equal((await metricsOf(counted)).value('vaultify_users_online'), 2, 'the other socket of the user is there');
  other.close();
  await until(async () => (await metricsOf(counted)).value('vaultify_users_online') === 1, 'the user to be offline, after the grace period', 20_000);
});

test('what waits to be pushed is on the page, for how long, and how the provider does', async () => {
  const estate = pushing.estate();
  const [a, b] = estate.residents;
  const fcm = { provider: 'fcm' };
  const before = await metricsOf(pushing);
  assert.equal(before.value('vaultify_push_waiting', fcm), 0);
  for (const outcome of ['sent', 'retry', 'token_dead', 'key_problem', 'refused'])
    assert.ok(before.families.get('vaultify_push_total').samples.some((s) => s.labels.outcome === outcome && s.labels.provider === 'fcm' && s.value === 0), outcome);
  assert.ok(![...before.families.get('vaultify_push_total').samples].some((s) => s.labels.provider !== 'fcm'), 'no provider that is off');

  await rest(pushing, b, 'POST', '/notifications/devices', { status: 201, body: { platform: 'android', token: `metrics:${'x'.repeat(120)}` } });
  const conversation = await makeDirect(pushing, a, b);
  await rest(pushing, a, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { content: 'hello' } });
  let page;
  await until(async () => (page = await metricsOf(pushing)).value('vaultify_push_waiting', fcm) === 1 && page.value('vaultify_push_resting', fcm) === 1, 'one push to wait', 30_000);
  assert.equal(page.value('vaultify_push_devices'), 1);
  assert.equal(page.value('vaultify_push_dead_letters', fcm), 0);
  assert.ok(page.value('vaultify_push_pauses_total', fcm) >= 1);
  await until(async () => (await metricsOf(pushing)).value('vaultify_push_oldest_seconds', fcm) > 3, 'it to become older', 30_000);
});

test('a hundred who read at the same time all get the page', async () => {
  const pages = await Promise.all(Array.from({ length: 100 }, () => scrape(open)));
  for (const page of pages) new Metrics(page.text);
});
