// What the works share: the people who are imported, servers on one core, the load program on another.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
export const build = process.env.VAULTIFY_BUILD ?? join(here, '..', 'build');
export const quick = process.argv.includes('--quick');
export const secret = 'a secret of the benchmark, 32 bytes at least';
export const scratch = mkdtempSync(join(tmpdir(), 'vaultify-bench-'));
export const uuid = (kind, n) => `00000000-0000-7000-8${kind.toString(16).padStart(3, '0')}-${n.toString(16).padStart(12, '0')}`;

// ---- who is imported ----

export const estateRecord = (n) => ({ estate: { estate_id: uuid(1, n), name: `Estate ${n}` } });
export const userRecord = (n, estate, role) => ({ user: { user_id: uuid(2, n), email: `user${n}@example.com`, first_name: `User${n}`, last_name: 'User',
  status: 'active', role, estate_id: uuid(1, estate) } });
export const conversationRecord = (n, estate, type, users) => ({ conversation: { conversation_id: uuid(3, n), estate_id: uuid(1, estate), type,
  created_by_user_id: uuid(2, users[0]), participants: users.map((user) => uuid(2, user)) } });

/** The files that the server and the load program read: records to import, users and conversations one a line. */
export function writePeople(name, records, users, conversations) {
  const file = (kind, lines) => {
    writeFileSync(join(scratch, `${name}-${kind}`), lines.join('\n') + '\n');
    return join(scratch, `${name}-${kind}`);
  };
  return { import: file('import.jsonl', records.map((r) => JSON.stringify(r))), users: file('users', users), conversations: file('conversations', conversations) };
}

// ---- programs ----

export const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});
export const pin = (core, command) => (cpus().length > 1 && !process.env.BENCH_UNPINNED ? ['taskset', '-c', String(core), ...command] : command);

export function start(command, env) {
  const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.on('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}`)));
    child.stdout.on('data', (chunk) => { text += chunk; if (text.includes('listening on')) resolve(child); });
  });
}

export const stop = (child) => new Promise((resolve) => { child.removeAllListeners('exit'); child.on('exit', resolve); child.kill('SIGTERM'); });

/** `cores`: 1, or all of the machine's. */
export function serve(files, port, data, { args = [], env, cores = 1 } = {}) {
  execFileSync(join(build, 'vaultify'), ['import', files.import, '--data', data], { stdio: ['ignore', 'ignore', 'inherit'] });
  const threads = process.env.BENCH_THREADS ?? '1';
  const command = [join(build, 'vaultify'), 'serve', '--host', '127.0.0.1', '--port', port, '--data', data, '--threads', threads, ...args].map(String);
  return start(cores === 1 ? pin(0, command) : command, { JWT_SECRET: secret, VAULTIFY_RATE_LIMITS: 'off', ...env });
}

/** Runs the load program and returns its result. */
export async function load(work, port, pid, files, args, env) {
  const command = pin(1, [join(build, 'load'), work, '--port', port, '--pid', pid, '--users', files.users, '--secret', secret, ...args].map(String));
  const text = await new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { env: { ...process.env, BENCH_CONVERSATIONS: files.conversations, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk) => { out += chunk; });
    child.on('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`load ended with ${code}`))));
  });
  return JSON.parse(text);
}

/** A page of a server's control socket, as text; null when it does not answer. */
export function control(data, path) {
  return new Promise((resolve) => {
    const asked = request({ socketPath: join(data, 'control.sock'), path }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => { text += chunk; });
      answer.on('end', () => resolve(text));
    });
    asked.on('error', () => resolve(null)).end();
  });
}
