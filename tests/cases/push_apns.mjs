// APNs from outside: what an iPhone is sent, and what becomes of each of Apple's answers.
import assert from 'node:assert/strict';
import { metricsOf } from '../harness/metrics.mjs';
import { devicesOf, openProviders, startPushServer } from '../harness/push/providers.mjs';
import { announce, answered, members, outcomes, settled, talk, OUTCOMES } from '../harness/push/scene.mjs';
import { test, until } from '../harness/suite.mjs';

const providers = await openProviders(['apns']);
const stand = providers.apns;
const server = await startPushServer(providers, { estates: 24 });
const HOUR_MS = 3600_000;

test('a message', async () => {
  const scene = await talk(server, stand);
  const message = await scene.say('Shall we meet at 6?');
  const [push] = await stand.pushed(scene.device);
  assert.deepEqual([push.title, push.body], [`${scene.sender.first} ${scene.sender.last}`, 'Shall we meet at 6?']);
  assert.deepEqual(push.members, members(message, 'message', 1));
  assert.equal(push.aps.badge, 1);
  assert.deepEqual([push.type, push.priority], ['alert', '10']);
  assert.ok(push.expiration > Date.now() / 1000 && push.expiration <= Date.now() / 1000 + 24 * 3600, `apns-expiration ${push.expiration}`);
  assert.equal(push.collapseId.length > 0, true);
});

test('an emergency is time-sensitive, and critical only where Apple has allowed it', async () => {
  const entitled = await startPushServer(providers, { estates: 1, args: ['--apns-critical', 'on'] });
  for (const [on, level] of [[server, 'time-sensitive'], [entitled, 'critical']]) {
    const scene = await talk(on, stand);
    const message = await announce(on, scene.estate.admin, 'Fire in block B', 'emergency');
    const [push] = await stand.pushed(scene.device);
    assert.deepEqual(push.members, members(message, 'emergency', 1));
    assert.equal(push.aps['interruption-level'], level);
    assert.equal(push.priority, '10');
  }
});

test('a long text fits', async () => {
  const scene = await talk(server, stand);
  await scene.say('ß€😀'.repeat(600));
  const [push] = await stand.pushed(scene.device);
  assert.ok(push.bytes <= 4096);
  assert.match(push.body, /^(ß€😀)+[ß€]{0,2}…$/u);
});

test('many at once: one connection or few, and none of its streams is refused', async () => {
  const scenes = await Promise.all(Array.from({ length: 6 }, () => talk(server, stand)));
  const before = stand.connections;
  await Promise.all(scenes.flatMap((scene) => Array.from({ length: 10 }, (_, i) => scene.say(`number ${i}`))));
  await settled(server);
  for (const scene of scenes) assert.equal(scene.device.pushes.at(-1).members.seq, 10);
  assert.ok(stand.connections - before <= 4, `${stand.connections - before} new connections`);
});

for (const [answer, outcome] of [
  ['ExpiredToken', 'dead'],
  ['Unregistered', 'dead'],
  ['BadDeviceToken', 'dead'],
  ['DeviceTokenNotForTopic', 'dead'],
  ['InvalidProviderToken', 'alarm'],
  ['ExpiredProviderToken', 'alarm'],
  ['MissingProviderToken', 'alarm'],
  ['TooManyRequests', 'retried'],
  ['TooManyRequests2s', 'retried'],
  ['InternalServerError', 'retried'],
  ['ServiceUnavailable', 'retried'],
  ['Shutdown', 'retried'],
  ['PayloadTooLarge', 'refused'],
  ['BadCollapseId', 'refused'],
  ['MissingTopic', 'refused'],
  ['reset', 'retried'],
  ['drop', 'retried'],
]) {
  test(`${answer}: ${outcome}`, async () => {
    const alone = outcome === 'dead' || outcome === 'refused' ? server : await startPushServer(providers, { estates: 1 });
    await answered(await talk(alone, stand), answer, outcome);
  });
}

test('Unregistered, since before the app registered again: the device is kept, and tried again in a while', async () => {
  const alone = await startPushServer(providers, { estates: 1 });
  const scene = await talk(alone, stand);
  stand.answer(scene.device, stand.unregistered(Date.now() - HOUR_MS));
  await scene.say('one');
  await until(async () => (await outcomes(alone, 'apns', 'token_dead')) === 1, 'the answer to be judged');
  assert.equal((await devicesOf(alone, scene.reader)).length, 1);
  const page = await metricsOf(alone);
  assert.deepEqual(['waiting', 'dead_letters'].map((what) => page.value(`vaultify_push_${what}`, { provider: 'apns' })), [1, 0]);
});

test('Unregistered, since after it: gone', async () => {
  const scene = await talk(server, stand);
  stand.answer(scene.device, stand.unregistered(Date.now() + HOUR_MS));
  await scene.say('one');
  await OUTCOMES.dead(scene);
});
