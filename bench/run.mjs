// Runs the works against our server and the peer, side by side in the same run: server on one core, load on another.
// Usage: node bench/run.mjs [--quick] [--only broadcast,connect,…] [--save]     VAULTIFY_BUILD names the build folder.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem, release } from 'node:os';
import { join } from 'node:path';
import { control, conversationRecord, estateRecord, freePort, here, load, pin, quick, scratch, secret, serve, start, stop, userRecord, uuid, writePeople } from './lab.mjs';
import { backlog, pacedWithAndWithout, pushRate } from './push.mjs';

const save = process.argv.includes('--save');
const onlyAt = process.argv.indexOf('--only');
const only = onlyAt > 0 ? process.argv[onlyAt + 1].split(',') : null;

// ---- what is imported: estates of a size, an Admin first in each; direct conversations between neighbours ----
function population(users, estateSize, pairs = false) {
  const lines = [], ids = [], conversations = [];
  for (let i = 0; i < users; i++) {
    const estate = Math.floor(i / estateSize);
    if (i % estateSize === 0) lines.push(estateRecord(estate));
    lines.push(userRecord(i, estate, i % estateSize === 0 ? 'Admin' : 'Residence'));
    ids.push(uuid(2, i));
  }
  if (pairs) for (let i = 0; i + 1 < users; i += 2) {
    conversations.push(uuid(3, i));
    lines.push(conversationRecord(i, Math.floor(i / estateSize), 'direct', [i, i + 1]));
  }
  return writePeople('users', lines, ids, conversations);
}

const servers = {
  ours: serve,
  peer: (files, port, data) => start(pin(0, [process.execPath, join(here, 'peer', 'server.mjs'), String(port), files.import, data, secret])),
};

async function measure(side, work) {
  const files = population(work.users, work.estateSize, work.pairs);
  const data = mkdtempSync(join(scratch, `${side}-`));
  const port = await freePort();
  const child = await servers[side](files, port, data);
  try {
    const result = await load(work.name, port, child.pid, files, work.args);
    if (side === 'ours') Object.assign(result, await stats(data));
    return result;
  } finally {
    await stop(child);
    rmSync(data, { recursive: true, force: true });
  }
}

// The server's own counters, through its control socket.
async function stats(data) {
  const text = await control(data, '/control/stats');
  if (!text) return {};
  const { turn_max_us, dropped, slow_closed } = JSON.parse(text);
  return { longest_turn_ms: turn_max_us / 1000, dropped, slow_closed };
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
  { name: 'push', title: 'pushes to a stand-in for FCM, TLS and HTTP/2, a second', key: 'pushes_per_s', unit: '/s', more: true, target: 10000, run: pushRate },
  { name: 'push', title: 'the same, CPU a push, the message behind it included', key: 'cpu_us_per_push', unit: 'µs', again: true },
  { name: 'backlog', title: 'memory that 1,000,000 waiting pushes take', key: 'rss_mib_more', unit: 'MiB', target: 64, run: backlog },
  { name: 'paced', title: 'p99 of send_message at a fixed rate: with push, in parts of that without', key: 'p99_ratio', unit: '', target: 1.1, run: pacedWithAndWithout },
];

const results = {};
console.log('| work | ours | peer: Socket.IO on Node | ratio | target |\n|---|---|---|---|---|');
try {
  for (const work of works) {
    if (only && !only.includes(work.name)) continue;
    if (work.run) results[work.name] = { ours: await work.run(), peer: null };
    else if (!work.again) results[work.name] = { ours: await measure('ours', work), peer: work.oursOnly ? null : await measure('peer', work) };
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
