// A page of another origin reads why it is refused, also when the server has not taken the whole request.
import assert from 'node:assert/strict';
import http from 'node:http';
import { browserTest, openPage, permitFailedRequests } from '../harness/browser.mjs';
import { startServer } from '../harness/server.mjs';
import { finally_ } from '../harness/suite.mjs';

// An empty page, whose policy lets it talk to anybody.
const elsewhere = http.createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<!doctype html><link rel="icon" href="data:,">'));
await new Promise((listening) => elsewhere.listen(0, '127.0.0.1', listening));
finally_('the other origin ends', () => elsewhere.close());
const origin = `http://127.0.0.1:${elsewhere.address().port}`;

const server = await startServer({ estates: 1, env: { CORS_ORIGIN: origin } });
const { token } = server.estate().admin;
const open = await startServer({ env: { CORS_ORIGIN: '*' } });

async function openElsewhere(t) {
  const page = await openPage(t);
  permitFailedRequests(page);
  await page.goto(origin);
  return page;
}

/** What a script of that page learns. */
const asked = (page, address, { bytes = 0, headers = {} } = {}) =>
  page.evaluate(
    async ([url, size, lines]) => {
      const body = size ? 'x'.repeat(size) : undefined;
      const answer = await fetch(url, { method: body ? 'POST' : 'GET', body, headers: lines });
      return { status: answer.status, ...(await answer.json()) };
    },
    [address, bytes, headers],
  );

browserTest('a body that is far too large: 413, and why', async (t) => {
  const page = await openElsewhere(t);
  for (const bytes of [1_100_000, 3_000_000]) {
    const refused = await asked(page, `${server.url}/messaging/conversations`, { bytes, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });
    assert.deepEqual([refused.status, refused.code, refused.path], [413, 'content_too_large', '/messaging/conversations']);
  }
});

// A browser writes the Origin behind such a header, where the server does not read it any more: no list can name it.
browserTest('headers that are too large: 431, and why, where every origin may read', async (t) => {
  const page = await openElsewhere(t);
  const refused = await asked(page, `${open.url}/messaging/conversations`, { headers: { 'X-Idempotency-Key': 'x'.repeat(20_000) } });
  assert.deepEqual([refused.status, refused.code], [431, 'headers_too_large']);
});
