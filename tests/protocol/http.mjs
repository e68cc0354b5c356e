// Engine.IO over HTTP: what a handshake, a poll and a POST are answered with, and what a bad request is told.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { fetchOnce, http } from '../harness/http.mjs';
import { get, polling } from '../harness/polling.mjs';
import { tcp } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { HANDSHAKE, isGone, joinedPolling, PATH, pendingPoll, settle } from '../harness/wire.mjs';

const plain = pair();
const small = pair({ 'max-payload': 100 });

// ---- good answers ----

both('a handshake is answered with the open packet', plain, async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', HANDSHAKE);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(Number(answer.headers['content-length']), answer.text.length);
  assert.match(answer.text, /^0\{"sid":"[A-Za-z0-9_-]{20}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$/);
});

both('the intervals and limits that are announced are the configured ones', pair({ 'ping-interval': 1234, 'ping-timeout': 567, 'max-payload': 89012 }), async (t, server) => {
  const { pingInterval, pingTimeout, maxPayload } = (await polling(t, server)).handshake;
  assert.deepEqual({ pingInterval, pingTimeout, maxPayload }, { pingInterval: 1234, pingTimeout: 567, maxPayload: 89012 });
});

both('a poll is answered as plain text that may not be stored', plain, async (t, server) => {
  const poll = await polling(t, server);
  await poll.post('40');
  const answer = await fetchOnce(t, server, 'GET', `${PATH}?${poll.query}`);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.match(answer.text, /^40\{"sid":"[A-Za-z0-9_-]{20}"\}$/);
});

both('a POST is answered "ok"', plain, async (t, server) => {
  const poll = await polling(t, server);
  const answer = await fetchOnce(t, server, 'POST', `${PATH}?${poll.query}`, { body: '40' });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, 'ok');
  assert.equal(answer.headers['content-type'], 'text/html');
  assert.equal(answer.headers['content-length'], '2');
  assert.equal(answer.headers['cache-control'], 'no-store');
});

for (const agent of ['Mozilla/4.0 (compatible;MSIE 8.0)', 'Mozilla/5.0 (Trident/7.0; rv:11.0)'])
  both(`an old browser gets X-XSS-Protection: ${agent}`, plain, async (t, server) => {
    const headers = { 'User-Agent': agent };
    assert.equal((await fetchOnce(t, server, 'GET', HANDSHAKE, { headers })).headers['x-xss-protection'], '0');
    const poll = await polling(t, server);
    assert.equal((await fetchOnce(t, server, 'POST', `${PATH}?${poll.query}`, { headers, body: '40' })).headers['x-xss-protection'], '0');
    assert.equal((await fetchOnce(t, server, 'GET', HANDSHAKE)).headers['x-xss-protection'], undefined);
  });

// ---- HTTP itself ----

both('HTTP/1.0 is answered, and the connection closed', plain, async (t, server) => {
  const connection = http(t, server).ask('GET', HANDSHAKE, { version: '1.0' });
  const answer = await connection.answer();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, 'close');
  await connection.end();
});

both('HTTP/1.1 is kept alive, Connection: close is obeyed', plain, async (t, server) => {
  const connection = http(t, server);
  const first = await connection.ask('GET', HANDSHAKE).answer(0);
  assert.equal(first.headers.connection, 'keep-alive');
  assert.equal(first.headers['keep-alive'], 'timeout=5');
  const second = await connection.ask('GET', HANDSHAKE, { headers: { Connection: 'close' } }).answer(1);
  assert.equal(second.headers.connection, 'close');
  await connection.end();
});

both('Expect: 100-continue gets its interim answer before the body', plain, async (t, server) => {
  const poll = await polling(t, server);
  const connection = http(t, server).ask('POST', `${PATH}?${poll.query}`, { headers: { 'Content-Length': 2, Expect: '100-continue' } });
  assert.equal((await connection.answer(0)).status, 100);
  connection.write('40');
  assert.equal((await connection.answer(1)).text, 'ok');
});

both('a chunked POST is read', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const connection = http(t, server).ask('POST', `${PATH}?${poll.query}`, { headers: { 'Transfer-Encoding': 'chunked' } });
  for (const part of ['42', '7["in",', '"x"]']) connection.write(`${part.length.toString(16)}\r\n${part}\r\n`);
  connection.write('0\r\n\r\n');
  assert.equal((await connection.answer()).text, 'ok');
  await poll.until((p) => p === '437[false]');
});

both('a POST and a GET may be pipelined', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const target = `${PATH}?${poll.query}`;
  const connection = http(t, server).ask('POST', target, { body: '421["in","x"]' }).ask('GET', target);
  assert.equal((await connection.answer(0)).text, 'ok');
  assert.equal((await connection.answer(1)).text, '431[false]');
});

for (const [what, head] of [
  ['a garbage request line', 'what is this\r\n\r\n'],
  ['no Host', `GET ${HANDSHAKE} HTTP/1.1\r\n\r\n`],
  ['a bad Content-Length', `POST ${HANDSHAKE} HTTP/1.1\r\nHost: x\r\nContent-Length: 2x\r\n\r\n40`],
  ['Content-Length beside Transfer-Encoding', `POST ${HANDSHAKE} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n40\r\n0\r\n\r\n`],
  ['a control character in Origin', `GET ${HANDSHAKE} HTTP/1.1\r\nHost: x\r\nOrigin: a\x01b\r\n\r\n`],
])
  both(`refused by HTTP: ${what}`, plain, async (t, server) => {
    const connection = tcp(t, server).write(head);
    assert.equal(await connection.status(), 400);
    await connection.end();
    assert.match(connection.text, /\r\nconnection: close\r\n/i);
    assert.match(connection.text, /\r\n\r\n$/, 'no body');
  });

both('a header block of more than 16 KiB is refused', plain, async (t, server) => {
  const connection = tcp(t, server).write(`GET ${HANDSHAKE} HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(17_000)}\r\n\r\n`);
  assert.equal(await connection.status(), 431);
});

// ---- which requests are Engine.IO's ----

for (const query of [
  'transport=polling&EIO=4&t=abc123&unknown=1',
  'EIO=3&EIO=4&transport=websocket&transport=polling',
  'E%49O=4&transport=poll%69ng',
  'EIO=4&transport=polling&sid=',
  'EIO=4&transport=polling&&&x',
])
  both(`the query is read: ${query}`, plain, async (t, server) => {
    const answer = await get(server, query);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.text[0], '0');
  });

both('the path is a prefix', plain, async (t, server) => {
  assert.equal((await fetchOnce(t, server, 'GET', '/socket.io/foo?EIO=4&transport=polling')).text[0], '0');
});

for (const target of ['/socket.io?EIO=4&transport=polling', '//socket.io/?EIO=4&transport=polling', '/Socket.io/?EIO=4&transport=polling', '/?EIO=4&transport=polling'])
  both(`another path is not Engine.IO's: ${target}`, plain, async (t, server) => {
    const answer = await fetchOnce(t, server, 'GET', target);
    assert.deepEqual([answer.status, answer.text], [404, 'nothing here']);
  });

both('a whole URL as the target opens no session', plain, async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', `http://127.0.0.1${HANDSHAKE}`);
  assert.ok(answer.status >= 400, String(answer.status));
});

// ---- refusals ----

const errors = ['Transport unknown', 'Session ID unknown', 'Bad handshake method', 'Bad request', 'Forbidden', 'Unsupported protocol version'];

function isError(answer, code) {
  assert.equal(answer.status, 400);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.equal(answer.text, JSON.stringify({ code, message: errors[code] }));
}

for (const query of ['EIO=4', 'EIO=4&transport=', 'EIO=4&transport=abc', 'EIO=4&transport=webtransport', 'transport=flashsocket', 'EIO=9&transport=x&sid=unknown', 'EIO=4&transport=__proto__'])
  both(`error 0, before anything else: ${query}`, plain, async (t, server) => {
    for (const method of ['GET', 'POST']) isError(await fetchOnce(t, server, method, `${PATH}?${query}`, { body: method === 'POST' ? 'x' : undefined }), 0);
  });

for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])
  both(`error 1: ${method} of an unknown session`, plain, async (t, server) => {
    for (const sid of ['abc', 'A'.repeat(20), '__proto__', 'x'.repeat(1000), '%00']) isError(await fetchOnce(t, server, method, `${HANDSHAKE}&sid=${sid}`, { body: method === 'GET' ? undefined : 'x' }), 1);
  });

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
  both(`error 2: a handshake by ${method}`, plain, async (t, server) => isError(await fetchOnce(t, server, method, HANDSHAKE, { body: 'x' }), 2));

both('error 2: a handshake by HEAD, without a body', plain, async (t, server) => {
  const answer = await fetchOnce(t, server, 'HEAD', HANDSHAKE);
  assert.equal(answer.status, 400);
});

both('error 3: a WebSocket that does not upgrade', plain, async (t, server) => {
  isError(await get(server, 'EIO=4&transport=websocket'), 3);
  const poll = await polling(t, server);
  isError(await get(server, `EIO=4&transport=websocket&sid=${poll.sid}`), 3);
});

both('error 3: a session of another revision', plain, async (t, server) => {
  const poll = await polling(t, server);
  for (const query of ['EIO=3&', '', 'EIO=5&', 'EIO=&']) isError(await get(server, `${query}transport=polling&sid=${poll.sid}`), 3);
  assert.equal((await poll.post('40')).text, 'ok', 'the session lives');
});

for (const query of ['', 'EIO=3&', 'EIO=5&', 'EIO=abc&', 'EIO=&', 'EIO=04&', 'EIO=4.0&'])
  both(`error 5: a handshake of another revision: ${query}`, plain, async (t, server) => isError(await get(server, `${query}transport=polling`), 5));

for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])
  both(`${method} of a session is a server error without a body, and the session lives`, plain, async (t, server) => {
    const poll = await joinedPolling(t, server);
    const answer = await fetchOnce(t, server, method, `${PATH}?${poll.query}`);
    assert.deepEqual([answer.status, answer.text], [500, '']);
    await settle(poll);
  });

// ---- requests that end the session ----

both('two GETs at once: one gets "1", the other is refused, the session is gone', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const first = await pendingPoll(t, server, poll);
  const second = await fetchOnce(t, server, 'GET', `${PATH}?${poll.query}`);
  assert.deepEqual([second.status, second.text], [400, '']);
  assert.equal((await first.answer()).status, 200);
  assert.equal((await first.answer()).text, '1');
  await isGone(poll);
});

both('two GETs pipelined', plain, { deviates: 'answers of one connection have an order, so the second is not looked at before the first is answered' }, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const target = `${PATH}?${poll.query}`;
  const connection = http(t, server).ask('GET', target).ask('GET', target);
  await poll.post('421["in","x"]');
  assert.equal((await connection.answer(0)).text, '431[false]');
  await poll.post('422["in","x"]');
  assert.equal((await connection.answer(1)).text, '432[false]');
});

both('two POSTs at once: the second is refused, the first is cut, the session is gone', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const first = http(t, server).ask('POST', `${PATH}?${poll.query}`, { headers: { 'Content-Length': 100, Expect: '100-continue' } });
  assert.equal((await first.answer()).status, 100);
  const second = await poll.post('6');
  assert.deepEqual([second.status, second.text], [400, '']);
  await first.end();
  await isGone(poll);
});

both('application/octet-stream ends the session', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const answer = await fetchOnce(t, server, 'POST', `${PATH}?${poll.query}`, { body: '6', headers: { 'Content-Type': 'application/octet-stream' } });
  assert.deepEqual([answer.status, answer.text], [400, '']);
  await isGone(poll);
});

for (const type of ['application/octet-stream; charset=x', 'application/json', 'application/x-www-form-urlencoded', undefined])
  both(`any other content type is text: ${type}`, plain, async (t, server) => {
    const poll = await joinedPolling(t, server);
    const answer = await fetchOnce(t, server, 'POST', `${PATH}?${poll.query}`, { body: '421["in","x"]', headers: type ? { 'Content-Type': type } : {} });
    assert.equal(answer.text, 'ok');
    await poll.until((p) => p === '431[false]');
  });

both('a coding of the content is not looked at', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const answer = await fetchOnce(t, server, 'POST', `${PATH}?${poll.query}`, { body: '421["in","x"]', headers: { 'Content-Encoding': 'gzip' } });
  assert.equal(answer.text, 'ok');
  await poll.until((p) => p === '431[false]');
});

both('an aborted GET ends the session', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const { connection } = await pendingPoll(t, server, poll);
  connection.close();
  await until(async () => (await poll.post('6')).status === 400, 'the session to end');
  await isGone(poll);
});

both('an aborted POST ends the session', plain, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const connection = http(t, server).ask('POST', `${PATH}?${poll.query}`, { headers: { 'Content-Length': 100, Expect: '100-continue' } });
  assert.equal((await connection.answer()).status, 100);
  connection.close();
  const pending = await get(server, poll.query);
  assert.ok((pending.status === 200 && pending.text === '1') || pending.status === 400, `${pending.status} ${pending.text}`);
  await isGone(poll);
});

// ---- the limit ----

const sized = (bytes, unit = 'x') => {
  const text = `42["sized",""]`;
  const n = (bytes - text.length) / Buffer.byteLength(unit);
  return text.replace('""', `"${unit.repeat(n)}"`);
};

for (const [what, unit] of [['bytes', 'x'], ['bytes of characters', 'ü']])
  both(`a body may have as many ${what} as announced`, small, async (t, server) => {
    const poll = await joinedPolling(t, server);
    const answer = await poll.post(sized(100, unit));
    assert.deepEqual([answer.status, answer.text], [200, 'ok']);
    const over = await poll.post(sized(102, unit));
    assert.deepEqual([over.status, over.text], [413, '']);
  });

both('a chunked body over the limit is refused', small, async (t, server) => {
  const poll = await joinedPolling(t, server);
  const connection = http(t, server).ask('POST', `${PATH}?${poll.query}`, { headers: { 'Transfer-Encoding': 'chunked' } });
  for (let i = 0; i < 11; i++) connection.write('a\r\n6666666666\r\n');
  const answer = await connection.answer();
  assert.deepEqual([answer.status, answer.text], [413, '']);
});

both('behind a body over the limit the session is gone', small, { deviates: 'the reference keeps it, and the client gives up' }, async (t, server) => {
  const poll = await joinedPolling(t, server);
  assert.equal((await poll.post(sized(102))).status, 413);
  await isGone(poll);
});

both('answers are not limited', small, async (t, server) => {
  const poll = await joinedPolling(t, server);
  await poll.post('421["orders",[{"op":"emitSelf","event":"n","size":300}]]');
  const packet = await poll.until((p) => p.startsWith('42["n"'));
  assert.equal(packet.length, '42["n",0,""]'.length + 300);
});
