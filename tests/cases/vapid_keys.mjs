// `vaultify vapid-keys`: the key pair of Web Push, made once, and what a server that starts on it says to pages.
import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rest } from '../harness/rest.mjs';
import { command, startServer, temporaryFolder } from '../harness/server.mjs';
import { test } from '../harness/suite.mjs';

const SUBJECT = 'mailto:ops@example.com';
const vapidKeys = (data, ...args) => command(['vapid-keys', '--data', data, ...args]);
const linesOf = (data) => Object.fromEntries(readFileSync(join(data, 'vapid_keys'), 'utf8').trim().split('\n').map((line) => line.split('=')));

test('the pair is made once, for its owner alone, and the public key is printed', async () => {
  const data = join(temporaryFolder(), 'new');
  const first = await vapidKeys(data, '--subject', SUBJECT);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(statSync(join(data, 'vapid_keys')).mode & 0o777, 0o600);
  const lines = linesOf(data);
  assert.equal(first.stdout, `${lines.VAPID_PUBLIC_KEY}\n`);
  assert.equal(lines.VAPID_SUBJECT, SUBJECT);
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(Buffer.from(lines.VAPID_PRIVATE_KEY, 'base64url'));
  assert.equal(pair.getPublicKey().toString('base64url'), lines.VAPID_PUBLIC_KEY);

  const second = await vapidKeys(data, '--subject', 'mailto:other@example.com');
  assert.equal(second.stdout, first.stdout);
  assert.match(second.stderr, new RegExp(`kept with the subject ${SUBJECT}:`));
  assert.deepEqual(linesOf(data), lines);
});

test('a pair without a subject is made, and it is said what the server still needs', async () => {
  const made = await vapidKeys(temporaryFolder());
  assert.equal(made.code, 0);
  assert.match(made.stdout, /^[\w-]{87}\n$/);
  assert.match(made.stderr, /no subject is kept .* --vapid-subject/);
});

test('two processes at once make one pair', async () => {
  const data = temporaryFolder();
  const printed = await Promise.all([1, 2, 3, 4].map(() => vapidKeys(data, '--subject', SUBJECT)));
  assert.equal(new Set(printed.map((result) => result.stdout)).size, 1);
});

test('a server started on it serves the public key', async (t) => {
  const data = temporaryFolder();
  const key = (await vapidKeys(data, '--subject', SUBJECT)).stdout.trim();
  const server = await startServer({ data, estates: 1 });
  t.after(() => server.stop());
  const answer = await rest(server, server.estate().residents[0], 'GET', '/notifications/vapid-public-key');
  assert.equal(answer.publicKey, key);
  assert.match(server.output.stderr, /service=webpush on/);
});

test('what is wrong is said, and nothing is printed', async () => {
  const data = temporaryFolder();
  for (const subject of ['ops@example.com', 'http://example.com', 'mailto:', 'mailto:a b@example.com', 'mailto:a\nVAPID_PUBLIC_KEY=x']) {
    const result = await vapidKeys(data, '--subject', subject);
    assert.equal(result.code, 1, subject);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /mailto: or https:/);
  }
  writeFileSync(join(data, 'vapid_keys'), 'hello\n');
  const damaged = await vapidKeys(data);
  assert.equal(damaged.code, 1);
  assert.equal(damaged.stdout, '');
  assert.match(damaged.stderr, /vapid_keys: stored data is damaged/);
  assert.equal(readFileSync(join(data, 'vapid_keys'), 'utf8'), 'hello\n');
});
