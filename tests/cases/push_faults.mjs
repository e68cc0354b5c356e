// One push service fails, in each way that there is: the others go on, the log says it once, memory stays bounded, and
// when it is back everything that is due arrives, once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { makeDirect } from '../harness/rest.mjs';
import { openProviders, register, SERVICES, startPushServer } from '../harness/push/providers.mjs';
import { alarms, say, settled } from '../harness/push/scene.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const READERS = 12;
const ROUNDS = 3;
const LINES_MAX = 2; // about one failure, however many pushes it concerns
const GROWTH_MAX_KIB = 48 << 10;

const FAULTS = {
  hangs: (stand) => (stand.down = 'hang'),
  'answers garbage': (stand) => (stand.down = 'garbage'),
  'never stops answering': (stand) => (stand.down = 'endless'),
  'resets streams': (stand) => (stand.down = 'reset'),
  'drops connections': (stand) => (stand.down = 'drop'),
  'says 503': (stand) => (stand.down = { status: 503 }),
  'is not there': (stand) => stand.close(),
  'speaks no HTTP': async (stand) => {
    await stand.close();
    await stand.openGarbage();
  },
  'has an expired certificate': async (stand, { expired }) => {
    await stand.close();
    await stand.open(expired);
  },
};

async function mend(stand) {
  await stand.close();
  stand.down = null; // not before: a push that is taken, and never answered, comes again
  await stand.open();
}

const rssKib = (server) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]);

/** Each fault strikes one service; they take turns. */
for (const [i, [what, strike]] of Object.entries(FAULTS).entries()) {
  const name = SERVICES[i % SERVICES.length];
  test(`${name} ${what}`, async () => {
    const providers = await openProviders();
    const server = await startPushServer(providers, { estates: 1, residents: READERS, args: ['--push-timeout', `${2 * slowness}s`] });
    const { admin, residents } = server.estate();
    const readers = [];
    for (const [n, user] of residents.entries()) {
      const stand = providers[SERVICES[n % SERVICES.length]];
      readers.push({ user, stand, device: await register(server, user, stand.device()), conversation: await makeDirect(server, admin, user) });
    }
    const sick = providers[name];
    await strike(sick, providers);
    const before = rssKib(server);
    let last;
    for (let round = 1; round <= ROUNDS; round++) for (const reader of readers) last = await say(server, admin, reader.conversation, `round ${round}`);
    for (const reader of readers) if (reader.stand !== sick) await until(() => reader.device.pushes.at(-1)?.members.seq == ROUNDS, `${reader.stand.name} to go on`);
    await until(() => alarms(server, name).length, 'a line in the log');
    assert.ok(rssKib(server) - before < GROWTH_MAX_KIB, `${rssKib(server) - before} KiB more`);
    const lines = alarms(server, name);
    assert.ok(lines.length <= LINES_MAX, `said once, not ${lines.length} times:\n${lines.join('\n')}`);

    await mend(sick);
    const mendedAt = Date.now();
    for (const reader of readers) await until(() => reader.device.pushes.at(-1)?.members.seq == ROUNDS, `${reader.stand.name}, mended, to bring the last`, 30_000);
    await settled(server);
    for (const { stand, device } of readers) {
      if (stand !== sick) continue;
      // One for all that waited, or two where the last was decided on while it went out; none twice.
      const seqs = device.pushes.map((push) => push.members.seq);
      assert.ok(seqs.length <= 2 && new Set(seqs).size === seqs.length, `what waited arrives once: ${device.attempts.map((p) => `seq ${p.members.seq} after ${p.at - mendedAt} ms, ${p.answer}`)}`);
      assert.equal(Number(device.pushes.at(-1).members.badge), ROUNDS);
    }
    assert.equal(last.seq, ROUNDS);
  });
}

test('429 for an hour: the service rests, the others go on, and a restart loses nothing', async () => {
  const providers = await openProviders();
  const server = await startPushServer(providers, { estates: 1 });
  const { admin, residents: [reader] } = server.estate();
  const conversation = await makeDirect(server, admin, reader);
  const devices = [];
  for (const stand of providers.stands) devices.push(await register(server, reader, stand.device(), stand.name));
  const [, fcm] = devices;
  providers.fcm.everyone = 'QUOTA_EXCEEDED_HOUR';
  for (const n of [1, 2, 3, 4]) {
    await say(server, admin, conversation, `number ${n}`);
    for (const device of devices) if (device !== fcm) await until(() => device.pushes.at(-1)?.members.seq == n, 'the others');
  }
  assert.ok(fcm.attempts.length <= 1, 'it is left alone');
  assert.equal(alarms(server, 'fcm', 'QUOTA_EXCEEDED').length, 1);
  providers.fcm.everyone = null;
  await server.stop();
});
