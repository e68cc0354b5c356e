// The list of messages in Chromium, where layout is real: it keeps its place, and holds only what is near.
import assert from 'node:assert/strict';
import { connect } from '../harness/client.mjs';
import { buildPage, openBrowser, serveFolder } from '../harness/react/browser.mjs';
import { makeDirect } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { slowness, test, until } from '../harness/suite.mjs';

const server = await startServer({ estates: 8 });
const origin = await serveFolder(await buildPage());

const SCREEN = { width: 420, height: 700 };
/** Sentences of several lengths: heights differ, as they do in life. */
const text = (i) => `${i} ${'and so on '.repeat((i * 7) % 23)}`.trim();

/** A conversation of `count` messages, and a page that shows it. */
async function open(t, count) {
  const [reader, writer] = server.estate().residents;
  const conversation = await makeDirect(server, reader, writer);
  const client = await connect(t, server, writer, { transports: ['websocket'] });
  const send = (content) => client.must('send_message', { conversationId: conversation, content });
  for (let i = 1; i <= count; i += 100) await Promise.all(Array.from({ length: Math.min(100, count - i + 1) }, (_, n) => send(text(i + n))));
  const page = await (await openBrowser(t, { viewport: SCREEN })).newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => /Content Security Policy|Refused/.test(message.text()) && complaints.push(message.text()));
  t.after(() => assert.deepEqual(complaints, []));
  await page.goto(`${origin}/?${new URLSearchParams({ url: server.url, token: reader.token, conversation })}`);
  const log = page.getByRole('log', { name: 'Messages' });
  await log.locator('article').first().waitFor();
  return { page, log, send, conversation, client };
}

const held = (page, conversation) => page.evaluate((id) => window.client.thread(id).get().messages.length, conversation);
const fromEnd = (log) => log.evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop);
const frames = (page, n = 2) => page.evaluate((left) => new Promise((done) => (function next() { left-- > 0 ? requestAnimationFrame(next) : done(); })()), n);

/** From now on, in each frame: how far the message in the middle of what is seen has moved on the screen. */
const watchMiddle = (log) =>
  log.evaluate((e) => {
    const box = e.getBoundingClientRect();
    const article = document.elementFromPoint(box.left + 60, box.top + box.height / 2)?.closest('article') ?? [...e.querySelectorAll('article')].find((a) => a.getBoundingClientRect().top > box.top + 100);
    const key = article.dataset.messageKey;
    const top = article.getBoundingClientRect().top;
    const moved = { max: 0, frames: 0 };
    window.moved = moved;
    (function look() {
      if (window.moved !== moved) return; // another message is watched now
      const now = e.querySelector(`[data-message-key="${key}"]`);
      moved.max = Math.max(moved.max, now ? Math.abs(now.getBoundingClientRect().top - top) : Infinity);
      moved.frames++;
      requestAnimationFrame(look);
    })();
  });
const moved = (page) => page.evaluate(() => window.moved);

test('opens at the end; what comes keeps it there, and is spoken once', async (t) => {
  const { page, log, send } = await open(t, 60);
  await until(async () => (await fromEnd(log)) <= 1, 'the end');
  await send('The gate is open');
  await log.getByText('The gate is open').waitFor();
  await frames(page);
  assert.ok((await fromEnd(log)) <= 1);
  await until(async () => /The gate is open$/.test(await page.locator('[aria-live=polite]').textContent()), 'it to be spoken');
  assert.equal(await log.getAttribute('aria-live'), 'off', 'and what is fetched is not');
});

test('who reads further up stays there when messages come, and is told of them', async (t) => {
  const { page, log, send } = await open(t, 60);
  await log.hover();
  await page.mouse.wheel(0, -900);
  await page.getByRole('button', { name: 'To the latest' }).waitFor();
  await frames(page, 5);
  await watchMiddle(log);
  for (let i = 0; i < 3; i++) await send(`news ${i}`);
  const button = page.getByRole('button', { name: '3 new, to the latest' });
  await button.waitFor();
  await frames(page);
  assert.ok((await moved(page)).max <= 1, JSON.stringify(await moved(page)));
  await button.click();
  await until(async () => (await fromEnd(log)) <= 1, 'the end');
  await button.waitFor({ state: 'detached' });
});

test('older messages in front move nothing, with and without the help of the browser', async (t) => {
  const { page, log, conversation } = await open(t, 300);
  assert.equal(await log.evaluate((e) => getComputedStyle(e).overflowAnchor), 'none', 'the browser does not help');
  await log.hover();
  let most = 0;
  for (let count = await held(page, conversation); count < 300; ) {
    await log.evaluate((e) => (e.scrollTop = Math.min(e.scrollTop, 400)));
    await frames(page, 2);
    await watchMiddle(log);
    await until(async () => (await held(page, conversation)) > count || (await log.getAttribute('aria-busy')) === 'false', 'a page');
    await frames(page, 4);
    most = Math.max(most, (await moved(page)).max);
    count = await held(page, conversation);
  }
  assert.ok(most <= 1, `moved by ${most} px`);
  await log.evaluate((e) => (e.scrollTop = 0));
  await log.getByText(text(1), { exact: true }).waitFor();
});

test('of a long conversation only what is near is in the document', { alone: true, limitMs: 110_000 }, async (t) => {
  const count = Number(process.env.VAULTIFY_TEST_MESSAGES || 2000);
  const { page, log, conversation } = await open(t, count);
  await page.evaluate(async (id) => { while (window.client.thread(id).get().hasOlder) { await window.client.loadOlder(id); await new Promise((done) => setTimeout(done)); } }, conversation);
  assert.equal(await held(page, conversation), count);
  await frames(page, 30);
  const nodes = () => page.evaluate(() => document.querySelectorAll('*').length);
  const atEnd = await nodes();
  await page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => e.duration))).observe({ entryTypes: ['longtask'] });
    window.rhythm = [];
    let last = performance.now();
    (function look(now) { if (now) window.rhythm.push(now - last), (last = now); requestAnimationFrame(look); })();
  });
  await log.hover();
  let most = atEnd;
  let blank = 0;
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, -600);
    await frames(page, 1);
    most = Math.max(most, await nodes());
    const empty = await log.evaluate((e) => { const b = e.getBoundingClientRect(); return !document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2)?.closest('article, .vaultify-day') && [...e.querySelectorAll('article')].every((a) => { const r = a.getBoundingClientRect(); return r.bottom < b.top || r.top > b.bottom; }); });
    blank += empty ? 1 : 0;
  }
  const { long, rhythm } = await page.evaluate(() => ({ long: window.long, rhythm: window.rhythm }));
  const figures = { count, atEnd, most, blank, long: long.length, longest: Math.max(0, ...long), slowFrames: rhythm.filter((ms) => ms > 34).length, frames: rhythm.length };
  if (process.env.VAULTIFY_TEST_VERBOSE) console.log(JSON.stringify(figures));
  assert.ok(most < 2500, JSON.stringify(figures));
  assert.equal(blank, 0, JSON.stringify(figures));
  assert.ok(figures.longest < 1000 * slowness, JSON.stringify(figures));
});
