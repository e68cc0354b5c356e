// What the server refuses before a route is looked for has the same body and the same CORS headers as what a route refuses.
import assert from 'node:assert/strict';
import { http } from '../harness/http.mjs';
import { startServer } from '../harness/server.mjs';
import { isRestError } from '../harness/shape.mjs';
import { test } from '../harness/suite.mjs';

const ORIGIN = 'https://app.example.org';
const star = await startServer({ estates: 1, env: { CORS_ORIGIN: '*' } });
const list = await startServer({ estates: 1, env: { CORS_ORIGIN: `https://other.example.org,${ORIGIN}` } });

const PATH = '/messaging/conversations';
const FILLER = 'x'.repeat(20_000);
const head = (lines = '', { method = 'POST', path = PATH, version = '1.1', origin = ORIGIN } = {}) => `${method} ${path} HTTP/${version}\r\nHost: a\r\nOrigin: ${origin}\r\n${lines}\r\n`;

/** The answer to bytes that are a request or not; the connection ends with it. */
async function answerTo(t, server, bytes) {
  const connection = http(t, server).write(bytes);
  const answer = await connection.answer(0, 20_000);
  assert.equal(answer.headers.connection, 'close');
  await connection.end();
  assert.equal(connection.answers.length, 1);
  return answer;
}

function isRefused(answer, status, expected) {
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  const json = JSON.parse(answer.text);
  isRestError({ ...answer, json }, status, { code: expected.code });
  assert.deepEqual([json.method, json.path], [expected.method ?? 'POST', expected.path ?? PATH]);
}

const NOTHING = { method: '', path: '' };
/** What, bytes, status, code, what is known; `blind`: the origin is not. */
const cases = [
  ['a body that is announced too long', head('Content-Length: 5000000\r\n'), 413, { code: 'content_too_large' }],
  ['a body that becomes too long', `${head('Transfer-Encoding: chunked\r\n')}2000\r\n${'x'.repeat(0x2000)}\r\n`, 413, { code: 'content_too_large' }],
  ['a chunk without a size', `${head('Transfer-Encoding: chunked\r\n')}zz\r\n`, 400, { code: 'invalid_request' }],
  ['two lengths', head('Content-Length: 2\r\nContent-Length: 2\r\n'), 400, { code: 'invalid_request' }],
  ['a header that is none', head('no colon\r\n'), 400, { code: 'invalid_request' }],
  ['large headers', head(`Authorization: Bearer ${FILLER}\r\n`, { path: `${PATH}?page=1` }), 431, { code: 'headers_too_large' }],
  ['another transfer coding', head('Transfer-Encoding: gzip\r\n'), 501, { code: 'unknown_coding' }],
  ['another version', head('', { version: '2.0' }), 505, { code: 'unknown_version', blind: true }],
  ['a path that nobody has', head('Content-Length: 5000000\r\n', { method: 'PUT', path: '/no%22thing' }), 413, { code: 'content_too_large', method: 'PUT', path: '/no%22thing' }],
  ['a file of the page', head('Content-Length: 5000000\r\n', { path: '/' }), 413, { code: 'content_too_large', path: '/' }],
  ["a file below Engine.IO's path", head('Content-Length: 5000000\r\n', { path: '/socket.io/socket.io.js' }), 413, { code: 'content_too_large', path: '/socket.io/socket.io.js' }],
  ['an address that is too long', head('', { path: `/${FILLER}` }), 431, { code: 'headers_too_large', blind: true, ...NOTHING }],
  ['another protocol', '\x16\x03\x01\x02\xff\r\n', 400, { code: 'invalid_request', blind: true, ...NOTHING }],
];
for (const [what, bytes, status, expected] of cases) {
  test(`${what}: ${status}, as every refusal`, async (t) => {
    const answer = await answerTo(t, star, bytes);
    isRefused(answer, status, expected);
    assert.equal(answer.headers['access-control-allow-origin'], '*');
  });

  test(`${what}: a list of origins holds`, async (t) => {
    const answer = await answerTo(t, list, bytes);
    isRefused(answer, status, expected);
    assert.equal(answer.headers['access-control-allow-origin'], expected.blind ? undefined : ORIGIN);
    assert.equal(answer.headers['access-control-allow-credentials'], expected.blind ? undefined : 'true');
    assert.equal(answer.headers.vary, 'Origin');
  });
}

test('an origin that is not on the list is not named', async (t) => {
  const answer = await answerTo(t, list, head('Content-Length: 5000000\r\n', { origin: 'https://evil.example.org' }));
  isRefused(answer, 413, { code: 'content_too_large' });
  assert.equal(answer.headers['access-control-allow-origin'], undefined);
});

test('requests that do not come in time: 408', { limitMs: 60_000 }, async (t) => {
  const [silent, half] = await Promise.all([answerTo(t, star, ''), answerTo(t, list, head().slice(0, -2))]);
  isRefused(silent, 408, { code: 'request_timeout', ...NOTHING });
  isRefused(half, 408, { code: 'request_timeout' });
  assert.equal(half.headers['access-control-allow-origin'], ORIGIN);
});

test('HEAD gets the same headers and no body', async (t) => {
  const connection = http(t, star);
  connection.heads.push(true);
  connection.write(head('Content-Length: 5000000\r\n', { method: 'HEAD' }));
  const answer = await connection.answer();
  assert.equal(answer.status, 413);
  assert.ok(Number(answer.headers['content-length']) > 100);
  await connection.end();
  assert.ok(connection.text.endsWith('\r\n\r\n'));
});

test("Engine.IO's own refusals stay the reference server's", async (t) => {
  const too = await answerTo(t, star, head('Content-Length: 5000000\r\n', { path: '/socket.io/?EIO=4&transport=polling' }));
  assert.deepEqual([too.status, too.text, too.headers['access-control-allow-origin']], [413, '', '*']);
  const bad = await http(t, star).ask('GET', '/socket.io/?EIO=4&transport=nothing').answer();
  assert.deepEqual(JSON.parse(bad.text), { code: 0, message: 'Transport unknown' });
});

test('fetch reads the refusal of a body that it is still sending', async () => {
  const { token } = star.estate().admin;
  const ask = (body) => fetch(star.url + PATH, { method: 'POST', body, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });
  for (const bytes of [1_100_000, 3_000_000]) {
    const answer = await ask('x'.repeat(bytes));
    const json = await answer.json();
    isRestError({ status: answer.status, json, text: '' }, 413, { code: 'content_too_large', method: 'POST', path: PATH });
  }
});
