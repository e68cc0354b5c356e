// Who says what to whom, and what the server shows of its outbox: what the tests of push have in common.
import assert from 'node:assert/strict';
import { metricsOf } from '../metrics.mjs';
import { makeDirect, rest } from '../rest.mjs';
import { until } from '../suite.mjs';
import { devicesOf, register, withDevice } from './providers.mjs';

export const say = (server, user, conversation, content, more = {}) =>
  rest(server, user, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { type: 'text', content, ...more } });

export const announce = (server, user, content, type = 'announcement') =>
  rest(server, user, 'POST', `/messaging/estate/${user.estateId}/broadcast`, { status: 201, body: { content, type } });

export const setPreferences = (server, user, body) => rest(server, user, 'PUT', '/notifications/preferences', { body });
export const setMute = (server, user, conversation, body) => rest(server, user, 'PUT', `/messaging/conversations/${conversation}/notifications`, { body });
export const markRead = (server, user, conversation, message) => rest(server, user, 'PUT', `/messaging/conversations/${conversation}/read/${message}`);

/** Two people with a conversation of their own; the reader has no socket, and a device on the service. */
export async function talk(server, stand, more) {
  const estate = server.estate();
  const [sender, reader] = estate.residents;
  const conversation = await makeDirect(server, sender, reader);
  const device = await withDevice(server, reader, stand, more);
  return { server, stand, estate, sender, reader, conversation, device, say: (content) => say(server, sender, conversation, content) };
}

/** The members that every payload carries, as they are sent: `text` where all of them are strings. */
export function members(message, kind, badge, text = false) {
  const all = { type: kind, conversationId: message.conversation_id, messageId: message.message_id, seq: message.seq, badge };
  return text ? Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)])) : all;
}

// ---- what the operator sees ----

export const outcomes = async (server, provider, outcome) => (await metricsOf(server)).value('vaultify_push_total', { provider, outcome });

const LOUD = /\b(warn|error)/i;
const WAITING = ['vaultify_push_fanouts', 'vaultify_push_watches', 'vaultify_push_waiting', 'vaultify_push_in_flight'];

/** Nothing is to be looked at, waits, or is under way any more: whoever has had no push by now gets none. */
export async function settled(server, ms) {
  let waits;
  const look = async () => {
    const { families } = await metricsOf(server);
    waits = WAITING.flatMap((name) => families.get(name).samples).filter((s) => s.value > 0);
    return waits.length === 0;
  };
  await until(look, () => `the outbox to be empty: ${JSON.stringify(waits)}`, ms);
}

/** The outbox has looked at what was sent, and waits for a reader to confirm it or to go. */
export async function watched(server) {
  const value = async (name) => (await metricsOf(server)).value(name);
  await until(async () => (await value('vaultify_push_fanouts')) === 0 && (await value('vaultify_push_watches')) > 0, 'a watch');
}

/** What the log says of a service in earnest; `match`: a word that must be in it. */
export function alarms(server, service, match = '') {
  const about = new RegExp(service === 'webpush' ? 'service=webpush|web push server' : `service=${service}`);
  return server.output.stderr.split('\n').filter((line) => about.test(line) && LOUD.test(line) && new RegExp(match).test(line));
}

// ---- what is made of an answer ----

/** The answer comes once; then all would be well. Each returns when what it claims is proven. */
export const OUTCOMES = {
  /** The device is forgotten at once and never tried again; another one of the user's is not concerned. */
  async dead(scene) {
    await scene.stand.tried(scene.device);
    await until(async () => (await devicesOf(scene.server, scene.reader)).length === 0, 'the device to be forgotten');
    const next = await register(scene.server, scene.reader, scene.stand.device());
    await scene.say('two');
    await scene.stand.pushed(next);
    await settled(scene.server);
    assert.equal(scene.device.attempts.length, 1, 'a dead token is not tried again');
    assert.equal(await outcomes(scene.server, scene.stand.name, 'token_dead') > 0, true);
  },
  /** Kept, and sent again. */
  async retried(scene) {
    await scene.stand.pushed(scene.device);
    await settled(scene.server);
    assert.equal(scene.device.attempts.length, 2, 'once more, and not twice');
    assert.deepEqual(scene.device.attempts[1].members, scene.device.attempts[0].members);
    assert.equal((await devicesOf(scene.server, scene.reader)).length, 1);
  },
  /** Kept; this push is a dead letter, the next is sent. */
  async refused(scene) {
    await scene.stand.tried(scene.device);
    await until(async () => (await outcomes(scene.server, scene.stand.name, 'refused')) > 0, 'the dead letter to be counted');
    const second = await scene.say('two');
    const [push] = await scene.stand.pushed(scene.device);
    assert.equal(String(push.members.seq), String(second.seq));
    await settled(scene.server);
    assert.equal(scene.device.attempts.length, 2, 'what is refused is not tried again');
    assert.equal((await devicesOf(scene.server, scene.reader)).length, 1);
  },
  /** Kept, an error in the log that names what the service said, and sent again when the service has rested. */
  async alarm(scene, word) {
    await scene.stand.tried(scene.device);
    await until(() => alarms(scene.server, scene.stand.name, word).length, `a line in the log about ${word}`);
    assert.equal(await outcomes(scene.server, scene.stand.name, 'key_problem') > 0, true);
    assert.equal((await devicesOf(scene.server, scene.reader)).length, 1);
  },
};

/** The device's next push is answered so, once, and leads to `outcome`. `word`: what the log says of it. */
export async function answered(scene, answer, outcome, word = answer) {
  const { stand, device } = scene;
  stand.answer(device, answer);
  await scene.say('one');
  await OUTCOMES[outcome](scene, word);
  if (/2S$/i.test(answer)) assert.ok(device.attempts[1].at - device.attempts[0].at >= 1990, 'Retry-After');
}
