// The page and the other files that the server hands out: what browsers are told of them, and what is no file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { fetchOnce, http } from '../harness/http.mjs';
import { tcp } from '../harness/raw.mjs';
import { request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { isRestError } from '../harness/shape.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 1 });
const YEAR_S = 31_536_000;
const BUNDLES = ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.msgpack.min.js'].map((name) => `/socket.io/${name}`);
const DECODE = { br: brotliDecompressSync, gzip: gunzipSync };

const decoded = (answer) => (DECODE[answer.headers['content-encoding']] ?? ((bytes) => bytes))(answer.body).toString();
const get = (t, path, headers, method = 'GET') => fetchOnce(t, server, method, path, { headers });
const directives = (answer) => Object.fromEntries(answer.headers['content-security-policy'].split('; ').map((text) => [text.split(' ')[0], text.split(' ').slice(1).join(' ')]));

/** What the page's documents ask for by themselves. */
async function partsOf(t, path) {
  const html = decoded(await get(t, path));
  return [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, found]) => found);
}
const hashed = async (t) => (await partsOf(t, '/')).filter((path) => path.startsWith('/assets/'));

test('the page and all that it asks for are there, and name no other host', async (t) => {
  for (const path of ['/', '/api/docs']) {
    const answer = await get(t, path);
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'text/html; charset=utf-8'], path);
    assert.doesNotMatch(decoded(answer), /<(?:script|link|img|style)[^>]*(?:https?:)?\/\/|<style|<script>|\son\w+=/);
    const parts = await partsOf(t, path);
    assert.ok(parts.some((part) => part.endsWith('.js')), `a script in ${parts}`);
    for (const part of parts) assert.equal((await get(t, part)).status, 200, part);
  }
});

test('a page may do what it needs, and nothing else', async (t) => {
  for (const path of ['/', '/api/docs']) {
    const answer = await get(t, path);
    const policy = directives(answer);
    assert.equal(policy['default-src'], "'none'");
    for (const own of ['script-src', 'style-src', 'connect-src', 'font-src', 'manifest-src', 'worker-src']) assert.equal(policy[own], "'self'", own);
    for (const nobody of ['base-uri', 'form-action', 'frame-ancestors']) assert.equal(policy[nobody], "'none'", nobody);
    assert.equal(policy['img-src'], "'self' https:");
    assert.equal(policy['require-trusted-types-for'], "'script'");
    assert.doesNotMatch(answer.headers['content-security-policy'], /unsafe|\*|data:|blob:|http:/);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['referrer-policy'], 'no-referrer');
    assert.equal(answer.headers['cross-origin-opener-policy'], 'same-origin');
    assert.match(answer.headers['permissions-policy'], /camera=\(\).*geolocation=\(\).*microphone=\(\)/);
  }
});

test('what is named for its content is kept for a year, all else asked for anew', async (t) => {
  const files = await hashed(t);
  assert.ok(files.length > 0);
  for (const path of files) assert.equal((await get(t, path)).headers['cache-control'], `public, max-age=${YEAR_S}, immutable`, path);
  for (const path of ['/', '/api/docs', '/openapi.json', '/asyncapi.json', ...BUNDLES]) {
    const answer = await get(t, path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers['cache-control'], 'no-cache', path);
  }
});

test("the stock client's bundles are scripts, whole, and for pages of every host", async (t) => {
  for (const path of BUNDLES) {
    const answer = await get(t, path, { 'Accept-Encoding': 'gzip' });
    assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(answer.headers['cross-origin-resource-policy'], 'cross-origin');
    assert.match(decoded(answer), /Socket\.IO v4\.\d/);
    assert.equal((await get(t, `${path}.map`)).headers['content-type'], 'application/json; charset=utf-8');
    assert.equal((await get(t, `${path}?v=1`)).status, 200);
  }
  const io = {};
  new Function('module', 'exports', decoded(await get(t, '/socket.io/socket.io.min.js')))(io, (io.exports = {}));
  assert.equal(typeof (io.exports.io ?? io.exports), 'function', 'it runs');
  assert.equal((await get(t, '/socket.io/')).status, 400, 'is Engine.IO, as ever');
  assert.equal((await get(t, '/socket.io/socket.io.js?EIO=4&transport=polling')).body.toString()[0], '0', 'so is this');
  isRestError(await request(server, 'GET', '/socket.io/unknown.js'), 404, { code: 'route_not_found' });
});

test('the coding is what the client accepts, and the bytes are the same', async (t) => {
  const [path] = (await hashed(t)).filter((file) => file.endsWith('.js'));
  const plain = await get(t, path);
  assert.equal(plain.headers['content-encoding'], undefined, 'who says nothing gets it as it is');
  const wishes = [
    ['br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['gzip, *;q=0', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['identity', undefined],
    ['br;q=0', undefined],
    ['*;q=0', undefined],
    ['identity;q=0, x', undefined],
    ['', undefined],
    [`${'zz;q=0.3,'.repeat(1000)}gzip`, 'gzip'],
    [`${','.repeat(8000)}`, undefined],
    ['gzip;q=nonsense;;;=;q', undefined],
    ['br\t;\tq=0.1', 'br'],
  ];
  const etags = new Map([[undefined, plain.headers.etag]]);
  for (const [accepts, coding] of wishes) {
    const answer = await get(t, path, { 'Accept-Encoding': accepts });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-encoding'], coding, accepts.slice(0, 40));
    assert.equal(decoded(answer), plain.text);
    assert.match(answer.headers.vary, /(^|, )Accept-Encoding(,|$)/);
    assert.equal(etags.get(coding) ?? answer.headers.etag, answer.headers.etag, 'one tag for each coding');
    etags.set(coding, answer.headers.etag);
  }
  assert.equal(new Set(etags.values()).size, 3, 'a cache cannot take one coding for another');
});

test('304 for who has it, and only for the coding that they would get', async (t) => {
  for (const path of ['/', '/socket.io/socket.io.js', (await hashed(t))[0]]) {
    const headers = { 'Accept-Encoding': 'br' };
    const { etag } = (await get(t, path, headers)).headers;
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, `"x",W/"y",${etag},"z"`, '*']) {
      const answer = await get(t, path, { ...headers, 'If-None-Match': known });
      assert.deepEqual([answer.status, answer.body.length, answer.headers.etag], [304, 0, etag], known);
      assert.equal(answer.headers['content-length'], undefined);
      for (const name of ['cache-control', 'vary', 'content-security-policy', 'x-content-type-options']) assert.ok(answer.headers[name], `${name} of a 304`);
    }
    for (const other of ['"x"', etag.slice(1, -1), `${etag}x`, '"', '""', ',', 'W/', `"${'x'.repeat(9000)}"`, etag.toLowerCase() + '"'])
      assert.equal((await get(t, path, { ...headers, 'If-None-Match': other })).status, 200, other.slice(0, 40));
    assert.equal((await get(t, path, { 'If-None-Match': etag })).status, 200, 'without a coding it is another one');
  }
});

test('HEAD says the same without a body; a connection goes on behind both', async (t) => {
  const connection = http(t, server);
  for (const path of ['/', '/socket.io/socket.io.js', '/unknown']) {
    const [whole, head] = [await get(t, path, { 'Accept-Encoding': 'gzip' }), await get(t, path, { 'Accept-Encoding': 'gzip' }, 'HEAD')];
    for (const answer of [whole, head]) delete answer.headers.date;
    if (path !== '/unknown') assert.deepEqual(head.headers, whole.headers);
    assert.deepEqual([head.status, head.body.length], [whole.status, 0]);
  }
  connection.ask('HEAD', '/').ask('GET', '/', { headers: { 'If-None-Match': '*' } }).ask('HEAD', '/unknown').ask('GET', '/');
  assert.deepEqual([(await connection.answer(0)).status, (await connection.answer(1)).status, (await connection.answer(2)).status], [200, 304, 404]);
  assert.match(decoded(await connection.answer(3)), /^<!doctype html>/i);
});

test('other methods: 405 with those that there are', async () => {
  for (const path of ['/', '/socket.io/socket.io.js'])
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await request(server, method, path);
      isRestError(answer, 405, { code: 'method_not_allowed', path, method });
      assert.equal(answer.headers.allow, 'GET, HEAD');
    }
});

test('a path is that of a file, or of nothing: nothing is decoded, joined or climbed', async (t) => {
  const [file] = await hashed(t);
  const name = file.slice('/assets/'.length);
  const paths = [
    ...['/index.html', '/api.html', '/assets', '/assets/', '/socket.io', '//', '/./', '/../', '/..;/', '/%2e%2e/', '/.git/config', '/etc/passwd'],
    ...['/../../../../etc/passwd', '/assets/../../etc/passwd', '/assets/..%2f..%2fetc%2fpasswd', '/assets/%2e%2e/index.html', '/assets/....//x'],
    ...['/assets/..\\..\\x', '/%00', `/assets/${name}%00`, `/assets/${name}/`, `/assets//${name}`, `//assets/${name}`, `/assets/./${name}`],
    ...[`/ASSETS/${name}`, `/assets/${name.toUpperCase()}`, `/assets%2f${name}`, `/%61ssets/${name}`, `/assets/${name}.br`, `/assets/${name};a`],
    ...[`/assets/${name.slice(0, -1)}`, `/assets/${name}x`, `/${'a/'.repeat(3000)}`, '/socket.io/..%2findex.html', '/api/docs/', '/api/docs/..'],
    ...['/openapi.json/', '/sw.js/', '/sw.js%20', '/control/users'],
  ];
  for (const path of paths) {
    const answer = await fetchOnce(t, server, 'GET', path);
    assert.equal(answer.status, 404, path.slice(0, 60));
    assert.equal(JSON.parse(answer.text).code, 'route_not_found');
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
});

test('what is no file says nosniff and is not kept', async () => {
  const user = server.estate().residents[0];
  for (const path of ['/health/live', '/messaging/conversations', '/metrics']) {
    const { headers } = await request(server, 'GET', path, { token: user.token });
    assert.deepEqual([headers['x-content-type-options'], headers['cache-control']], ['nosniff', 'no-store'], path);
  }
});

test('a range, a body, a date: the whole file all the same', async (t) => {
  const whole = await get(t, '/');
  for (const headers of [{ Range: 'bytes=0-3' }, { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, { 'If-Match': '"x"' }, { Authorization: 'Bearer nonsense' }, { Cookie: 'a=b' }]) {
    const answer = await get(t, '/', headers);
    assert.deepEqual([answer.status, answer.text, answer.headers['set-cookie']], [200, whole.text, undefined], JSON.stringify(headers));
  }
  assert.equal((await fetchOnce(t, server, 'GET', '/', { body: 'x' })).text, whole.text);
  assert.equal((await fetchOnce(t, server, 'GET', '/', { body: 'x'.repeat(100_000) })).status, 413);
  assert.equal((await fetchOnce(t, server, 'GET', '/?x=1&token=y')).text, whole.text);
});

const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;

test('files that nobody reads, asked for hundreds of times in one breath, take little memory', async (t) => {
  const before = memory();
  const crowd = Array.from({ length: 100 }, () => tcp(t, server));
  for (const one of crowd) {
    one.socket.pause();
    one.write('GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(300));
  }
  for (let i = 0; i < 10; i++) assert.equal((await get(t, '/')).status, 200); // others are served, and the crowd has been
  const more = memory() - before;
  if (slowness === 1) assert.ok(more < 100 << 20, `${more >> 20} MiB more`); // sanitizers keep what is freed
});

test('what is asked for in one breath is answered whole, in its order', async (t) => {
  const one = tcp(t, server);
  one.write('GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40));
  await until(() => one.text.split('HTTP/1.1 200 OK\r\n').length === 81, 'all answers');
  const lengths = one.text.split('HTTP/1.1 200 OK\r\n').slice(1).map((answer) => Number(/Content-Length: (\d+)/i.exec(answer)[1]));
  assert.equal(new Set(lengths.filter((_, i) => i % 2 === 0)).size, 1);
  assert.ok(lengths[0] > 10_000 && lengths.every((n, i) => n === lengths[i % 2]), `${lengths}`);
});
