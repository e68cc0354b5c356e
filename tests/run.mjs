// The black-box tests: node run.mjs [filter [name]]. Runs each file of the folders below in a process of its own, a few at a time.
//   VAULTIFY_BUILD          folder of the binaries (default ../build)
//   VAULTIFY_TEST_SLOWNESS  multiplies every deadline (default 1; sanitizers: 5 to 10)
//   VAULTIFY_TEST_SANITIZER none (default), address or thread: leaves out what finds nothing new in such a slow build
//   VAULTIFY_TEST_JOBS      files at a time (default 3: most of them wait; 4 in a slow build, whose deadlines are long)
import { fork, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [filter = '', only = ''] = process.argv.slice(2);
const slowness = Number(process.env.VAULTIFY_TEST_SLOWNESS || 1);
const jobs = Number(process.env.VAULTIFY_TEST_JOBS || (slowness > 1 ? 4 : 3));
const FILE_LIMIT_MS = 240_000;
// Most tests wait; a browser works.
const TESTS_AT_A_TIME = 6;
const BROWSERS_AT_A_TIME = 2;

process.env.VAULTIFY_BUILD ||= join(here, '..', 'build');
process.env.VAULTIFY_BUILD = resolve(process.env.VAULTIFY_BUILD);
if (!existsSync(join(process.env.VAULTIFY_BUILD, 'vaultify'))) {
  console.error(`There is no ${join(process.env.VAULTIFY_BUILD, 'vaultify')}: build it first, or set VAULTIFY_BUILD.`);
  process.exit(2);
}
if (!existsSync(join(here, 'node_modules', 'socket.io'))) {
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] });
  if (install.status !== 0) process.exit(2);
}

const FOLDERS = ['cases', 'protocol', 'interop', 'browser'];

// Other clients, pages and documents ask the server for what the official client asks for. Parsers have no threads: what
// is sent to them in every form is one thread's work, and every event and route is still called under ThreadSanitizer. Who
// is killed has no thread left that could race.
const CLIENTS = ['interop/', 'browser/', 'cases/client_core', 'cases/client_react', 'cases/client_snippets', 'cases/guides', 'cases/web_'];
const PARSERS = ['protocol/', 'cases/rfc6455', 'cases/bad_input', 'cases/command_line', 'cases/vapid_keys'];
const LEFT_OUT = { none: [], address: CLIENTS, thread: [...CLIENTS, ...PARSERS, 'cases/crash'] };
const leftOut = LEFT_OUT[process.env.VAULTIFY_TEST_SANITIZER || 'none'];
if (!leftOut) {
  console.error(`VAULTIFY_TEST_SANITIZER is one of ${Object.keys(LEFT_OUT).join(', ')}.`);
  process.exit(2);
}

// Files that wait long come first, files that need the machine for themselves last and one by one.
const first = ['cases/liveness.mjs', 'cases/crash.mjs', 'cases/presence.mjs', 'cases/push_broadcast.mjs', 'cases/libsio_recovery_storm.mjs'];
const apart = (name) => name === 'cases/storm.mjs' || name.startsWith('browser/');
const rank = (name) => (first.includes(name) ? 0 : 1);
const files = FOLDERS.flatMap((folder) => readdirSync(join(here, folder)).map((name) => join(folder, name)))
  .filter((name) => name.endsWith('.mjs') && name.includes(filter) && !leftOut.some((start) => name.startsWith(start)))
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));

const totals = { passed: 0, failed: 0 };
const children = new Set();
const started = Date.now();

function runFile(name) {
  return new Promise((resolve) => {
    const begun = Date.now();
    const results = [];
    // A process group of its own, so that nothing it started can outlive it.
    const child = fork(join(here, 'harness', 'child.mjs'), [join(here, name), only].filter(Boolean), {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { VAULTIFY_TEST_CONCURRENCY: name.startsWith('browser/') ? BROWSERS_AT_A_TIME : TESTS_AT_A_TIME, ...process.env },
    });
    children.add(child);
    let output = '';
    let done = false;
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('message', (message) => {
      if (message.result) results.push(message.result);
      if (message.done) done = true;
    });
    const timer = setTimeout(() => child.kill('SIGTERM'), FILE_LIMIT_MS * slowness);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      children.delete(child);
      endGroup(child.pid);
      if (!done) results.push({ name: 'the file ends', ok: false, ms: 0, error: `exit ${code ?? signal}` });
      print(name, results, output, Date.now() - begun);
      resolve();
    });
  });
}

function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the group is gone, as it should be
  }
}

function print(name, all, output, ms) {
  const results = all.filter((r) => !r.skipped);
  const failed = results.filter((r) => !r.ok);
  totals.passed += results.length - failed.length;
  totals.failed += failed.length;
  console.log(`${failed.length ? 'FAIL' : 'ok  '} ${name.padEnd(36)} ${results.length - failed.length} passed, ${failed.length} failed  (${(ms / 1000).toFixed(1)} s)`);
  for (const r of all) if (r.skipped) console.log(`       skip  ${r.name}: ${r.skipped}`);
  for (const r of results) {
    if (process.env.VAULTIFY_TEST_VERBOSE && r.ok) console.log(`       ok    ${r.name} (${r.ms} ms)`);
    if (!r.ok) console.log(`       FAIL  ${r.name} (${r.ms} ms)\n${String(r.error).replace(/^/gm, '             ')}`);
  }
  if (output.trim() && (failed.length || process.env.VAULTIFY_TEST_VERBOSE)) console.log(output.trimEnd().replace(/^/gm, '       | '));
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) child.kill('SIGTERM');
    setTimeout(() => {
      for (const child of children) endGroup(child.pid);
      process.exit(1);
    }, 2000).unref();
  });
}

const queue = files.filter((name) => !apart(name));
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let name = queue.shift(); name; name = queue.shift()) await runFile(name);
  }),
);
for (const name of files.filter(apart)) await runFile(name);

if (totals.passed + totals.failed === 0) {
  console.error(`No test matches "${filter}".`);
  process.exit(2);
}
console.log(`time: ${((Date.now() - started) / 1000).toFixed(1)} s`);
console.log(`tests: ${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed ? 1 : 0);
