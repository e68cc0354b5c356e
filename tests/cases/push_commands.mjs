// `vaultify push list | retry | test`, while the server runs and while it does not.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { uuid } from '../harness/estate.mjs';
import { openProviders, register, startPushServer, withDevice } from '../harness/push/providers.mjs';
import { makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { command, startServer, temporaryFolder } from '../harness/server.mjs';
import { test, until } from '../harness/suite.mjs';

const providers = await openProviders(['fcm', 'expo']);
const { fcm, expo } = providers;

/** `vaultify push …` on the server's data, with the server's own settings where it sends. */
const push = (server, ...args) => command(['push', ...args, '--data', server.data, ...(args[0] === 'test' ? providers.args : [])], { env: providers.env });

async function works(running, expected) {
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.equal(stderr, '');
  if (expected) assert.match(stdout, expected);
  return stdout;
}

async function fails(running, code, expected) {
  const result = await running;
  assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
  assert.match(result.stderr, expected);
  return result;
}

const LINE = /^(\d+) +(\S+) +(\S+) +(\S+) +after (\d+) attempts?: (.+)$/;
async function listed(server) {
  const lines = (await works(push(server, 'list'))).trim().split('\n');
  return lines.filter((line) => LINE.test(line)).map((line) => {
    const [, key, at, provider, user, attempts, why] = LINE.exec(line);
    return { key, at, provider, user, attempts: Number(attempts), why };
  });
}

/** A server on which the pushes of `n` messages, each in a conversation of its own, were refused for good. */
async function withDead(t, n, residents = n + 1) {
  const server = await startPushServer(providers, { estates: 1, residents });
  t.after(() => server.stop());
  const [reader, ...senders] = server.estates[0].residents;
  const device = await withDevice(server, reader, fcm);
  fcm.answer(device, ...Array(n).fill('INVALID_FIELD'));
  for (const sender of senders.slice(0, n)) {
    const direct = await makeDirect(server, sender, reader);
    await rest(server, sender, 'POST', `/messaging/conversations/${direct}/messages`, { status: 201, body: { type: 'text', content: 'hello' } });
  }
  await until(async () => (await listed(server)).length === n, `${n} dead letters`);
  return { server, reader, device };
}

test('nothing is dead at first', async (t) => {
  const server = await startServer({ estates: 1 });
  t.after(() => server.stop());
  const running = await works(push(server, 'list'), /^Every push was sent, or still waits\.\n$/);
  await works(push(server, 'retry', '--all'), /^0 pushes wait again\.\n$/);
  await server.stop();
  assert.equal(await works(push(server, 'list')), running, 'the same without the server');
  await works(push(server, 'retry', '--all'), /^0 pushes wait again, for the server to run\.\n$/);
});

test('dead letters are listed alike with the server and without', async (t) => {
  const { server, reader, device } = await withDead(t, 3);
  const rows = await listed(server);
  for (const row of rows) {
    assert.equal(row.provider, 'fcm');
    assert.equal(row.user, reader.id);
    assert.match(row.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(row.why, /INVALID_ARGUMENT/);
    assert.ok(!row.why.includes(device.token));
  }
  assert.equal(new Set(rows.map((r) => r.key)).size, 3);
  await server.stop();
  assert.deepEqual(await listed(server), rows);
});

test('one is tried again, then all of them', async (t) => {
  const { server, device } = await withDead(t, 3);
  const [first] = await listed(server);
  await works(push(server, 'retry', first.key), /^1 push waits again\.\n$/);
  await fcm.pushed(device, 1);
  await until(async () => (await listed(server)).length === 2, 'two to be left');
  await fails(push(server, 'retry', first.key), 1, /There is no such push/);
  await works(push(server, 'retry', '--all'), /^2 pushes wait again\.\n$/);
  await fcm.pushed(device, 3);
  await works(push(server, 'list'), /^Every push/);
});

test('what is to be tried again while no server runs goes out when one does', async (t) => {
  const { server, device } = await withDead(t, 2);
  await server.stop();
  const [first] = await listed(server);
  await works(push(server, 'retry', first.key), /^1 push waits again, for the server to run\.\n$/);
  await works(push(server, 'retry', '--all'), /^1 push waits again, for the server to run\.\n$/);
  assert.equal(device.pushes.length, 0);
  const again = await startPushServer(providers, { data: server.data });
  t.after(() => again.stop());
  await fcm.pushed(device, 2);
});

test('a test push says what became of it for each device', async (t) => {
  const server = await startPushServer(providers, { estates: 1 });
  t.after(() => server.stop());
  const [user, nobody] = server.estates[0].residents;
  const android = await withDevice(server, user, fcm);
  const phone = await withDevice(server, user, expo);
  const said = (device, provider, what) => new RegExp(`^${device.platform} ${device.row.device_token_id} through ${provider}: ${what}$`, 'm');
  const both = await works(push(server, 'test', '--user', user.id), said(android, 'fcm', 'sent'));
  assert.match(both, said(phone, 'expo', 'sent'));
  const [shown] = await fcm.pushed(android, 1);
  assert.equal(shown.members.type, 'test');
  await expo.pushed(phone, 1);

  fcm.answer(android, 'INVALID_FIELD');
  const refused = await push(server, 'test', '--user', user.id);
  assert.equal(refused.code, 1, 'not all were sent');
  assert.match(refused.stdout, said(android, 'fcm', 'refused \\(.*INVALID_ARGUMENT.*\\)'));
  fcm.answer(android, 'UNREGISTERED');
  const dead = await push(server, 'test', '--user', user.id);
  assert.match(dead.stdout, said(android, 'fcm', 'token_dead \\(.*UNREGISTERED.*\\)'));
  await until(async () => (await rest(server, user, 'GET', '/notifications/devices')).length === 1, 'the dead one to be forgotten');

  await fails(push(server, 'test', '--user', nobody.id), 1, /no device of a user with this id/);
  await server.stop();
  await works(push(server, 'test', '--user', user.id), said(phone, 'expo', 'sent'));
  await expo.pushed(phone, 4);
  await fails(push(server, 'test', '--user', nobody.id), 1, /no device of a user with this id/);
});

test('a device of a service that is off is told so', async (t) => {
  const server = await startServer({ estates: 1 });
  t.after(() => server.stop());
  const user = server.estates[0].residents[0];
  const device = await register(server, user, fcm.device());
  const running = await push(server, 'test', '--user', user.id);
  assert.equal(running.code, 1);
  assert.match(running.stdout, new RegExp(`^android ${device.row.device_token_id} through fcm: off$`, 'm'));
  await server.stop();
  const alone = await command(['push', 'test', '--user', user.id, '--data', server.data]);
  assert.equal(alone.stdout, running.stdout);
  assert.equal(alone.code, 1);
});

test('wrong usage is 2, and nothing is made by looking', async () => {
  const data = join(temporaryFolder(), 'none');
  for (const args of [['push'], ['push', 'drop'], ['push', 'retry'], ['push', 'retry', '1', '--all'], ['push', 'retry', 'x'], ['push', 'retry', '0'], ['push', 'retry', '-1'], ['push', 'retry', '9223372036854775808'], ['push', 'list', 'x'], ['push', 'test'], ['push', 'test', '--user', 'x']]) {
    await fails(command([...args, '--data', data]), 2, /\S/);
  }
  for (const args of [['list'], ['retry', '--all'], ['retry', '1'], ['test', '--user', uuid()]]) await fails(command(['push', ...args, '--data', data]), 1, /No such file or directory/);
  assert.ok(!existsSync(data));
});

test('half a configuration does not start, and says what is missing', async () => {
  for (const [args, env, word] of [
    [['--apns-key-id', 'ABC123DEFG'], {}, /apns/i],
    [[], { FIREBASE_PROJECT_ID: 'p' }, /fcm|firebase/i],
    [[], { GOOGLE_APPLICATION_CREDENTIALS_JSON: '{' }, /fcm|google/i],
    [[], { VAPID_PUBLIC_KEY: 'x', VAPID_PRIVATE_KEY: 'y', VAPID_SUBJECT: 'mailto:a@b' }, /vapid|webpush/i],
  ]) {
    const { code, stdout, stderr } = await command(['serve', '--port', '0', '--data', temporaryFolder(), ...args], { env });
    assert.equal(code, 1, `${args} ${Object.keys(env)}: ${stdout}${stderr}`);
    assert.match(stderr, word);
  }
});

test('many conversations of one user: each has its own', async (t) => {
  const server = await startPushServer(providers, { estates: 1, residents: 4 });
  t.after(() => server.stop());
  const [reader, a, b, c] = server.estates[0].residents;
  const device = await withDevice(server, reader, fcm);
  const talks = [await makeDirect(server, a, reader), await makeDirect(server, b, reader), await makeGroup(server, c, [reader])];
  for (const [i, talk] of talks.entries()) await rest(server, [a, b, c][i], 'POST', `/messaging/conversations/${talk}/messages`, { status: 201, body: { type: 'text', content: `m${i}` } });
  const pushes = await fcm.pushed(device, 3);
  assert.deepEqual(pushes.map((p) => p.members.conversationId).sort(), [...talks].sort());
  assert.equal(pushes.at(-1).members.badge, '3');
});
