// libsio: HTTP routes on the same port, and how a server stops.
import assert from 'node:assert/strict';
import { client, joined, startFeatures, stats } from '../harness/features.mjs';
import { polling } from '../harness/polling.mjs';
import { rawWebSocket, tcp } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { sleep, soon, test, until, within } from '../harness/suite.mjs';

const server = await startFeatures({ cors: 'https://app.example' });

for (const path of ['now', 'later', 'thread'])
  test(`answered ${path}`, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(server, 'GET', `/${path}`)));
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal(answer.text, path);
      assert.equal(answer.headers['content-length'], String(path.length));
      assert.equal(answer.headers.vary, 'Origin');
    }
  });

test('a request as it came', async () => {
  const answer = await request(server, 'PATCH', '/echo?a=%20b&c', { raw: 'body é', headers: { 'X-Test': 'one', Origin: 'https://app.example' } });
  assert.equal(answer.status, 201);
  assert.deepEqual(answer.json, { method: 'PATCH', path: '/echo', query: 'a=%20b&c', body: 'body é', address: '127.0.0.1', header: 'one' });
  assert.equal(answer.headers['x-method'], 'PATCH');
  assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example');
});

test('HEAD has the length and no body', async () => {
  const answer = await request(server, 'HEAD', '/now');
  assert.equal(answer.headers['content-length'], '3');
  assert.equal(answer.text, '');
});

test('404, and a preflight', async () => {
  assert.equal((await request(server, 'GET', '/')).status, 404);
  const answer = await request(server, 'OPTIONS', '/anything', { headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'PUT' } });
  assert.equal(answer.status, 204);
});

test("what names a file below Engine.IO's path is a route's, all else there is Engine.IO's", async (t) => {
  const nothing = async (method, path, options) => {
    const answer = await request(server, method, path, options);
    assert.deepEqual([answer.status, answer.text], [404, 'nothing here'], path);
  };
  await nothing('GET', '/socket.io/socket.io.js');
  await nothing('GET', '/socket.io/socket.io.js?v=4&sid=AAAA&transport=polling');
  await nothing('POST', '/socket.io/x/y', { raw: 'body' });
  for (const path of ['/socket.io/', '/socket.io//', '/socket.io/?transport=polling', '/socket.io/x?EIO=5', '/socket.io/x?EIO'])
    assert.equal((await request(server, 'GET', path)).json?.code, path.includes('polling') ? 5 : 0, path);
  const opened = await request(server, 'GET', '/socket.io/x?EIO=4&transport=polling');
  assert.equal(opened.text[0], '0', 'a session, whatever stands before its query');
  const upgrade = tcp(t, server).write('GET /socket.io/x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  await until(() => upgrade.text.startsWith('HTTP/1.1 400 '), () => `a refusal; got ${upgrade.text}`);
});

test('pipelined requests are answered in order, whoever answers them', async (t) => {
  const connection = tcp(t, server);
  connection.write(['later', 'now', 'thread', 'now', 'later', 'thread'].map((path) => `GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  const bodies = () => [...connection.text.matchAll(/\r\n\r\n(later|now|thread)/g)].map((m) => m[1]);
  await until(() => bodies().length === 6, () => `six answers; got ${connection.text}`);
  assert.deepEqual(bodies(), ['later', 'now', 'thread', 'now', 'later', 'thread']);
});

test('a client that leaves before the answer', async (t) => {
  for (const path of ['later', 'thread'])
    for (let i = 0; i < 10; i++) {
      const connection = tcp(t, server);
      connection.write(`GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await sleep(5);
      connection.close();
    }
  await sleep(200);
  assert.equal((await request(server, 'GET', '/now')).text, 'now');
});

test('more connections than allowed are closed at once', async (t) => {
  const small = await startFeatures({ 'max-connections': 5, threads: 2 });
  const first = await joined(t, small);
  const idle = [1, 2, 3, 4].map(() => tcp(t, small));
  await sleep(100);
  await tcp(t, small).end();
  assert.deepEqual(await first.ask('echo', 1), [1]);
  for (const connection of idle) connection.close();
  await until(async () => (await first.ask('stats'))[0].connections === 1, 'room');
  await joined(t, small);
});

// ---- stopping ----

const ended = (one) => soon(one.exit, 'the server to end', 15_000);

test('accepted work ends before the connections do', async (t) => {
  const one = await startFeatures();
  const socket = await joined(t, one, { reconnection: false });
  const others = await Promise.all([['polling'], ['websocket'], ['polling', 'websocket']].map((transports) => joined(t, one, { transports, reconnection: false })));
  assert.deepEqual(await socket.ask('work-and-stop'), ['done']);
  await until(() => [socket, ...others].every((s) => s.left.length), () => `the disconnects: ${[socket, ...others].map((s) => s.left)}`);
  for (const s of [socket, ...others.slice(1)]) assert.equal(s.left[0], 'transport close');
  assert.match(others[0].left[0], /^transport (close|error)$/, 'this one may be between two polls');
  assert.equal((await ended(one)).code, 0);
});

test('sockets of a stopping server are told why', async (t) => {
  const one = await startFeatures();
  const sockets = await Promise.all([['polling'], ['websocket']].map((transports) => joined(t, one, { transports, reconnection: false })));
  assert.equal((await one.stop()).code, 0);
  assert.equal(one.output.stdout.match(/^went: server shutting down$/gm).length, 2);
  await until(() => sockets[1].left.length, 'the disconnect');
  assert.deepEqual(sockets[1].left, ['transport close']);
});

test('what a stopping server finishes reaches a polling client by its next poll', async (t) => {
  const one = await startFeatures();
  const poll = await polling(t, one);
  await poll.post('40');
  await poll.until((p) => p.startsWith('40'));
  const connection = tcp(t, one); // a browser's: it is used again
  const ask = (method, body = '') => connection.write(`${method} /socket.io/?${poll.query} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  ask('POST', '421["work-and-stop"]');
  await until(() => connection.text.endsWith('ok'), 'the POST');
  await sleep(50);
  ask('GET');
  await until(() => connection.text.endsWith('431["done"]'), () => `the ack; got ${connection.text}`);
  ask('POST', '42["echo"]');
  await connection.end();
  // Refused, or told that the session is over; or the server had ended before it came, and nobody answers.
  assert.match(connection.text, /HTTP\/1\.1 503 |\n1$|431\["done"\]$/);
  assert.equal((await ended(one)).code, 0);
});

test('stopping while CONNECTs are being decided', async (t) => {
  const one = await startFeatures();
  for (const decide of ['hold', 'hold', 'later', 'thread']) client(t, one, { namespace: '/gate', auth: { decide, delay: 400, rooms: ['a', 'b'] }, reconnection: false });
  await until(async () => (await stats(one)).connecting === 4, 'the questions');
  assert.equal((await one.stop()).code, 0);
});

test('stopping while requests, polls, probes and bodies are under way', async (t) => {
  const one = await startFeatures();
  tcp(t, one).write('GET /later HTTP/1.1\r\nHost: x\r\n\r\n');
  tcp(t, one).write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
  tcp(t, one).write('GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhal');
  tcp(t, one).write('GET / HT');
  const poll = await polling(t, one);
  await poll.post('40');
  await poll.poll();
  const pending = poll.get().then((a) => a.text, () => 'cut');
  const probing = await polling(t, one);
  const probe = rawWebSocket(t, one, { query: `EIO=4&transport=websocket&sid=${probing.sid}` });
  await until(() => probe.open, 'the probe');
  probe.send('2probe');
  await probe.next('3probe');
  const stream = await joined(t, one, { reconnection: false });
  stream.emit('stream', 100_000);
  await stream.first('down');
  const end = await one.stop();
  assert.equal(end.code, 0);
  assert.ok(end.ms < within(4000), `${end.ms} ms`);
  assert.equal(await pending, '1');
});

test('a peer that never answers the close frame does not hold the server', async (t) => {
  const one = await startFeatures();
  const ws = rawWebSocket(t, one);
  await ws.next((x) => x.startsWith('0{'));
  ws.socket.pause();
  const end = await one.stop();
  assert.equal(end.code, 0);
  assert.ok(end.ms < within(5000), `${end.ms} ms`);
});
