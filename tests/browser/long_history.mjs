// A conversation of ten thousand messages: one reads upwards without a jump, and it scrolls as a short one does.
import assert from 'node:assert/strict';
import { browserTest, openAs } from '../harness/browser.mjs';
import { connect } from '../harness/client.mjs';
import { log, nameOf, open, sees } from '../harness/page.mjs';
import { makeDirect } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { slowness, until } from '../harness/suite.mjs';

const LONG = 10_000;
const NODES_MAX = 3000; // in the whole document, whatever the history is
const TASK_MAX_MS = 250; // nobody feels less as a halt; a history that is rendered as a whole takes seconds
const SHIFT_MAX_PX = 2;

const server = await startServer({ estates: 3, residents: 2, pictures: false });

/** Sentences of several lengths: heights differ, as they do in life. */
const text = (n) => `message ${n} ${'and so on '.repeat((n * 7) % 23)}`.trim();

/** Ben's page, in a conversation in which Ann has written so often. */
async function reading(t, count) {
  const [ann, ben] = server.estate().residents;
  const conversation = await makeDirect(server, ann, ben);
  const client = await connect(t, server, ann, { transports: ['websocket'] });
  const write = (n) => client.must('send_message', { conversationId: conversation, content: text(n) });
  for (let n = 1; n <= count; n += 500) await Promise.all(Array.from({ length: Math.min(500, count - n + 1) }, (_, i) => write(n + i)));
  const page = await openAs(t, server, ben);
  await open(page, nameOf(ann));
  await sees(page, text(count));
  return { page, write };
}

/** From now on the greatest distance that the message in the middle of the screen has moved from where it is. */
const watchMiddle = (page) =>
  log(page).evaluate((scroller) => {
    const box = scroller.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    const anchor = [...scroller.querySelectorAll('article')].find((article) => article.getBoundingClientRect().bottom > middle);
    const find = () => scroller.querySelector(`[data-message-key="${CSS.escape(anchor.dataset.messageKey)}"]`);
    const from = anchor.getBoundingClientRect().top;
    const watched = { shift: 0 };
    globalThis.watched = watched;
    const look = () => {
      if (globalThis.watched !== watched) return; // another one is watched now
      watched.shift = Math.max(watched.shift, Math.abs((find()?.getBoundingClientRect().top ?? Infinity) - from));
      requestAnimationFrame(look);
    };
    look();
  });

/** How far it has moved until what has come is drawn. */
const shiftOf = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(globalThis.watched.shift)))));

const heightOf = (page) => log(page).evaluate((scroller) => scroller.scrollHeight);

browserTest('older messages come above what one reads, which stays where it is', async (t) => {
  const { page } = await reading(t, 300);
  for (let pages = 0; pages < 3; pages++) {
    const before = await heightOf(page);
    await log(page).evaluate((scroller) => (scroller.scrollTop = 200));
    await watchMiddle(page);
    await until(async () => (await heightOf(page)) > before, 'older messages');
    const shift = await shiftOf(page);
    assert.ok(shift <= SHIFT_MAX_PX, `what one reads moved by ${shift} px`);
  }
});

browserTest('a message that comes while one reads above moves nothing, and is told', async (t) => {
  const { page, write } = await reading(t, 100);
  await log(page).hover();
  await page.mouse.wheel(0, -600);
  await page.getByRole('button', { name: 'Latest messages' }).waitFor();
  await watchMiddle(page);
  await write(101);
  await page.getByRole('button', { name: '1 new message' }).waitFor();
  const shift = await shiftOf(page);
  assert.ok(shift <= SHIFT_MAX_PX, `what one reads moved by ${shift} px`);
  await page.getByRole('button', { name: '1 new message' }).click();
  await sees(page, text(101));
});

/** Counts from now on how long the page is busy at a time. */
const watchTasks = (page) =>
  page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((found) => globalThis.tasks.push(...found.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ['longtask'] });
  });

browserTest('ten thousand messages scroll without a halt, and few of them are in the document', { alone: true, limitMs: 200_000 }, async (t) => {
  const { page } = await reading(t, LONG);
  const first = log(page).getByRole('article').filter({ hasText: /message 1\b/ });
  await until(async () => {
    await log(page).evaluate((scroller) => (scroller.scrollTop = 0));
    return (await first.count()) > 0;
  }, 'the first message', 140_000);

  await watchTasks(page);
  await log(page).hover();
  let nodes = 0;
  for (let i = 0; i < 100; i++) {
    await page.mouse.wheel(0, 900);
    nodes = Math.max(nodes, await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(document.querySelectorAll('*').length)))));
  }
  const longest = Math.max(0, ...(await page.evaluate(() => globalThis.tasks)));
  if (process.env.VAULTIFY_TEST_VERBOSE) console.log(JSON.stringify({ nodes, longest }));
  assert.ok(nodes < NODES_MAX, `${nodes} nodes`);
  assert.ok(longest < TASK_MAX_MS * slowness, `busy for ${longest} ms`);
  await page.getByRole('button', { name: 'Latest messages' }).click();
  await sees(page, text(LONG));
});
