// Expo from outside: messages by the hundred, tickets, receipts, and what becomes of each answer.
import assert from 'node:assert/strict';
import { devicesOf, openProviders, register, startPushServer } from '../harness/push/providers.mjs';
import { alarms, announce, answered, members, settled, talk } from '../harness/push/scene.mjs';
import { test, until } from '../harness/suite.mjs';

const providers = await openProviders(['expo']);
const stand = providers.expo;
const server = await startPushServer(providers, { estates: 24 });
const own = (options) => startPushServer(providers, { estates: 1, ...options });

test('a message', async () => {
  const scene = await talk(server, stand);
  const message = await scene.say('Shall we meet at 6?');
  const [push] = await stand.pushed(scene.device);
  assert.deepEqual([push.title, push.body], [`${scene.sender.first} ${scene.sender.last}`, 'Shall we meet at 6?']);
  assert.deepEqual(push.members, members(message, 'message', 1));
  assert.equal(push.message.badge, 1);
});

test('an emergency has priority', async () => {
  const scene = await talk(server, stand);
  const message = await announce(server, scene.estate.admin, 'Fire in block B', 'emergency');
  const [push] = await stand.pushed(scene.device);
  assert.deepEqual(push.members, members(message, 'emergency', 1));
  assert.equal(push.message.priority, 'high');
});

test('a long text fits', async () => {
  const scene = await talk(server, stand);
  await scene.say('ß€😀'.repeat(600));
  const [push] = await stand.pushed(scene.device);
  assert.match(push.body, /^(ß€😀)+[ß€]{0,2}…$/u);
});

for (const [answer, outcome] of [
  ['DeviceNotRegistered', 'dead'],
  ['MessageRateExceeded', 'retried'],
  ['MessageTooBig', 'refused'],
  ['MismatchSenderId', 'alarm'],
  ['InvalidCredentials', 'alarm'],
  ['TOO_MANY', 'retried'],
  ['TOO_MANY_2S', 'retried'],
  ['BROKEN', 'retried'],
  ['UNAVAILABLE', 'retried'],
  ['UNAUTHORIZED', 'alarm'],
  ['reset', 'retried'],
  ['drop', 'retried'],
  ['garbage', 'retried'],
  ['endless', 'retried'],
]) {
  test(`${answer}: ${outcome}`, async () => {
    const alone = outcome === 'dead' ? server : await own();
    await answered(await talk(alone, stand), answer, outcome);
  });
}

test('a receipt of a device that is gone: forgotten, though the ticket was good', async () => {
  const scene = await talk(server, stand, { receipts: ['DeviceNotRegistered'] });
  await scene.say('one');
  await stand.pushed(scene.device);
  await until(async () => (await devicesOf(server, scene.reader)).length === 0, 'the device to be forgotten');
  const next = await register(server, scene.reader, stand.device());
  await scene.say('two');
  await stand.pushed(next);
  assert.equal(scene.device.attempts.length, 1);
});

test('a receipt that says what is wrong with us: an alarm, and the device is kept', async () => {
  const alone = await own();
  const scene = await talk(alone, stand, { receipts: ['InvalidCredentials'] });
  await scene.say('one');
  await until(() => alarms(alone, 'expo', 'InvalidCredentials').length, 'the alarm');
  assert.equal((await devicesOf(alone, scene.reader)).length, 1);
});

test('many at once: at most a hundred a request, everybody once', async () => {
  const big = await own({ residents: 230 });
  const estate = big.estate();
  const devices = await Promise.all(estate.residents.map((user) => register(big, user, stand.device())));
  const before = stand.batches.length;
  await announce(big, estate.admin, 'No water until noon', 'utility');
  await Promise.all(devices.map((device) => stand.pushed(device)));
  await settled(big);
  assert.ok(devices.every((d) => d.attempts.length === 1));
  assert.ok(stand.batches.length - before <= 20, `${stand.batches.length - before} requests`);
});
