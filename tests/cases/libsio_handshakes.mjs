// libsio: who may open a session when another thread says so, and what else tests/protocol cannot ask of the reference.
import assert from 'node:assert/strict';
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { client, joined, startFeatures } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { rawWebSocket, tcp } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { soon, test, until } from '../harness/suite.mjs';
import { pendingPoll } from '../harness/wire.mjs';

const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';
const plain = await startFeatures();
const open = (server, query = '', headers = {}) => request(server, 'GET', `${HANDSHAKE}${query}`, { headers });

// ---- may this client come in? ----

for (const [headers, status, message] of [
  [{ 'x-door': 'thread', 'x-refuse': 'yes' }, 403, 'not "you"'],
  [{ 'x-door': 'thread' }, 200],
])
  test(`another thread decides: ${status}`, async (t) => {
    const answer = await open(plain, '', headers);
    assert.equal(answer.status, status);
    if (message) assert.equal(answer.text, JSON.stringify({ code: 4, message }));
    const ws = rawWebSocket(t, plain, { headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('') });
    if (!message) return ws.next((x) => x.startsWith('0{'));
    await ws.end();
    assert.match(ws.text, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.ok(ws.text.endsWith(`\r\n\r\n${message}`), ws.text);
  });

test('a client that is let in by another thread upgrades', async (t) => {
  const socket = client(t, plain, { transports: ['polling', 'websocket'], extraHeaders: { 'x-door': 'thread' } });
  await socket.in();
  await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
});

test('who leaves before the decision does no harm', async (t) => {
  for (let i = 0; i < 20; i++) tcp(t, plain).write(`GET ${HANDSHAKE} HTTP/1.1\r\nHost: x\r\nX-Door: thread\r\n\r\n`).socket.end();
  assert.equal((await open(plain, '', { 'x-door': 'thread' })).status, 200);
});

test('header lines may come from the request; what is no header is not added', async () => {
  const { headers } = await open(plain, '', { 'X-Name': 'anna' });
  assert.deepEqual([headers['x-first'], headers['x-bad']], ['anna', undefined]);
});

// ---- compression ----

/** A poll's answer as it came: {headers, bytes}. */
function raw(server, path, encoding) {
  const headers = encoding ? { 'Accept-Encoding': encoding } : {};
  return soon(
    new Promise((done, fail) => {
      http
        .get({ host: '127.0.0.1', port: server.port, path, headers, agent: false }, (res) => {
          const parts = [];
          res.on('data', (d) => parts.push(d));
          res.on('end', () => done({ headers: res.headers, bytes: Buffer.concat(parts) }));
        })
        .on('error', fail);
    }),
    path,
  );
}

/** A session for which an event of so many bytes waits. */
async function waiting(t, server, size) {
  const poll = await polling(t, server);
  await poll.post('40');
  await poll.until((p) => p.startsWith('40'));
  await poll.post(`42["echo","${'x'.repeat(size)}"]`);
  return `${HANDSHAKE}&sid=${poll.sid}`;
}

test('the size from which answers are compressed is configured', async (t) => {
  const eager = await startFeatures({ 'http-compression': 10 });
  const answer = await raw(eager, await waiting(t, eager, 20), 'gzip');
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(answer.bytes).toString(), `42["echo","${'x'.repeat(20)}"]`);
});

// ---- the path ----

test('another path, without a slash behind it', async (t) => {
  const server = await startFeatures({ path: '/chat' });
  for (const path of ['/chat?EIO=4&transport=polling', '/chat/?EIO=4&transport=polling']) assert.equal((await request(server, 'GET', path)).text[0], '0', path);
  assert.equal((await open(server)).status, 404);
  const socket = client(t, server, { path: '/chat', addTrailingSlash: false });
  await socket.in();
});

// ---- refusals that the connection makes itself ----

test('413 ends the session at once, and browsers may read it', async (t) => {
  const server = await startFeatures({ 'max-payload': 100, cors: '*' });
  const watch = await joined(t, server);
  await watch.ask('join', 'watchers');
  for (const chunked of [false, true]) {
    const poll = await polling(t, server);
    await poll.post('40');
    const { sid } = JSON.parse((await poll.until((p) => p.startsWith('40'))).slice(2));
    const pending = await pendingPoll(t, server, poll);
    const connection = tcp(t, server);
    connection.write(`POST ${HANDSHAKE}&sid=${poll.sid} HTTP/1.1\r\nHost: x\r\n${chunked ? 'Transfer-Encoding: chunked\r\n\r\n65\r\n' : 'Content-Length: 101\r\n\r\n'}${'6'.repeat(101)}`);
    assert.equal(await connection.status(), 413);
    await connection.end();
    assert.match(connection.text, /\r\nAccess-Control-Allow-Origin: \*\r\n/);
    assert.match(connection.text, /\r\nContent-Length: 0\r\n/);
    assert.deepEqual([(await pending.answer()).text, (await poll.get()).status], ['1', 400]);
    await watch.first('went', (_, who) => who === sid);
  }
});

test('a GET that comes behind its own close is told so', async (t) => {
  const poll = await polling(t, plain);
  const closing = poll.post('1');
  await until(async () => {
    const late = await poll.get();
    assert.ok((late.status === 200 && late.text === '6') || late.status === 400, late.text);
    return true;
  }, 'an answer');
  assert.equal((await closing).text, 'ok');
  assert.equal((await poll.get()).status, 400);
});
