// libsio: what a server refuses by itself, before a request is whole, is answered by the program, but for Engine.IO's.
import assert from 'node:assert/strict';
import { startFeatures } from '../harness/features.mjs';
import { http } from '../harness/http.mjs';
import { polling } from '../harness/polling.mjs';
import { tcp } from '../harness/raw.mjs';
import { test, until } from '../harness/suite.mjs';

const ORIGIN = 'https://app.example';
const server = await startFeatures({ cors: ORIGIN });

const LINES = `Host: x\r\nX-Test: one\r\nOrigin: ${ORIGIN}\r\n`;
const FILLER = 'x'.repeat(20_000);

/** The answer to bytes that are a request or not; the connection ends with it. */
async function answerTo(t, bytes, method = 'GET') {
  const connection = http(t, server);
  connection.heads.push(method === 'HEAD');
  connection.write(bytes);
  const answer = await connection.answer();
  assert.equal(answer.headers.connection, 'close');
  await connection.end();
  assert.equal(connection.answers.length, 1);
  return answer;
}

const known = { method: 'POST', path: '/echo', query: 'a=%20b', body: '', address: '127.0.0.1', header: 'one' };
const head = (lines = '', version = '1.1') => `POST /echo?a=%20b HTTP/${version}\r\n${LINES}${lines}\r\n`;
const cases = [
  ['a body that is announced too long', head('Content-Length: 2000000\r\n'), 413, known],
  ['a chunked body that becomes too long', `${head('X-Limit: 10\r\nTransfer-Encoding: chunked\r\n')}b\r\n01234567890\r\n`, 413, known],
  ['a broken chunk', `${head('Transfer-Encoding: chunked\r\n')}zz\r\n`, 400, known],
  ['a head that is too long', head(`X: ${FILLER}\r\n`), 431, known],
  ['a bad line behind good ones', head('A : b\r\n'), 400, known],
  ['two lengths', head('Content-Length: 1\r\nContent-Length: 1\r\n'), 400, known],
  ['another transfer coding', head('Transfer-Encoding: gzip\r\n'), 501, known],
  ['another version', head('', '2.0'), 505, { ...known, header: '' }],
];
for (const [what, bytes, status, of] of cases)
  test(`the program answers ${what}`, async (t) => {
    const answer = await answerTo(t, bytes);
    assert.equal(answer.status, status);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(answer.text), { refused: status, ...of });
    assert.equal(answer.headers.vary, 'Origin');
    assert.equal(answer.headers['access-control-allow-origin'], of.header ? ORIGIN : undefined, 'of an origin that has been read');
  });

test('HEAD gets the length alone', async (t) => {
  const answer = await answerTo(t, 'HEAD /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n', 'HEAD');
  assert.equal(answer.status, 413);
  assert.ok(Number(answer.headers['content-length']) > 0);
});

for (const [what, bytes, status] of [
  ['a target that is none', head().replace('/echo', '*'), 400],
  ['a target that is too long', `POST /${FILLER} HTTP/1.1\r\n${LINES}\r\n`, 431],
  ['another protocol', '\x16\x03\x01\x02\r\n', 400],
])
  test(`nothing is known of ${what}, so this program leaves it at the status`, async (t) => {
    const answer = await answerTo(t, bytes);
    assert.deepEqual([answer.status, answer.text, answer.headers.vary], [status, '', 'Origin']);
  });

test('the program may say another status, or leave it at the bare one', async (t) => {
  const refuse = (path) => answerTo(t, head('Content-Length: 2000000\r\n').replace('/echo', path));
  const elsewhere = await refuse('/elsewhere');
  assert.equal(elsewhere.status, 429);
  assert.equal(JSON.parse(elsewhere.text).refused, 413);
  const unsaid = await refuse('/unsaid');
  assert.deepEqual([unsaid.status, unsaid.text, unsaid.headers['access-control-allow-origin']], [413, '', ORIGIN]);
});

test("Engine.IO's requests stay as they are", async (t) => {
  const { query } = await polling(t, server);
  for (const [bytes, status] of [
    [`POST /socket.io/?${query} HTTP/1.1\r\n${LINES}Content-Length: 2000000\r\n\r\n`, 413],
    [`GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n${LINES}X: ${FILLER}\r\n\r\n`, 431],
    [`GET /engine/?EIO=4&transport=polling HTTP/1.1\r\n${LINES}A : b\r\n\r\n`, 400],
  ]) {
    const answer = await answerTo(t, bytes);
    assert.deepEqual([answer.status, answer.text, answer.headers['access-control-allow-origin']], [status, '', ORIGIN]);
  }
});

const canConnect = (port) =>
  fetch(`http://127.0.0.1:${port}/now`).then(
    () => true,
    () => false,
  );

test('a server that stops says so while it waits for what it has begun', async (t) => {
  const one = await startFeatures();
  const open = http(t, one).ask('GET', '/now');
  assert.equal((await open.answer()).status, 200);
  const work = tcp(t, one).write('GET /later?3000 HTTP/1.1\r\nHost: x\r\n\r\n');
  const done = open.ask('GET', '/stats').answer(1); // behind it
  await done;
  const end = one.stop();
  await until(async () => !(await canConnect(one.port)), 'the port to be closed');
  const refused = await open.ask('GET', '/now', { headers: { 'X-Test': 'two' } }).answer(2);
  assert.equal(refused.status, 503);
  assert.deepEqual(JSON.parse(refused.text), { refused: 503, method: 'GET', path: '/now', query: '', body: '', address: '127.0.0.1', header: 'two' });
  await until(() => work.text.endsWith('later'), 'what was begun');
  assert.equal((await end).code, 0);
});
