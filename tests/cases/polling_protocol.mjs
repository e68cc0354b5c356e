// Engine.IO long-polling on the wire, by hand; four loops and a new TCP connection for every request.
import assert from 'node:assert/strict';
import http from 'node:http';
import { connectAll } from '../harness/client.mjs';
import { get, polling, Polling, post, SEPARATOR } from '../harness/polling.mjs';
import { tcp } from '../harness/raw.mjs';
import { groupOf, history, request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { keys } from '../harness/shape.mjs';
import { test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 32, residents: 8, threads: 4 });

function isEngineError(answer, code, message) {
  assert.equal(answer.status, 400, answer.text);
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.deepEqual(answer.json, { code, message });
}

/** A session that has joined the product, and the group of its estate. */
async function entered(t) {
  const estate = server.estate();
  const poll = await polling(t, server);
  await poll.enter(estate.residents[0].token);
  return { estate, poll, group: await groupOf(server, estate.residents[0]) };
}

test('handshake', async (t) => {
  const answer = await get(server, 'EIO=4&transport=polling');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(Number(answer.headers['content-length']), Buffer.byteLength(answer.text));
  assert.equal(answer.text[0], '0');
  const open = JSON.parse(answer.text.slice(1));
  keys(open, ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
  assert.match(open.sid, /^[A-Za-z0-9_-]{20}$/);
  assert.deepEqual([open.upgrades, open.pingInterval, open.pingTimeout, open.maxPayload], [['websocket'], 25000, 20000, 1000000]);
  void t;
});

test('handshakes are found under every spelling that the reference takes', async () => {
  for (const path of [
    '/socket.io/?EIO=4&transport=polling&t=abc123',
    '/socket.io/?transport=polling&EIO=4&unknown=1',
    '/socket.io/?EIO=3&EIO=4&transport=websocket&transport=polling',
    '/socket.io/?E%49O=4&transport=poll%69ng',
    '/socket.io/?EIO=4&transport=polling&sid=',
  ]) {
    const answer = await request(server, 'GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    assert.equal(answer.text[0], '0');
  }
  const agent = { headers: { 'User-Agent': 'node-XMLHttpRequest', Accept: '*/*', Connection: 'close' } };
  assert.equal((await get(server, 'EIO=4&transport=polling', agent)).status, 200);
});

test('HTTP/1.0 and Expect: 100-continue', async (t) => {
  const old = tcp(t, server).write('GET /socket.io/?EIO=4&transport=polling HTTP/1.0\r\nHost: a\r\n\r\n');
  assert.equal(await old.status(), 200);
  await old.end();
  const { poll } = await entered(t);
  const patient = tcp(t, server).write(`POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`);
  await until(() => patient.text.startsWith('HTTP/1.1 100 '), 'the interim answer');
  patient.write('3');
  await until(() => /\r\n\r\nHTTP\/1\.1 200 [\s\S]*ok$/.test(patient.text), () => `the answer: ${patient.text}`);
});

test('error 0: transport unknown', async () => {
  for (const query of ['EIO=4', 'EIO=4&transport=', 'EIO=4&transport=abc', 'EIO=4&transport=webtransport', 'transport=flashsocket']) isEngineError(await get(server, query), 0, 'Transport unknown');
});

test('error 1: session unknown', async () => {
  for (const sid of ['abc', 'A'.repeat(20), '__proto__', 'x'.repeat(2000), '%00']) {
    isEngineError(await get(server, `EIO=4&transport=polling&sid=${sid}`), 1, 'Session ID unknown');
    isEngineError(await post(server, `EIO=4&transport=polling&sid=${sid}`, '40'), 1, 'Session ID unknown');
  }
});

test('a sid is not to be guessed: one changed character is unknown', async (t) => {
  const poll = await polling(t, server);
  for (const i of [0, 5, 10, 19]) {
    const sid = poll.sid.slice(0, i) + (poll.sid[i] === 'A' ? 'B' : 'A') + poll.sid.slice(i + 1);
    const answer = await get(server, `EIO=4&transport=polling&sid=${sid}`);
    assert.equal(answer.status, 400);
  }
});

test('error 2: a handshake is a GET', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) isEngineError(await request(server, method, '/socket.io/?EIO=4&transport=polling', { raw: 'x' }), 2, 'Bad handshake method');
});

test('error 3: bad request', async (t) => {
  isEngineError(await get(server, 'EIO=4&transport=websocket'), 3, 'Bad request');
  const poll = await polling(t, server);
  isEngineError(await get(server, `EIO=3&transport=polling&sid=${poll.sid}`), 3, 'Bad request');
  isEngineError(await get(server, `transport=polling&sid=${poll.sid}`), 3, 'Bad request');
});

test('error 5: another version', async () => {
  for (const query of ['transport=polling', 'EIO=3&transport=polling', 'EIO=5&transport=polling', 'EIO=abc&transport=polling', 'EIO=04&transport=polling']) isEngineError(await get(server, query), 5, 'Unsupported protocol version');
});

test('other methods on a session', async (t) => {
  const poll = await polling(t, server);
  for (const method of ['PUT', 'DELETE', 'PATCH']) assert.ok((await request(server, method, `/socket.io/?${poll.query}`)).status >= 400, method);
});

test('POST is answered with ok when its packets are processed', async (t) => {
  const { poll } = await entered(t);
  const answer = await poll.post('42/messaging,1["join_estate_group",{}]');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, 'ok');
  assert.equal(answer.headers['content-type'], 'text/html');
  assert.equal(answer.headers['content-length'], '2');
  assert.equal(answer.headers['cache-control'], 'no-store');
});

test('several packets in one body, several in one answer', async (t) => {
  const { poll, group, estate } = await entered(t);
  const n = 10;
  const body = Array.from({ length: n }, (_, i) => `42/messaging,${i}${JSON.stringify(['send_message', { conversationId: group, content: `m${i}` }])}`).join(SEPARATOR);
  assert.equal((await poll.post(body)).text, 'ok');
  await until(async () => (await history(server, estate.admin, group)).length === n, 'all stored');
  await poll.until((p) => p.startsWith(`43/messaging,${n - 1}[`));
  await poll.until((p) => p.startsWith('42/messaging,["new_message"') && p.includes(`"m${n - 1}"`));
  const acks = poll.packets.filter((p) => p.startsWith('43/messaging,')).map((p) => Number(/,(\d+)\[/.exec(p)[1]));
  assert.deepEqual(acks, Array.from({ length: n }, (_, i) => i));
  const got = poll.packets.filter((p) => p.startsWith('42/messaging,["new_message"')).map((p) => JSON.parse(p.slice(p.indexOf('[')))[1].message.seq);
  assert.deepEqual(got, Array.from({ length: n }, (_, i) => i + 1));
});

test('any content type will do, and a chunked body too', async (t) => {
  const { poll, estate } = await entered(t);
  const ask = (i) => `42/messaging,${i}${JSON.stringify(['join_estate_group', { estateId: estate.id }])}`;
  for (const [i, type] of ['text/plain', 'application/json', 'application/x-www-form-urlencoded', undefined].entries()) {
    const answer = await request(server, 'POST', `/socket.io/?${poll.query}`, { raw: ask(i), headers: type ? { 'Content-Type': type } : {} });
    assert.equal(answer.status, 200, type);
    await poll.until((p) => p.startsWith(`43/messaging,${i}[`));
  }
  const connection = tcp(t, server).write(`POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`);
  for (const part of ask(9).match(/.{1,7}/gs)) connection.write(`${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
  connection.write('0\r\n\r\n');
  assert.equal(await connection.status(), 200);
  await poll.until((p) => p.startsWith('43/messaging,9['));
});

test('application/octet-stream is refused', async (t) => {
  const { poll } = await entered(t);
  const answer = await request(server, 'POST', `/socket.io/?${poll.query}`, { raw: Buffer.from([1, 2, 3]), headers: { 'Content-Type': 'application/octet-stream' } });
  assert.equal(answer.status, 400);
  assert.equal((await poll.get()).status, 400);
});

test('two GETs at once: the first ends with "1", the second is refused, the session is gone', async (t) => {
  const { poll } = await entered(t);
  await drain(poll);
  const answers = [];
  const first = poll.get().then((a) => answers.push(['first', a.status, a.text]) && a);
  await new Promise((done) => setTimeout(done, 100));
  const second = await poll.get();
  assert.equal(second.status, 400);
  const one = await first;
  assert.deepEqual([one.status, one.text], [200, '1']);
  isEngineError(await poll.get(), 1, 'Session ID unknown');
});

/** Fetches what is waiting, so that the next GET hangs. */
async function drain(poll) {
  for (;;) {
    const mark = Math.floor(Math.random() * 1e9);
    await poll.post(`42/messaging,${mark}["join_estate_group",{}]`);
    await poll.until((p) => p.startsWith(`43/messaging,${mark}[`));
    await poll.until((p) => p.startsWith('42/messaging,["error"'));
    if (poll.packets.at(-1)) return;
  }
}

test('POST "1" closes: the pending GET gets "6", the session is gone', async (t) => {
  const { poll } = await entered(t);
  await drain(poll);
  const pending = poll.get();
  await new Promise((done) => setTimeout(done, 100));
  assert.equal((await poll.post('1')).text, 'ok');
  const answer = await pending;
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '6');
  const after = await poll.get();
  assert.ok(after.status === 400 || after.text === '6');
  isEngineError(await poll.get(), 1, 'Session ID unknown');
});

test('packets behind "1" are dropped', async (t) => {
  const { poll, group, estate } = await entered(t);
  await poll.post(['1', `42/messaging,${JSON.stringify(['send_message', { conversationId: group, content: 'too late' }])}`].join(SEPARATOR));
  await until(async () => (await poll.get()).status === 400, 'the end of the session');
  assert.deepEqual(await history(server, estate.admin, group), []);
});

test('"0", "5", "6" and a pong that nobody asked for are ignored', async (t) => {
  const { poll, estate } = await entered(t);
  for (const packet of ['0', '5', '6', '3', '6\x1e3\x1e6', '42/messaging,']) assert.equal((await poll.post(packet)).text, 'ok', packet);
  await poll.post(`42/messaging,1${JSON.stringify(['join_estate_group', { estateId: estate.id }])}`);
  await poll.until((p) => p.startsWith('43/messaging,1['));
});

test('an aborted GET ends the session', async (t) => {
  const { poll } = await entered(t);
  await drain(poll);
  const connection = tcp(t, server).write(`GET /socket.io/?${poll.query} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await new Promise((done) => setTimeout(done, 200));
  connection.close();
  await until(async () => (await poll.get()).status === 400, 'the session to end');
});

test('a second POST while one is in progress ends the session', async (t) => {
  const { poll } = await entered(t);
  const slow = tcp(t, server).write(`POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n42`);
  await new Promise((done) => setTimeout(done, 200));
  assert.equal((await poll.post('3')).status, 400);
  await slow.end();
  assert.equal((await poll.get()).status, 400);
});

test('pipelined POST and GET on one connection', async (t) => {
  const { poll, estate } = await entered(t);
  await drain(poll);
  const body = `42/messaging,77${JSON.stringify(['join_estate_group', { estateId: estate.id }])}`;
  const connection = tcp(t, server).write(
    `POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}GET /socket.io/?${poll.query} HTTP/1.1\r\nHost: a\r\n\r\n`,
  );
  await until(() => connection.text.includes('43/messaging,77['), () => `both answers: ${connection.text}`);
  assert.match(connection.text, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\nokHTTP\/1\.1 200 /);
});

test('non-ASCII text: Content-Length counts bytes', async (t) => {
  const { poll, group } = await entered(t);
  const content = 'ü漢😀'.repeat(500);
  await poll.post(`42/messaging,5${JSON.stringify(['send_message', { conversationId: group, content }])}`);
  const packet = await poll.until((p) => p.startsWith('42/messaging,["new_message"'));
  assert.equal(JSON.parse(packet.slice(packet.indexOf('[')))[1].message.content, content);
});

test('many polling clients, a new connection each time, four loops: nothing lost, doubled or out of order', { limitMs: 90_000 }, async (t) => {
  const estate = server.estate();
  const group = await groupOf(server, estate.admin);
  const clients = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const poll = await new Polling(server).open();
      return poll.enter(estate.residents[i % estate.residents.length].token);
    }),
  );
  t.after(() => Promise.all(clients.map((c) => c.close())));
  const each = 10;
  const total = clients.length * each;
  const messages = (poll) => poll.packets.filter((p) => p.startsWith('42/messaging,["new_message"')).map((p) => JSON.parse(p.slice(p.indexOf('[')))[1].message.seq);
  await Promise.all(
    clients.map(async (poll, c) => {
      const readers = poll.until(() => messages(poll).length >= total);
      for (let i = 0; i < each; i++) assert.equal((await poll.post(`42/messaging,${i}${JSON.stringify(['send_message', { conversationId: group, content: `${c}/${i}` }])}`)).status, 200);
      await readers;
    }),
  );
  for (const poll of clients) assert.deepEqual(messages(poll), Array.from({ length: total }, (_, i) => i + 1));
});

test('keep-alive: one connection for handshake, POSTs and GETs of several sessions', async (t) => {
  const estate = server.estate();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const ask = (method, query, raw) => request(server, method, `/socket.io/?${query}`, { raw, agent });
  for (const user of estate.residents.slice(0, 4)) {
    const { sid } = JSON.parse((await ask('GET', 'EIO=4&transport=polling')).text.slice(1));
    const query = `EIO=4&transport=polling&sid=${sid}`;
    assert.equal((await ask('POST', query, `40/messaging,${JSON.stringify({ token: user.token })}`)).text, 'ok');
    assert.match((await ask('GET', query)).text, /^40\/messaging,\{"sid":"/);
    await ask('POST', query, '1');
  }
});

test('official clients on polling over four loops', async (t) => {
  const estate = server.estate();
  const clients = await connectAll(t, server, estate.residents, { transports: ['polling'] });
  const group = await groupOf(server, estate.admin);
  await Promise.all(clients.map((c, i) => Promise.all(Array.from({ length: 5 }, (_, k) => c.must('send_message', { conversationId: group, content: `${i}/${k}` })))));
  for (const c of clients) {
    await c.count('new_message', clients.length * 5);
    assert.deepEqual(c.all('new_message').map((d) => d.message.seq), Array.from({ length: clients.length * 5 }, (_, i) => i + 1));
  }
});

test('pipelined requests of sessions on different loops are answered in their order', async (t) => {
  const estate = server.estate();
  const sessions = await Promise.all(Array.from({ length: 8 }, () => polling(t, server)));
  for (const [i, s] of sessions.entries()) await s.enter(estate.residents[i].token);
  await Promise.all(sessions.map(drain));
  const body = (i) => `42/messaging,${1000 + i}${JSON.stringify(['join_estate_group', { estateId: estate.id }])}`;
  const connection = tcp(t, server);
  connection.write(sessions.map((s, i) => `POST /socket.io/?${s.query} HTTP/1.1\r\nHost: a\r\nX-N: ${i}\r\nContent-Length: ${body(i).length}\r\n\r\n${body(i)}`).join('') + 'GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await connection.end();
  assert.equal(connection.text.match(/HTTP\/1\.1 200 /g).length, sessions.length + 1, connection.text.slice(0, 2000));
  for (const [i, s] of sessions.entries()) await s.until((p) => p.startsWith(`43/messaging,${1000 + i}[`));
});

test('a body that comes in pieces finds its session on whichever loop', async (t) => {
  const estate = server.estate();
  for (let i = 0; i < 6; i++) {
    const poll = await polling(t, server);
    await poll.enter(estate.residents[i].token);
    const text = `POST /socket.io/?${poll.query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: `;
    const body = `42/messaging,9${JSON.stringify(['join_estate_group', { estateId: estate.id }])}`;
    const whole = `${text}${body.length}\r\n\r\n${body}`;
    const connection = tcp(t, server);
    const cut = Math.floor((whole.length * (i + 1)) / 7);
    connection.write(whole.slice(0, cut));
    await new Promise((done) => setTimeout(done, 30));
    connection.write(whole.slice(cut));
    assert.equal(await connection.status(), 200);
    await poll.until((p) => p.startsWith('43/messaging,9['));
  }
});
