// The real binary: started on a free port with a folder of its own, stopped, and looked at when it ends.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finally_, soon, until } from './suite.mjs';
import { signToken } from './jwt.mjs';
import { makeEstates, importText } from './estate.mjs';

const build = process.env.VAULTIFY_BUILD || 'build';
/** A program of the build: where `./dev build` puts it, or where meson does. */
const program = (name, ...folders) => [name, ...folders.map((f) => join(f, name))].map((p) => join(build, p)).find((p) => existsSync(p) && statSync(p).isFile()) ?? join(build, name);
export const binary = program('vaultify', 'vaultify/app');
export const example = (name) => program(name, 'libsio/examples');
export const SECRET = 'a secret of the black-box tests, 0123456789';

const SANITIZER = /ERROR: AddressSanitizer|ERROR: LeakSanitizer|WARNING: ThreadSanitizer|SUMMARY: \w+Sanitizer|runtime error:/;

const processes = new Set();
const folders = new Set();
const badEnds = [];

process.on('exit', () => {
  for (const child of processes) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'vaultify-test-'));
  folders.add(folder);
  return folder;
}

export function writeTemporary(text, name = 'input.jsonl') {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

/** The environment of every process under test: nothing of the operator's own settings leaks in. */
function environment(extra) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(VAULTIFY_|DATABASE_|JWT_|CORS_|FIREBASE_|GOOGLE_|NOTIFY_|VAPID_|WEBPUSH_|APNS_|EXPO_|PORT$)/.test(name)) delete env[name];
  }
  env.JWT_SECRET = SECRET;
  env.UBSAN_OPTIONS ||= 'print_stacktrace=1';
  for (const [name, value] of Object.entries(extra || {})) {
    if (value === undefined || value === null) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** Runs a command to its end: {code, signal, stdout, stderr}. */
export async function command(args, { env, input, cwd, file = binary, ms = 30_000 } = {}) {
  const child = spawn(file, args, { env: environment(env), cwd, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  processes.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (d) => (stdout += d));
  child.stderr.on('data', (d) => (stderr += d));
  if (input !== undefined) child.stdin.end(input);
  try {
    const [code, signal] = await soon(new Promise((done) => child.on('close', (c, s) => done([c, s]))), `"${args.join(' ')}" to end`, ms);
    if (SANITIZER.test(stderr) || (signal && signal !== 'SIGTERM')) badEnds.push(`${args.join(' ')}: ${signal ?? code}\n${stderr.slice(-4000)}`);
    return { code, signal, stdout, stderr };
  } finally {
    child.kill('SIGKILL');
    processes.delete(child);
  }
}

export class Server {
  constructor(child, data, output) {
    Object.assign(this, { child, data, output, estates: [], scheme: 'http', port: 0, ended: false });
    this.exit = new Promise((done) =>
      child.on('close', (code, signal) => {
        this.ended = true;
        processes.delete(child);
        done({ code, signal });
      }),
    );
  }

  get url() {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  /** An estate of the seeded pool that no other test of the file uses. */
  estate() {
    const estate = this.estates.shift();
    if (!estate) throw new Error('the pool of estates is empty: seed more');
    return estate;
  }

  /** SIGTERM; the exit must be clean and in time. */
  async stop() {
    if (this.stopping) return this.stopping;
    this.stopping = (async () => {
      const begun = Date.now();
      this.child.kill('SIGTERM');
      const end = await soon(this.exit, 'the server to exit after SIGTERM', 15_000).catch((error) => {
        this.child.kill('SIGKILL');
        throw error;
      });
      this.check(end);
      return { ...end, ms: Date.now() - begun };
    })();
    return this.stopping;
  }

  /** kill -9. */
  async kill() {
    this.stopping = this.exit;
    this.child.kill('SIGKILL');
    const end = await soon(this.exit, 'the server to die');
    if (SANITIZER.test(this.output.stderr)) this.complain('sanitizer report');
    return end;
  }

  check(end) {
    if (end.code !== 0) this.complain(`exit ${end.code ?? end.signal}`);
    else if (SANITIZER.test(this.output.stderr)) this.complain('sanitizer report');
  }

  complain(what) {
    const from = this.output.stderr.search(SANITIZER);
    const text = from >= 0 ? this.output.stderr.slice(from, from + 6000) : this.output.stderr.slice(-3000);
    badEnds.push(`${what}\n${text}`);
  }
}

const started = [];
finally_('every server ended well', async () => {
  for (const server of started) {
    if (server.ended && !server.stopping) server.check(await server.exit);
    else if (!server.ended) await server.stop();
  }
  if (badEnds.length) throw new Error(badEnds.join('\n\n'));
});

/**
 * Starts `vaultify serve`. `estates`: how many are seeded (by `import`, before the start); `data`: a folder to use again.
 */
export async function startServer({ estates = 0, residents = 3, pictures = true, data, args = [], env, threads = 2, port = 0, token = {} } = {}) {
  const folder = data || temporaryFolder();
  let pool = [];
  if (estates) {
    pool = makeEstates(estates, { residents, pictures });
    const file = writeTemporary(importText(pool));
    const done = await command(['import', file, '--data', folder], { env, ms: 60_000 });
    if (done.code !== 0) throw new Error(`the seed was not imported: ${done.code ?? done.signal} ${done.stderr}`);
    for (const estate of pool) for (const user of estate.users) user.token = signToken(SECRET, { sub: user.id, ...token });
  }
  const server = await launch(binary, ['serve', '--port', String(port), '--data', folder, '--threads', String(threads), ...args], { env, data: folder });
  server.estates = pool;
  return server;
}

/** Starts any program that prints its address on the first line. */
export async function launch(file, args, { env, data } = {}) {
  const child = spawn(file, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  child.on('error', (error) => (output.stderr += error.message)); // such as: there is no such program
  processes.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (d) => (output.stdout += d));
  child.stderr.on('data', (d) => (output.stderr = (output.stderr + d).slice(-400_000)));
  const server = new Server(child, data, output);
  started.push(server);
  await until(() => server.ended || output.stdout.includes('\n'), () => `the server to listen: ${output.stdout}${output.stderr}`, 30_000);
  const line = output.stdout.split('\n')[0];
  const match = /(https?):\/\/(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1?\]):(\d+)/.exec(line);
  if (!match) throw new Error(`no address on the first line: ${JSON.stringify(line)}\n${output.stderr.slice(-3000)}`);
  server.firstLine = line;
  server.scheme = match[1];
  server.port = Number(match[2]);
  return server;
}

/** Adds or changes users of a living or a stopped server. */
export async function importRecords(data, records, options = {}) {
  const file = writeTemporary(records.map((r) => JSON.stringify(r)).join('\n') + '\n');
  return command(['import', file, '--data', data], options);
}
