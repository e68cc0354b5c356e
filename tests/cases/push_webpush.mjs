// Web Push from outside: what a browser decrypts, and what becomes of each answer of its service.
import assert from 'node:assert/strict';
import { groupOf, rest } from '../harness/rest.mjs';
import { openProviders, register, startPushServer } from '../harness/push/providers.mjs';
import { announce, answered, members, setPreferences, settled, talk } from '../harness/push/scene.mjs';
import { test } from '../harness/suite.mjs';

const providers = await openProviders(['webpush']);
const stand = providers.webpush;
const server = await startPushServer(providers, { estates: 24 });

test('the page is told the key, and every push is signed with it', async () => {
  const { publicKey } = await rest(server, server.estate().admin, 'GET', '/notifications/vapid-public-key');
  assert.equal(publicKey, stand.publicKey);
});

test('a message: who, what, and the members by which the app finds it', async () => {
  const scene = await talk(server, stand);
  const message = await scene.say('Shall we meet at 6?');
  const [push] = await stand.pushed(scene.device);
  assert.equal(push.title, `${scene.sender.first} ${scene.sender.last}`);
  assert.equal(push.body, 'Shall we meet at 6?');
  assert.deepEqual(push.members, members(message, 'message', 1));
  assert.ok(push.ttl > 0 && push.ttl <= 24 * 3600, `TTL ${push.ttl}`);
  assert.ok(['normal', 'high'].includes(push.urgency), push.urgency);
  await settled(server);
  assert.equal(scene.device.attempts.length, 1);
});

test('in the language of the user, and a broadcast as what it is', async () => {
  const scene = await talk(server, stand);
  await setPreferences(server, scene.reader, { locale: 'fr' });
  const message = await announce(server, scene.estate.admin, 'Au feu', 'emergency');
  const [push] = await stand.pushed(scene.device);
  assert.match(push.title, /urgence/i);
  assert.match(push.body, /Au feu/);
  assert.deepEqual(push.members, members(message, 'emergency', 1));
  assert.equal(push.urgency, 'high');
  assert.equal(message.conversation_id, await groupOf(server, scene.reader));
});

test('one topic a conversation, one of its own an emergency: what is newer takes the place of what waits', async () => {
  const scene = await talk(server, stand);
  await scene.say('one');
  await stand.pushed(scene.device, 1);
  await scene.say('two');
  await stand.pushed(scene.device, 2);
  await announce(server, scene.estate.admin, 'three');
  await stand.pushed(scene.device, 3);
  for (const n of [4, 5]) {
    await announce(server, scene.estate.admin, `fire ${n}`, 'emergency');
    await stand.pushed(scene.device, n);
  }
  const [a, b, ...others] = scene.device.pushes.map((p) => p.topic);
  assert.equal(a, b);
  assert.equal(new Set([a, ...others]).size, 4);
});

test('a long text is cut at the end of a character, and fits', async () => {
  const scene = await talk(server, stand);
  await scene.say('ß€😀'.repeat(600));
  const [push] = await stand.pushed(scene.device);
  assert.ok(push.bytes <= 4096);
  assert.match(push.body, /^(ß€😀)+[ß€]{0,2}…$/u);
});

test('all devices of a user', async () => {
  const scene = await talk(server, stand);
  const second = await register(server, scene.reader, stand.device({ origin: 'https://fcm.googleapis.com' }));
  await scene.say('to both');
  for (const device of [scene.device, second]) await stand.pushed(device);
});

for (const [answer, outcome, word] of [
  ['NOT_FOUND', 'dead'],
  ['GONE', 'dead'],
  ['TOO_LARGE', 'refused'],
  ['BAD_REQUEST', 'refused'],
  ['MOVED', 'refused'],
  ['REDIRECT', 'refused'],
  ['TOO_MANY', 'retried'],
  ['TOO_MANY_2S', 'retried'],
  ['BROKEN', 'retried'],
  ['BAD_GATEWAY', 'retried'],
  ['UNAVAILABLE', 'retried'],
  ['UNAUTHORIZED', 'alarm', '401'],
  ['FORBIDDEN', 'alarm', '403'],
  ['reset', 'retried'],
  ['drop', 'retried'],
]) {
  test(`${answer}: ${outcome}`, async () => {
    // Whatever makes a service rest is tried on a server of its own.
    const alone = outcome === 'dead' || outcome === 'refused' ? server : await startPushServer(providers, { estates: 1 });
    await answered(await talk(alone, stand), answer, outcome, word);
  });
}
