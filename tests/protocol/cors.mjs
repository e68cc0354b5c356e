// CORS: which headers a browser of another origin gets, on every answer, and what a preflight is told.
import assert from 'node:assert/strict';
import { both, pair } from '../harness/both.mjs';
import { fetchOnce, http } from '../harness/http.mjs';
import { polling } from '../harness/polling.mjs';
import { RawWebSocket } from '../harness/raw.mjs';
import { until } from '../harness/suite.mjs';
import { HANDSHAKE, PATH } from '../harness/wire.mjs';

const none = pair();
const any = pair({ cors: '*' });
const fixed = pair({ cors: 'http://one.example' });
const listed = pair({ cors: 'http://one.example,http://two.example' });

const preflight = (t, server, query = '', headers = {}) =>
  fetchOnce(t, server, 'OPTIONS', HANDSHAKE + query, { headers: { Origin: 'http://one.example', 'Access-Control-Request-Method': 'POST', ...headers } });
const ofCors = (answer) => Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));

both('off: no header at all', none, async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', HANDSHAKE, { headers: { Origin: 'http://one.example' } });
  assert.deepEqual([ofCors(answer), answer.headers.vary], [[], undefined]);
  assert.equal((await preflight(t, server)).status, 400);
});

both('any origin: every answer says so, with Origin and without', any, async (t, server) => {
  const poll = await polling(t, server);
  for (const [method, target, options] of [
    ['GET', HANDSHAKE, {}],
    ['GET', HANDSHAKE, { headers: { Origin: 'http://one.example' } }],
    ['GET', `${HANDSHAKE}&sid=unknown`, {}],
    ['GET', `${PATH}?EIO=4&transport=nothing`, {}],
    ['POST', `${PATH}?${poll.query}`, { body: '40' }],
    ['GET', `${PATH}?${poll.query}`, {}],
    ['PUT', `${PATH}?${poll.query}`, {}],
  ])
    assert.equal((await fetchOnce(t, server, method, target, options)).headers['access-control-allow-origin'], '*', `${method} ${target}`);
});

both('any origin: the answer to a WebSocket handshake says so', any, async (t, server) => {
  const ws = new RawWebSocket(server.port);
  t.after(() => ws.close());
  await until(() => ws.open, 'the handshake');
  assert.match(ws.text, /\r\naccess-control-allow-origin: \*\r\n/i);
});

for (const sid of ['', '&sid=unknown'])
  both(`any origin: a preflight is answered${sid && ', also of an unknown session'}`, any, async (t, server) => {
    const answer = await preflight(t, server, sid, { 'Access-Control-Request-Headers': 'x-one, x-two' });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.equal(answer.headers['access-control-allow-headers'], 'x-one, x-two');
    assert.match(answer.headers.vary, /Access-Control-Request-Headers/);
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE']) assert.ok(answer.headers['access-control-allow-methods'].split(/, */).includes(method));
    assert.equal(answer.headers['content-length'] ?? '0', '0'); // the reference says so; RFC 9110 forbids it
  });

both('one origin: named whoever asks, and Vary says that it depends', fixed, async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', HANDSHAKE, { headers: { Origin: 'http://one.example' } });
  assert.equal(answer.headers['access-control-allow-origin'], 'http://one.example');
  assert.match(answer.headers.vary, /Origin/);
});

both('credentials, and methods of one\'s own', pair({ cors: 'http://one.example', 'cors-credentials': 1, 'cors-methods': 'GET,POST' }), async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', HANDSHAKE, { headers: { Origin: 'http://one.example' } });
  assert.equal(answer.headers['access-control-allow-credentials'], 'true');
  const asked = await preflight(t, server);
  assert.deepEqual([asked.status, asked.headers['access-control-allow-credentials'], asked.headers['access-control-allow-methods']], [204, 'true', 'GET,POST']);
});

both('a list: the one that asks is named', listed, async (t, server) => {
  for (const Origin of ['http://one.example', 'http://two.example']) {
    const answer = await fetchOnce(t, server, 'GET', HANDSHAKE, { headers: { Origin } });
    assert.equal(answer.headers['access-control-allow-origin'], Origin);
    assert.match(answer.headers.vary, /Origin/);
  }
});

both('a list: another origin is served, without being allowed', listed, async (t, server) => {
  const answer = await fetchOnce(t, server, 'GET', HANDSHAKE, { headers: { Origin: 'http://three.example' } });
  assert.equal(answer.text[0], '0');
  assert.deepEqual(ofCors(answer).filter((n) => n === 'access-control-allow-origin'), []);
  assert.match(answer.headers.vary, /Origin/);
});

both('the connection lives on behind a preflight', any, async (t, server) => {
  const connection = http(t, server).ask('OPTIONS', HANDSHAKE, { headers: { Origin: 'http://one.example' } });
  assert.equal((await connection.answer(0)).status, 204);
  assert.equal((await connection.ask('GET', HANDSHAKE).answer(1)).text[0], '0');
});
