// libsio: limits for what clients can make the server keep: unread answers, polls, what comes before the first namespace,
// bodies that a route does not want.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { joined, startFeatures, stats } from '../harness/features.mjs';
import { tcp } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { test, until } from '../harness/suite.mjs';

const MIB = 1 << 20;

const memory = (server) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;

// ---- unread answers ----

test('answers that nobody reads take no more memory than allowed; who reads is not hit', async (t) => {
  const server = await startFeatures({ stalled: 32 * MIB, threads: 2 });
  const reader = await joined(t, server);
  const before = memory(server);
  const idlers = [];
  for (let i = 0; i < 40; i++) {
    const connection = tcp(t, server);
    connection.socket.pause();
    connection.write(`GET /big?${11 * MIB} HTTP/1.1\r\nHost: x\r\n\r\n`);
    idlers.push(connection);
    if (i % 5 === 0) assert.equal((await request(server, 'GET', `/big?${3 * MIB}`)).text.length, 3 * MIB);
  }
  await until(async () => (await stats(server)).slowClosed >= 30, async () => `most to be closed: ${JSON.stringify(await stats(server))}`);
  const more = memory(server) - before;
  assert.ok(more < 150 * MIB, `${more / MIB} MiB more`);
  assert.deepEqual(await reader.ask('echo', 1), [1]);
  assert.deepEqual(reader.left, []);
});
