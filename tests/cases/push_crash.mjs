// kill -9 while messages and pushes flow, again and again on the same data: each offline recipient's device gets what it
// is due, and no dead token is tried again.
import assert from 'node:assert/strict';
import { makeDirect, request } from '../harness/rest.mjs';
import { devicesOf, openProviders, register, SERVICES, startPushServer } from '../harness/push/providers.mjs';
import { say, settled } from '../harness/push/scene.mjs';
import { test, until } from '../harness/suite.mjs';

const KILLS = Number(process.env.VAULTIFY_TEST_KILLS || 12);
const READERS = 16;
const MORTALS = 4; // of the readers: their tokens die, and they register new ones
const MESSAGES = 30; // acknowledged before a kill, at least
const LIMIT_MS = 60_000 + KILLS * 3000;

const DEATHS = { webpush: 'GONE', fcm: 'UNREGISTERED', apns: 'Unregistered', expo: 'DeviceNotRegistered' };

test(`${KILLS} kills while pushes flow`, { limitMs: LIMIT_MS }, async () => {
  const providers = await openProviders();
  let server = await startPushServer(providers, { estates: 1, residents: READERS });
  const { admin, residents } = server.estate();
  const { data } = server;
  const readers = [];
  for (const [i, user] of residents.entries()) {
    const stand = providers[SERVICES[i % SERVICES.length]];
    readers.push({ user, stand, device: await register(server, user, stand.device()), conversation: await makeDirect(server, admin, user), newest: 0 });
  }
  const forgotten = []; // {device, attempts}: what was seen to be gone, and how often it had been tried by then

  /** Devices that the server has dropped are dropped for good; their users come with new ones. */
  async function renew() {
    for (const reader of readers) {
      if ((await devicesOf(server, reader.user)).length) continue;
      forgotten.push({ device: reader.device, attempts: reader.device.attempts.length });
      reader.device = await register(server, reader.user, reader.stand.device());
      reader.newest = 0; // what came before is lost with the old token
    }
  }

  let acked = 0;
  for (let round = 0; round < KILLS; round++) {
    await renew();
    for (let k = 0; k < MORTALS; k++) {
      const { stand, device } = readers[(round * MORTALS + k) % READERS];
      stand.answer(device, DEATHS[stand.name]);
    }
    let sending = true;
    const target = acked + MESSAGES + ((round * 7) % MESSAGES);
    const pumps = [0, 1, 2, 3].map(async (from) => {
      for (let i = from; sending; i += 4) {
        const reader = readers[i % READERS];
        const body = { type: 'text', content: `round ${round}` };
        const answer = await request(server, 'POST', `/messaging/conversations/${reader.conversation}/messages`, { token: admin.token, body }).catch(() => null);
        if (answer?.status !== 201) continue;
        reader.newest = Math.max(reader.newest, answer.json.seq);
        acked++;
      }
    });
    await until(() => acked >= target, 'the load', 20_000);
    await server.kill();
    sending = false;
    await Promise.all(pumps);
    server = await startPushServer(providers, { data });
  }

  await settled(server, 30_000);
  await renew();
  // Everybody has the newest message that was acknowledged, or a later one that was not.
  for (const { device, newest, user, stand } of readers) {
    const seqs = device.pushes.map((p) => Number(p.members.seq));
    assert.ok(newest === 0 || Math.max(0, ...seqs) >= newest, `${user.first} by ${stand.name}: ${newest} is due, got ${seqs.slice(-5)}`);
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b), 'in order');
  }
  assert.ok(forgotten.length >= KILLS, `tokens died: ${forgotten.length}`);
  for (const { device, attempts } of forgotten) assert.equal(device.attempts.length, attempts, 'a dead token is tried again');
  await say(server, admin, readers[0].conversation, 'and all is well');
  await readers[0].stand.pushed(readers[0].device, readers[0].device.pushes.length + 1);
  await server.stop();
});
