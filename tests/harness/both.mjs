// One behaviour, asserted of two servers: the reference from npm and libsio. The same assertions; where both run, both pass.
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFeatures } from './features.mjs';
import { slowness, test } from './suite.mjs';

const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'protocol', 'server', 'reference.mjs');

// ---- the reference: one process a file, many servers in it ----

let child = null;
let asked = 0;
const waiting = new Map(); // who has asked for a server, by number
const printed = new Map(); // the output of each server, by port

function referenceProcess() {
  if (child) return child;
  child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('message', ({ id, port, stdout }) => (id ? waiting.get(id)(port) : (printed.get(port).stdout += stdout)));
  child.on('exit', (code) => {
    if (code) console.error(`the reference server ended with ${code}`);
  });
  process.on('exit', () => child.kill('SIGKILL'));
  return child;
}

async function startReference(options) {
  const id = ++asked;
  const port = await new Promise((done) => {
    waiting.set(id, done);
    referenceProcess().send({ id, open: options });
  });
  const output = { stdout: '' };
  printed.set(port, output);
  return { name: 'reference', port, url: `http://127.0.0.1:${port}`, output, stop: () => child.send({ close: port }) };
}

async function startLibsio(options) {
  return Object.assign(await startFeatures({ threads: 2, ...options }), { name: 'libsio' });
}

// ---- a pair of them ----

/** Both servers with the same options (those of tests/server), started when a test first needs them. */
export function pair(options = {}) {
  const started = {};
  return {
    reference: () => (started.reference ??= startReference(options)),
    libsio: () => (started.libsio ??= startLibsio(options)),
  };
}

async function run(t, servers, target, fn) {
  t.target = target;
  await fn(t, await servers[target]());
}

/**
 * Registers the behaviour once for each server; `fn` gets the test's context and the server;
 * `t.target` names which of the two it is.
 * `deviates`: why libsio does something else on purpose; then it alone is asserted.
 * A sanitizer has nothing to say about the reference, which is left out there.
 */
export function both(name, servers, options, fn) {
  if (typeof options === 'function') [options, fn] = [{}, options];
  const { deviates, ...rest } = options;
  if (!deviates && slowness === 1) test(`reference: ${name}`, rest, (t) => run(t, servers, 'reference', fn));
  test(`libsio: ${name}${deviates ? ` (deviates: ${deviates})` : ''}`, rest, (t) => run(t, servers, 'libsio', fn));
}
