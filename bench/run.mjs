// Runs the works against our server and the peer, side by side in the same run: server on one core, load on another.
// Usage: node bench/run.mjs [--quick] [--only broadcast,connect,…] [--save]     VAULTIFY_BUILD names the build folder.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { cpus, tmpdir, totalmem, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const build = process.env.VAULTIFY_BUILD ?? join(here, '..', 'build');
const quick = process.argv.includes('--quick');
const save = process.argv.includes('--save');
const onlyAt = process.argv.indexOf('--only');
const only = onlyAt > 0 ? process.argv[onlyAt + 1].split(',') : null;
const secret = 'a secret of the benchmark, 32 bytes at least';
const scratch = mkdtempSync(join(tmpdir(), 'vaultify-bench-'));
const uuid = (kind, n) => `00000000-0000-7000-8${kind.toString(16).padStart(3, '0')}-${n.toString(16).padStart(12, '0')}`;

// ---- what is imported: estates of a size, an Admin first in each; direct conversations between neighbours ----
function population(users, estateSize, pairs = false) {
  const lines = [], ids = [], conversations = [];
  for (let i = 0; i < users; i++) {
    const estate = uuid(1, Math.floor(i / estateSize));
    if (i % estateSize === 0) lines.push({ estate: { estate_id: estate, name: `Estate ${i / estateSize}` } });
    lines.push({ user: { user_id: uuid(2, i), email: `user${i}@example.com`, first_name: `User${i}`, last_name: 'User',
      status: 'active', role: i % estateSize === 0 ? 'Admin' : 'Residence', estate_id: estate } });
    ids.push(uuid(2, i));
  }
  if (pairs) for (let i = 0; i + 1 < users; i += 2) {
    conversations.push(uuid(3, i));
    lines.push({ conversation: { conversation_id: uuid(3, i), estate_id: uuid(1, Math.floor(i / estateSize)), type: 'direct',
      created_by_user_id: uuid(2, i), participants: [uuid(2, i), uuid(2, i + 1)] } });
  }
  const text = (list) => list.join('\n') + '\n';
  const files = { import: join(scratch, 'import.jsonl'), users: join(scratch, 'users'), conversations: join(scratch, 'conversations') };
  writeFileSync(files.import, text(lines.map((line) => JSON.stringify(line))));
  writeFileSync(files.users, text(ids));
  writeFileSync(files.conversations, text(conversations));
  return files;
}

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});
const pin = (core, command) => (cpus().length > 1 ? ['taskset', '-c', String(core), ...command] : command);

function start(command, env) {
  const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.on('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}`)));
    child.stdout.on('data', (chunk) => { text += chunk; if (text.includes('listening on')) resolve(child); });
  });
}

const stop = (child) => new Promise((resolve) => { child.removeAllListeners('exit'); child.on('exit', resolve); child.kill('SIGTERM'); });

const servers = {
  async ours(files, port, data) {
    execFileSync(join(build, 'vaultify'), ['import', files.import, '--data', data], { stdio: ['ignore', 'ignore', 'inherit'] });
    const threads = process.env.BENCH_THREADS ?? '1';
    const command = [join(build, 'vaultify'), 'serve', '--host', '127.0.0.1', '--port', String(port), '--data', data, '--threads', threads];
    return start(process.env.BENCH_UNPINNED ? command : pin(0, command), { JWT_SECRET: secret, VAULTIFY_RATE_LIMITS: 'off' });
  },
  peer: (files, port, data) => start(pin(0, [process.execPath, join(here, 'peer', 'server.mjs'), String(port), files.import, data, secret])),
};

async function measure(side, work) {
  const files = population(work.users, work.estateSize, work.pairs);
  const data = mkdtempSync(join(scratch, `${side}-`));
  const port = await freePort();
  const child = await servers[side](files, port, data);
  try {
    const args = [work.name, '--port', port, '--pid', child.pid, '--users', files.users, '--secret', secret, ...work.args].map(String);
    const command = pin(1, [join(build, 'load'), ...args]);
    const out = await new Promise((resolve, reject) => {
      const load = spawn(command[0], command.slice(1), { env: { ...process.env, BENCH_CONVERSATIONS: files.conversations }, stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      load.stdout.on('data', (chunk) => { text += chunk; });
      load.on('exit', (code) => (code === 0 ? resolve(text) : reject(new Error(`load ended with ${code}`))));
    });
    const result = JSON.parse(out);
    if (side === 'ours') Object.assign(result, await stats(data));
    return result;
  } finally {
    await stop(child);
    rmSync(data, { recursive: true, force: true });
  }
}

// The server's own counters, through its control socket.
function stats(data) {
  return new Promise((resolve) => {
    const asked = request({ socketPath: join(data, 'control.sock'), path: '/control/stats' }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => { text += chunk; });
      answer.on('end', () => {
        const { turn_max_us, dropped, slow_closed } = JSON.parse(text);
        resolve({ longest_turn_ms: turn_max_us / 1000, dropped, slow_closed });
      });
    });
    asked.on('error', () => resolve({})).end();
  });
}

const scale = quick ? 0.25 : 1;
const n = (value) => Math.max(2, Math.round(value * scale));
const works = [
  { name: 'broadcast', title: 'one broadcast to 1,000 sockets, CPU a delivery', key: 'cpu_us_per_delivery', unit: 'µs', target: 9,
    users: 1000, estateSize: 1000, args: ['--count', 1000, '--rounds', n(300)] },
  { name: 'burst', title: '3,000 broadcasts, one each 200 µs, to 1,000 sockets', key: 'cpu_us_per_delivery', unit: 'µs',
    users: 1000, estateSize: 1000, args: ['--count', 1000, '--rounds', 3000], oursOnly: true },
  { name: 'connect', title: 'connect: upgrade + CONNECT + JWT + rooms, CPU a user', key: 'cpu_us_per_user', unit: 'µs', target: 120,
    users: 2000, estateSize: 4, args: ['--count', 2000, '--rounds', quick ? 2 : 3, '--window', 50] },
  { name: 'send', title: 'durable send_message, two participants, CPU a message', key: 'cpu_us_per_message', unit: 'µs',
    users: 64, estateSize: 64, pairs: true, args: ['--count', 64, '--rounds', n(3000), '--window', 32] },
  { name: 'send', title: 'durable send_message, messages a second', key: 'messages_per_s', unit: '/s', more: true, target: 20000, again: true },
  { name: 'idle', title: 'memory an idle connected user, 10,000 users', key: 'bytes_per_user', unit: 'B', target: 2048,
    users: 10000, estateSize: 100, args: ['--count', 10000] },
  { name: 'storm', title: '10,000 sockets of one estate at once, all in after', key: 'all_in_s', unit: 's', target: 30,
    users: 10000, estateSize: 10000, args: ['--count', 10000], oursOnly: true },
];

const results = {};
console.log('| work | ours | peer: Socket.IO on Node | ratio | target |\n|---|---|---|---|---|');
try {
  for (const work of works) {
    if (only && !only.includes(work.name)) continue;
    if (!work.again) results[work.name] = { ours: await measure('ours', work), peer: work.oursOnly ? null : await measure('peer', work) };
    const { ours, peer } = results[work.name];
    const show = (side) => (side ? `${side[work.key].toLocaleString('en', { maximumFractionDigits: 2 })} ${work.unit}` : '–');
    const ratio = peer ? (work.more ? ours[work.key] / peer[work.key] : peer[work.key] / ours[work.key]) : null;
    const met = work.target === undefined ? '' : `${work.more ? '≥' : '≤'} ${work.target.toLocaleString('en')}: ${(work.more ? ours[work.key] >= work.target : ours[work.key] <= work.target) ? 'met' : 'MISSED'}`;
    console.log(`| ${work.title} | ${show(ours)} | ${show(peer)} | ${ratio ? ratio.toFixed(1) + ' ×' : '–'} | ${met} |`);
  }
  for (const [name, sides] of Object.entries(results)) for (const [side, result] of Object.entries(sides)) if (result) console.log(`${side} ${name}: ${JSON.stringify(result)}`);
  if (save) {
    const commit = execFileSync('git', ['-C', here, 'rev-parse', '--short', 'HEAD']).toString().trim();
    const machine = { cpu: cpus()[0].model, cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30), kernel: release(), node: process.version };
    mkdirSync(join(here, 'results'), { recursive: true });
    const file = join(here, 'results', `${new Date().toISOString().slice(0, 10)}-${commit}.json`);
    writeFileSync(file, JSON.stringify({ commit, machine, results }, null, 2) + '\n');
    console.log(`saved ${file}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
