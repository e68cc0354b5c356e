// Clients that are programs of their own: each prints "ok TRANSPORT CHECK" or "FAIL TRANSPORT CHECK why", a line a check,
// and "cut" and "mend" for the wire between it and the server.
import { spawn, spawnSync } from 'node:child_process';
import { startFeatures } from '../../harness/features.mjs';
import { test, until } from '../../harness/suite.mjs';
import { cuttable } from '../../harness/wire_cut.mjs';

export const WAYS = ['polling', 'websocket', 'upgrade'];
const CHECKS = ['connects', 'text', 'binary', 'is acknowledged', 'is asked', 'is refused', 'comes back'];

/** Whether the command runs at all. */
export const runs = (command, ...args) => spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;

/** Starts the program, whose last argument is the server's URL, and registers a test for each line it has to print. */
export async function program(command, args, limitMs) {
  const wire = await cuttable(await startFeatures());
  const child = spawn(command, [...args, wire.url], { stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '', ended: false };
  child.stdout.on('data', (d) => {
    output.stdout += d;
    const orders = output.stdout.split('\n').slice(0, -1).filter((line) => line === 'cut' || line === 'mend');
    if (orders.length) wire[orders.at(-1)]();
  });
  child.stderr.on('data', (d) => (output.stderr += d));
  child.on('close', () => (output.ended = true));
  for (const way of WAYS) for (const check of CHECKS) test(`${way}: ${check}`, { limitMs: limitMs + 1000 }, () => printed(output, `${way} ${check}`, limitMs));
}

async function printed(output, what, limitMs) {
  const line = await until(
    () => output.stdout.split('\n').slice(0, -1).find((l) => l === `ok ${what}` || l.startsWith(`FAIL ${what}`)) ?? (output.ended && 'the program ended without it'),
    () => `"${what}"; printed: ${output.stdout}${output.stderr.slice(-2000)}`,
    limitMs,
  );
  if (!line.startsWith('ok')) throw new Error(`${line}\n${output.stderr.slice(-3000)}`);
}
