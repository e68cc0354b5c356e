// A broadcast to thousands who are offline: the sender does not wait for them, everybody gets it once, a kill in the middle
// loses nobody, and an emergency does not queue.
import assert from 'node:assert/strict';
import { openProviders, registerAll, startPushServer } from '../harness/push/providers.mjs';
import { announce, settled } from '../harness/push/scene.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const RESIDENTS = Number(process.env.VAULTIFY_TEST_RESIDENTS || (slowness > 1 ? 500 : 1500)); // 50,000 is what was promised
const ACK_MAX_MS = 500;
const IN_FLIGHT_MAX = 400; // what may be under way at a service when something more urgent comes
const HELD_MAX = 2 * IN_FLIGHT_MAX; // with what the service has taken and is not yet written down
const BETWEEN_MAX = Math.max(IN_FLIGHT_MAX, RESIDENTS / 20); // others fill the gaps while an emergency is expanded, slice by slice

async function town(options = {}) {
  const providers = await openProviders(['fcm']);
  const server = await startPushServer(providers, { estates: 1, residents: RESIDENTS, ...options });
  const { admin, residents } = server.estate();
  const devices = await registerAll(server, residents, providers.fcm);
  return { providers, stand: providers.fcm, server, admin, residents, devices };
}

const arrived = (devices, n, what, ms = 60_000) => until(() => devices.every((d) => d.pushes.length >= n), () => `${what}: ${devices.filter((d) => d.pushes.length >= n).length} of ${devices.length}`, ms);

test(`${RESIDENTS} are offline: the sender does not wait, and everybody gets it once`, { alone: true, limitMs: 150_000 }, async () => {
  const { server, stand, admin, devices } = await town();
  const begun = Date.now();
  await announce(server, admin, 'No water until noon', 'utility');
  const ms = Date.now() - begun;
  assert.ok(ms < ACK_MAX_MS * slowness, `the answer came after ${ms} ms`);
  assert.ok(stand.log.length < RESIDENTS, 'before the pushes had gone');
  await arrived(devices, 1, 'everybody');
  await settled(server);
  assert.ok(devices.every((d) => d.attempts.length === 1 && d.pushes[0].body.includes('No water until noon')));
  await server.stop();
});

test('kill -9 in the middle: after the next start everybody has it, and twice at most what was under way', { alone: true, limitMs: 150_000 }, async () => {
  const { server, providers, stand, admin, devices } = await town();
  await announce(server, admin, 'No water until noon', 'utility');
  await until(() => stand.log.length > RESIDENTS / 4, 'a quarter');
  await server.kill();
  assert.ok(stand.log.length < RESIDENTS, 'in the middle of it');
  const next = await startPushServer(providers, { data: server.data });
  await arrived(devices, 1, 'everybody');
  await settled(next);
  const twice = devices.filter((d) => d.attempts.length > 1);
  assert.ok(twice.length <= HELD_MAX, `${twice.length} twice`);
  assert.ok(devices.every((d) => d.attempts.length <= 2));
  await next.stop();
});

test('an emergency overtakes what waits, and keeps to the rate', { alone: true, limitMs: 150_000 }, async () => {
  const rate = Math.ceil(RESIDENTS / 5);
  const { server, stand, admin, devices } = await town({ args: ['--fcm-rate', String(rate)] });
  await announce(server, admin, 'No water until noon', 'utility');
  await until(() => stand.log.length > RESIDENTS / 5, 'some');
  await announce(server, admin, 'Fire', 'emergency');
  const sentAt = Date.now();
  await arrived(devices, 2, 'both');
  await settled(server);
  const odd = devices.filter((d) => d.attempts.length !== 2);
  assert.deepEqual(odd.map((d) => d.attempts.map((p) => [p.members.type, p.members.seq, p.answer, p.at - sentAt])), []);
  const overtaken = stand.log.filter((p) => p.members.type === 'broadcast' && p.at > sentAt).length;
  assert.ok(overtaken > RESIDENTS / 2, `${overtaken} still waited`);
  const from = stand.log.findIndex((p) => p.members.type === 'emergency');
  const last = stand.log.findLastIndex((p) => p.members.type === 'emergency');
  const between = stand.log.slice(from, last).filter((p) => p.members.type === 'broadcast').length;
  assert.ok(between <= BETWEEN_MAX, `${between} broadcasts went before the last emergency`);
  const { log } = stand;
  for (let i = 2 * rate; i < log.length; i++) assert.ok(log[i].at - log[i - 2 * rate].at > 1000, `number ${i}: more than the rate`);
  await server.stop();
});
