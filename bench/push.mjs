// The works about pushes: a stand-in takes them, or nobody does. Loop, writer and outbox are threads of their own, and the stand-in needs
// one too: nothing is held to a core.
import { execFileSync } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, control, conversationRecord, estateRecord, freePort, load, quick, scratch, secret, serve, start, stop, userRecord, uuid, writePeople } from './lab.mjs';

const REGISTRATIONS_AT_ONCE = 32;
const WAIT_MS = 600_000;

// ---- the stand-in, and a server that is told of it ----

const file = (name) => join(scratch, name);
const countFile = file('push-count');

function certificate() {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-keyout', file('key.pem'), '-out', file('cert.pem')], { stdio: 'ignore' });
}

function standIn(port) {
  rmSync(countFile, { force: true });
  return start([join(build, 'push_stand_in'), '--port', port, '--cert', file('cert.pem'), '--key', file('key.pem'), '--count', countFile].map(String));
}

const account = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const fcm = (port) => ({
  cores: 'all',
  args: ['--fcm-base', `https://127.0.0.1:${port}`, '--fcm-token-url', `https://127.0.0.1:${port}/token`, '--push-ca', file('cert.pem'), '--fcm-rate', 0],
  env: { FIREBASE_PROJECT_ID: 'bench', FIREBASE_CLIENT_EMAIL: 'bench@bench.iam.gserviceaccount.com', FIREBASE_PRIVATE_KEY: account },
});

// ---- people with phones ----

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function token(user) {
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: uuid(2, user), exp: Math.floor(Date.now() / 1000) + 3600 })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const agent = new Agent({ keepAlive: true, maxSockets: REGISTRATIONS_AT_ONCE });
function post(port, user, path, body) {
  const text = JSON.stringify(body);
  const headers = { Authorization: `Bearer ${token(user)}`, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method: 'POST', path, headers, agent }, (answer) => {
      let got = '';
      answer.on('data', (chunk) => { got += chunk; });
      answer.on('end', () => (answer.statusCode < 300 ? resolve() : reject(new Error(`POST ${path}: ${answer.statusCode} ${got}`))));
    });
    asked.on('error', reject).end(text);
  });
}

/** So many phones for each of the users. */
async function registerPhones(port, users, each) {
  let next = 0;
  const worker = async () => {
    for (let i; (i = next++) < users.length * each; )
      await post(port, users[i % users.length], '/notifications/devices', { platform: 'android', token: `bench:${'x'.repeat(120)}-${i}` });
  };
  await Promise.all(Array.from({ length: REGISTRATIONS_AT_ONCE }, worker));
}

const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);

/** Estates with a sender each and so many receivers, all in one group. */
function estates(senders, receivers) {
  const records = [], size = receivers + 1;
  for (let estate = 0; estate < senders; estate++) {
    const users = range(estate * size, size);
    records.push(estateRecord(estate), ...users.map((user, i) => userRecord(user, estate, i ? 'Residence' : 'Admin')), conversationRecord(estate, estate, 'group', users));
  }
  const first = range(0, senders).map((estate) => estate * size);
  return { files: writePeople('push', records, first.map((user) => uuid(2, user)), range(0, senders).map((n) => uuid(3, n))),
    receivers: range(0, senders * size).filter((user) => user % size) };
}

/** `options`: of `serve`. What is started is stopped, and its data removed. */
async function withServer(files, options, work) {
  const data = mkdtempSync(join(scratch, 'push-'));
  const port = await freePort();
  const child = await serve(files, port, data, options);
  try {
    return await work({ port, data, pid: child.pid });
  } finally {
    await stop(child);
    rmSync(data, { recursive: true, force: true });
  }
}

async function withStandIn(port, work) {
  const child = await standIn(port);
  try {
    return await work();
  } finally {
    await stop(child);
  }
}

async function metric(data, name) {
  const line = (await control(data, '/metrics'))?.split('\n').find((l) => l.startsWith(`${name} `) || l.startsWith(`${name}{`));
  return line ? Number(line.slice(line.lastIndexOf(' '))) : 0;
}
const rssMib = async (data) => (await metric(data, 'process_resident_memory_bytes')) / 2 ** 20;

async function until(what, condition) {
  const begun = Date.now();
  while (!(await condition())) {
    if (Date.now() - begun > WAIT_MS) throw new Error(`not within ${WAIT_MS / 1000} s: ${what}`);
    await sleep(100);
  }
  return (Date.now() - begun) / 1000;
}

// ---- the works ----

/** 100 estates of 200 residents who are offline; a message to one is 200 pushes. */
export async function pushRate() {
  const senders = 100, receivers = 200, rounds = quick ? 5 : 20;
  certificate();
  const people = estates(senders, receivers), service = await freePort();
  return withStandIn(service, () => withServer(people.files, fcm(service), async ({ port, pid }) => {
    await registerPhones(port, people.receivers, 1);
    return load('push', port, pid, people.files, ['--count', senders, '--rounds', rounds, '--receivers', receivers, '--window', senders / 2],
      { BENCH_PUSH_COUNT: countFile });
  }));
}

/** 1,000 residents with 20 phones each, and a message in each of 50 groups that they are in, while the service is away: 1,000,000 pushes. Then it is back. */
export async function backlog() {
  const receivers = quick ? 250 : 1000, phones = 20, groups = 50, jobs = receivers * phones * groups;
  certificate();
  const everybody = range(0, receivers + 1), service = await freePort();
  const records = [estateRecord(0), ...everybody.map((user) => userRecord(user, 0, user ? 'Residence' : 'Admin')), ...range(0, groups).map((n) => conversationRecord(n, 0, 'group', everybody))];
  const files = writePeople('push', records, [uuid(2, 0)], range(0, groups).map((n) => uuid(3, n)));
  const options = fcm(service);
  options.args.push('--store-cache', '16M'); // or pages of the database would be what is measured
  return withServer(files, options, async ({ port, data }) => {
    await registerPhones(port, everybody.slice(1), phones);
    const before = await rssMib(data);
    let most = before;
    for (let n = 0; n < groups; n++) await post(port, 0, `/messaging/conversations/${uuid(3, n)}/messages`, { content: `About matter ${n}` });
    const filled_s = await until('all pushes wait', async () => {
      most = Math.max(most, await rssMib(data));
      return (await metric(data, 'vaultify_push_waiting')) >= jobs;
    });
    const sent = () => metric(data, 'vaultify_push_total{provider="fcm",outcome="sent"}');
    return withStandIn(service, async () => {
      const back_s = await until('pushes flow again', async () => (await sent()) > 0);
      const begun = Date.now(), from = await sent();
      await sleep(quick ? 3000 : 20_000);
      const pushes = (await sent()) - from, draining = await rssMib(data);
      return { work: 'backlog', jobs, rss_mib_before: before, rss_mib_most: most, rss_mib_draining: draining, rss_mib_more: Math.max(most, draining) - before,
        filled_s, back_s, drained_per_s: Math.round((pushes * 1000) / (Date.now() - begun)) };
    });
  });
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/** Two servers, by turns: in one, each message is a push for its offline receiver; in the other nobody has a phone. */
export async function pacedWithAndWithout() {
  const senders = 64, rate = 1000, turns = quick ? 3 : 9, rounds = Math.round((rate / senders) * (quick ? 3 : 10));
  certificate();
  const people = estates(senders, 1), service = await freePort();
  const results = { with: [], without: [] };
  await withStandIn(service, () => withServer(people.files, fcm(service), (pushing) => withServer(people.files, { cores: 'all' }, async (quiet) => {
    await registerPhones(pushing.port, people.receivers, 1);
    const one = async (name, server) => results[name].push(await load('paced', server.port, server.pid, people.files, ['--count', senders, '--rounds', rounds, '--rate', rate]));
    for (let turn = 0; turn < turns; turn++) {
      const order = [['with', pushing], ['without', quiet]];
      for (const [name, server] of turn % 2 ? order.reverse() : order) await one(name, server);
    }
    for (const [name, server] of [['with', pushing], ['without', quiet]]) results[`commits_${name}`] = await metric(server.data, 'vaultify_commit_duration_seconds_count');
    results.pushes = await metric(pushing.data, 'vaultify_push_total{provider="fcm",outcome="sent"}');
  })));
  const of = (name, key) => median(results[name].map((r) => r[key]));
  return { work: 'paced', rate, pushes: results.pushes, commits_with: results.commits_with, commits_without: results.commits_without, p99_ms_with: of('with', 'ack_p99_ms'), p99_ms_without: of('without', 'ack_p99_ms'),
    p50_ms_with: of('with', 'ack_p50_ms'), p50_ms_without: of('without', 'ack_p50_ms'), cpu_us_with: of('with', 'cpu_us_per_message'), cpu_us_without: of('without', 'cpu_us_per_message'), p99_ratio: of('with', 'ack_p99_ms') / of('without', 'ack_p99_ms') };
}
