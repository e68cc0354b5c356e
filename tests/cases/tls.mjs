// TLS of the server's own: the official client over https and wss, versions, refusals, and certificates that are renewed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { io } from 'socket.io-client';
import { certificate } from '../harness/certificate.mjs';
import { connect } from '../harness/client.mjs';
import { BINARY, CONTINUATION, frame, rawWebSocket, Tcp, TEXT } from '../harness/raw.mjs';
import { groupOf } from '../harness/rest.mjs';
import { command, example, launch, startServer, temporaryFolder } from '../harness/server.mjs';
import { soon, test, until } from '../harness/suite.mjs';

const files = certificate();
const MiB = 1024 * 1024;
const arguments_ = ['--tls-cert', files.chain, '--tls-key', files.key];
const server = await startServer({ estates: 8, threads: 4, args: arguments_ });
const hasty = await startServer({ estates: 1, args: [...arguments_, '--head-timeout', '1s'] });
const bare = await launch(example('conformance'), ['--port', '0', '--tls', files.chain, files.key]);
const trusting = { ca: files.pem };

/** A TLS connection of node's own; resolves when the handshake is done. */
async function shake(t, to, options = {}) {
  const socket = tls.connect({ port: to.port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  t?.after(() => socket.destroy());
  await soon(new Promise((done, fail) => socket.on('secureConnect', done).on('error', fail)), 'the handshake');
  return socket;
}

const serial = async (t, to) => parseInt((await shake(t, to)).getPeerCertificate().serialNumber, 16);

test('the address says https', async () => {
  assert.equal(server.scheme, 'https');
  assert.match(server.firstLine, /^Vaultify Messaging is listening on https:\/\//);
});

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`the official client, ${transports}`, async (t) => {
    const estate = server.estate();
    const client = await connect(t, server, estate.residents[0], { transports, ...trusting });
    const conversationId = await groupOf(server, estate.admin);
    for (let i = 0; i < 50; i++) await client.must('send_message', { conversationId, content: `m${i}` });
    await until(() => client.transport === transports.at(-1), 'the last transport');
    assert.deepEqual(client.disconnects, []);
  });
}

test('a certificate that is not trusted is not', async (t) => {
  const socket = io(server.url, { transports: ['websocket'], reconnection: false });
  t.after(() => socket.disconnect());
  await soon(new Promise((done) => socket.on('connect_error', done)), 'the refusal');
});

test('REST over https', async () => {
  const get = (path) =>
    new Promise((done, fail) => https.get(`${server.url}${path}`, trusting, (res) => res.resume().on('end', () => done(res.statusCode))).on('error', fail));
  assert.equal(await soon(get('/health/live'), 'the answer'), 200);
});

test('TLS 1.2 and 1.3 with forward secrecy, nothing older', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const socket = await shake(t, server, { minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    assert.ok(/^(ECDHE-|TLS_)/.test(socket.getCipher().name), socket.getCipher().name);
  }
  for (const version of ['TLSv1', 'TLSv1.1'])
    await assert.rejects(shake(t, server, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }), version);
  await assert.rejects(shake(t, server, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES128-GCM-SHA256' }), 'no forward secrecy');
});

test('of application protocols http/1.1 is chosen', async (t) => {
  assert.equal((await shake(t, server, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol, 'http/1.1');
  await assert.rejects(shake(t, server, { ALPNProtocols: ['h2'] }));
});

test('sessions are resumed', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    const first = await shake(t, server, { maxVersion });
    const session = maxVersion === 'TLSv1.2' ? first.getSession() : await soon(new Promise((done) => first.on('session', done)), 'a ticket');
    const second = await shake(t, server, { maxVersion, session });
    assert.ok(second.isSessionReused(), maxVersion);
  }
});

test('who speaks no TLS, or never finishes a handshake, is let go', async (t) => {
  const plain = new Tcp(hasty.port);
  const silent = new Tcp(hasty.port);
  const half = new Tcp(hasty.port);
  for (const connection of [plain, silent, half]) t.after(() => connection.close());
  plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  half.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
  await plain.end(900);
  assert.equal(plain.buffer.length, 0);
  await silent.end(5000);
  await half.end(5000);
});

test('messages of 16 MiB in both directions, in fragments and in pieces', async (t) => {
  const ws = rawWebSocket(t, bare, { path: '/echo' });
  const bytes = randomBytes(16 * MiB);
  await until(() => ws.open, '101');
  ws.write(frame(BINARY, bytes));
  for (let at = 0; at < bytes.length; at += 100_000) ws.write(frame(at ? CONTINUATION : BINARY, bytes.subarray(at, at + 100_000), { fin: at + 100_000 >= bytes.length }));
  ws.write(frame(TEXT, 'end'));
  await until(() => ws.frames.length === 3, 'three echoes', 40_000);
  assert.ok(ws.frames[0].payload.equals(bytes) && ws.frames[1].payload.equals(bytes));
  assert.deepEqual(ws.texts, ['end']);
});

test('a slow reader gets everything in the end', async (t) => {
  const ws = rawWebSocket(t, bare, { path: '/echo' });
  await until(() => ws.open, '101');
  ws.socket.pause();
  const bytes = randomBytes(MiB);
  for (let i = 0; i < 20; i++) ws.write(frame(BINARY, bytes));
  await new Promise((done) => setTimeout(done, 300));
  ws.socket.resume();
  await until(() => ws.frames.length === 20, 'all of them', 30_000);
  assert.ok(ws.frames.every((f) => f.payload.equals(bytes)));
});

test('SIGHUP under traffic: new connections get the new certificate, open ones go on', { alone: true }, async (t) => {
  const estate = server.estate();
  const client = await connect(t, server, estate.residents[0], { transports: ['websocket'], ...trusting });
  const conversationId = await groupOf(server, estate.admin);
  let talking = true;
  let spoken = 0;
  const talk = (async () => {
    for (; talking; spoken++) await client.must('send_message', { conversationId, content: `m${spoken}` });
  })();
  const before = files.serial;
  assert.equal(await serial(t, server), before);
  files.renew();
  server.child.kill('SIGHUP');
  await until(async () => (await serial(t, server)) === before + 1, 'the new certificate');
  writeFileSync(files.chain, 'broken');
  server.child.kill('SIGHUP');
  await until(() => /tls certificate not usable/.test(server.output.stderr), 'a line in the log');
  assert.equal(await serial(t, server), before + 1);
  files.renew();
  server.child.kill('SIGHUP');
  await until(async () => (await serial(t, server)) === before + 2, 'the one after it');
  const heard = spoken;
  await until(() => spoken > heard + 10, 'more of the old connection');
  talking = false;
  await talk;
  assert.deepEqual(client.disconnects, []);
});

test('files that are no certificate, or only one of them, are a fault at start', async () => {
  const data = temporaryFolder();
  const run = (...args) => command(['serve', '--port', '0', '--data', data, ...args]);
  const broken = await run('--tls-cert', files.key, '--tls-key', files.chain);
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /tls certificate not usable .*reason="no start line"/);
  const missing = await run('--tls-cert', `${files.chain}.not`, '--tls-key', files.key);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /tls certificate not usable .*reason="No such file or directory"/);
  const half = await run('--tls-cert', files.chain);
  assert.notEqual(half.code, 0);
  assert.match(half.stderr, /belong together/);
});
