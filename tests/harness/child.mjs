// Runs one file of tests in a process of its own and tells the parent each result.
import { runSuite } from './suite.mjs';

const [file, only] = process.argv.slice(2);
const strays = [];
process.on('unhandledRejection', (error) => strays.push(error));
process.on('SIGTERM', () => process.exit(1)); // the exit hooks end the servers

const send = (message) => new Promise((done) => process.send(message, done));

try {
  await import(file);
  await runSuite((result) => send({ result }), { only, concurrency: Number(process.env.VAULTIFY_TEST_CONCURRENCY || 6) });
  for (const error of strays) await send({ result: { name: 'no stray rejection', ok: false, ms: 0, error: String(error?.stack || error) } });
  await send({ done: true });
  process.exit(0);
} catch (error) {
  await send({ result: { name: 'the file loads', ok: false, ms: 0, error: String(error?.stack || error) } });
  process.exit(1);
}
