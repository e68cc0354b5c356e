// CORS for REST and for Engine.IO's polling: the default, "*", and a list of origins.
import assert from 'node:assert/strict';
import { request } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { test } from '../harness/suite.mjs';

const ORIGINS = ['https://app.example.org', 'http://localhost:5173'];
const open = await startServer({ estates: 1 });
const star = await startServer({ estates: 1, env: { CORS_ORIGIN: '*' } });
const list = await startServer({ estates: 1, env: { CORS_ORIGIN: ORIGINS.join(',') } });
const POLLING = '/socket.io/?EIO=4&transport=polling';
const REST = '/messaging/conversations';
const tokens = new Map([open, star, list].map((s) => [s, s.estate().residents[0].token]));
const lower = (value) => (value || '').toLowerCase().split(/\s*,\s*/);

const ask = (server, method, path, origin, headers = {}) =>
  request(server, method, path, { token: method === 'OPTIONS' ? undefined : tokens.get(server), headers: { ...(origin && { Origin: origin }), ...headers } });

const preflight = (server, path, origin, method = 'POST', headers = 'content-type,authorization,x-idempotency-key') =>
  ask(server, 'OPTIONS', path, origin, { 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': headers });

for (const [name, server] of [['default', open], ['"*"', star]]) {
  test(`${name}: every origin, without credentials`, async () => {
    for (const path of [REST, POLLING, '/health/live', '/messaging/nothing', '/socket.io/?EIO=3&transport=polling']) {
      const answer = await ask(server, 'GET', path, 'https://anywhere.example');
      assert.equal(answer.headers['access-control-allow-origin'], '*', path);
      assert.equal(answer.headers['access-control-allow-credentials'], undefined, path);
    }
  });

  test(`${name}: preflight`, async () => {
    for (const path of [REST, POLLING]) {
      const answer = await preflight(server, path, 'https://anywhere.example');
      assert.equal(answer.status, 204, path);
      assert.equal(answer.text, '');
      assert.equal(answer.headers['access-control-allow-origin'], '*');
      for (const method of ['get', 'post', 'put', 'patch', 'delete', 'options']) assert.ok(lower(answer.headers['access-control-allow-methods']).includes(method), method);
      for (const header of ['content-type', 'authorization', 'x-idempotency-key']) assert.ok(lower(answer.headers['access-control-allow-headers']).includes(header), header);
    }
  });
}

test('a list: those on it, with credentials, and nobody else', async () => {
  for (const path of [REST, POLLING, '/messaging/nothing']) {
    for (const origin of ORIGINS) {
      const answer = await ask(list, 'GET', path, origin);
      assert.equal(answer.headers['access-control-allow-origin'], origin, path);
      assert.equal(answer.headers['access-control-allow-credentials'], 'true', path);
      assert.ok(lower(answer.headers.vary).includes('origin'), `Vary: ${answer.headers.vary}`);
    }
    for (const origin of ['https://evil.example', 'https://app.example.org.evil.example', 'https://app.example.or', 'http://app.example.org', 'null', undefined]) {
      const answer = await ask(list, 'GET', path, origin);
      assert.equal(answer.headers['access-control-allow-origin'], undefined, `${path} ${origin}`);
      assert.ok(lower(answer.headers.vary).includes('origin'));
    }
  }
});

test('a list: preflight', async () => {
  for (const path of [REST, POLLING]) {
    const good = await preflight(list, path, ORIGINS[1], 'PUT');
    assert.equal(good.status, 204);
    assert.equal(good.headers['access-control-allow-origin'], ORIGINS[1]);
    assert.equal(good.headers['access-control-allow-credentials'], 'true');
    assert.ok(lower(good.headers['access-control-allow-methods']).includes('put'));
    for (const header of ['content-type', 'authorization', 'x-idempotency-key']) assert.ok(lower(good.headers['access-control-allow-headers']).includes(header), header);
    const bad = await preflight(list, path, 'https://evil.example');
    assert.equal(bad.headers['access-control-allow-origin'], undefined);
  }
});

test('polling POST and its errors carry the header too', async () => {
  const answer = await request(star, 'POST', '/socket.io/?EIO=4&transport=polling&sid=unknown', { raw: '40', headers: { Origin: 'https://a.example', 'Content-Type': 'text/plain' } });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
});
