// FCM from outside: the account's exchange, what a phone is sent, and what becomes of each of Google's answers.
import assert from 'node:assert/strict';
import { metricsOf } from '../harness/metrics.mjs';
import { devicesOf, openProviders, startPushServer } from '../harness/push/providers.mjs';
import { alarms, announce, answered, members, settled, talk } from '../harness/push/scene.mjs';
import { test, until } from '../harness/suite.mjs';

const providers = await openProviders(['fcm']);
const stand = providers.fcm;
const server = await startPushServer(providers, { estates: 24 });
const own = () => startPushServer(providers, { estates: 1 });

test('a message', async () => {
  const scene = await talk(server, stand);
  const message = await scene.say('Shall we meet at 6?');
  const [push] = await stand.pushed(scene.device);
  assert.deepEqual([push.title, push.body], [`${scene.sender.first} ${scene.sender.last}`, 'Shall we meet at 6?']);
  assert.deepEqual(push.members, members(message, 'message', 1, true));
  assert.equal(push.message.android.notification.notification_count, 1);
  assert.match(push.message.android.notification.tag, /^[A-Za-z0-9_-]{1,32}$/);
});

test('an emergency wakes the phone', async () => {
  const scene = await talk(server, stand);
  const message = await announce(server, scene.estate.admin, 'Fire in block B', 'emergency');
  const [push] = await stand.pushed(scene.device);
  assert.deepEqual(push.members, members(message, 'emergency', 1, true));
  assert.equal(push.message.android.priority, 'HIGH');
});

test('a long text fits', async () => {
  const scene = await talk(server, stand);
  await scene.say('ß€😀'.repeat(600));
  const [push] = await stand.pushed(scene.device);
  assert.match(push.body, /^(ß€😀)+[ß€]{0,2}…$/u);
});

for (const [answer, outcome, word] of [
  ['UNREGISTERED', 'dead'],
  ['INVALID_TOKEN', 'dead'],
  ['SENDER_ID_MISMATCH', 'dead'],
  ['INVALID_FIELD', 'refused'],
  ['QUOTA_EXCEEDED_2S', 'retried'],
  ['UNAVAILABLE', 'retried'],
  ['INTERNAL', 'retried'],
  ['THIRD_PARTY_AUTH_ERROR', 'alarm', 'THIRD_PARTY_AUTH_ERROR'],
  ['UNAUTHENTICATED', 'alarm', 'HTTP 401|UNAUTHENTICATED'], // a token that was never good; of one that was, below
  ['NO_SUCH_PROJECT', 'alarm', '404|NOT_FOUND'],
  ['PERMISSION_DENIED', 'alarm', '403|PERMISSION_DENIED'],
  ['reset', 'retried'],
  ['drop', 'retried'],
  ['garbage', 'retried'],
  ['endless', 'retried'],
]) {
  test(`${answer}: ${outcome}`, async () => {
    const alone = ['UNREGISTERED', 'INVALID_TOKEN', 'INVALID_FIELD'].includes(answer) ? server : await own();
    await answered(await talk(alone, stand), answer, outcome, word);
    if (answer === 'SENDER_ID_MISMATCH') assert.equal(alarms(alone, 'fcm', 'SENDER_ID_MISMATCH').length, 1, 'and an alarm');
  });
}

test('429 without Retry-After: a minute of rest, for the whole service', async () => {
  const [alone, other] = [await own(), await own()];
  const [scene, witness] = [await talk(alone, stand), await talk(other, stand)];
  stand.answer(scene.device, 'QUOTA_EXCEEDED');
  stand.answer(witness.device, 'QUOTA_EXCEEDED_2S');
  for (const one of [scene, witness]) await one.say('one');
  await until(() => alarms(alone, 'fcm', 'QUOTA_EXCEEDED').length, 'the line in the log');
  await scene.say('two');
  await stand.pushed(witness.device); // two seconds later
  assert.equal(scene.device.attempts.length, 1);
});

test('the account: one token for many pushes, a new one when it is good no more', { alone: true }, async () => {
  const scene = await talk(server, stand);
  await scene.say('one');
  await stand.pushed(scene.device, 1);
  const { grants } = stand;
  for (const n of [2, 3, 4]) {
    await scene.say(`number ${n}`);
    await stand.pushed(scene.device, n);
  }
  assert.equal(stand.grants, grants);
  stand.forgetBearers();
  await scene.say('five');
  await stand.pushed(scene.device, 5);
  assert.equal(stand.grants, grants + 1);
});

test('the account is not accepted: an alarm, the devices are kept; and when it is, all goes on', { alone: true }, async () => {
  const alone = await own();
  const scene = await talk(alone, stand);
  stand.tokenAnswer = { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
  await scene.say('one');
  await until(() => alarms(alone, 'fcm', 'invalid_grant').length, 'the alarm');
  assert.equal((await metricsOf(alone)).value('vaultify_push_resting', { provider: 'fcm' }), 1);
  assert.equal((await devicesOf(alone, scene.reader)).length, 1);
  stand.tokenAnswer = { status: 503 };
  const other = await own();
  const second = await talk(other, stand);
  const before = stand.grants;
  await second.say('one');
  await until(() => stand.grants > before, 'the question');
  stand.tokenAnswer = null;
  await stand.pushed(second.device);
  await settled(other);
  assert.equal(second.device.attempts.length, 1);
});
