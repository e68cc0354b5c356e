// What people write is text: none of the payloads runs, loads or goes anywhere, wherever the page shows it.
import assert from 'node:assert/strict';
import { browserTest, openContext, openPage, permitFailedRequests, signIn } from '../harness/browser.mjs';
import { estateRecord, makeEstate, userRecord } from '../harness/estate.mjs';
import { signToken } from '../harness/jwt.mjs';
import { emergency, list, log, messages } from '../harness/page.mjs';
import { groupOf, makeGroup, rest } from '../harness/rest.mjs';
import { importRecords, SECRET, startServer, temporaryFolder } from '../harness/server.mjs';
import { until } from '../harness/suite.mjs';
import { PAYLOADS, PRINTABLE, TRAP } from '../harness/xss_payloads.mjs';

const server = await startServer({ data: temporaryFolder(), env: { VAULTIFY_RATE_LIMITS: 'off' } });
const NAMES = 60; // people an estate has here, each named by a payload

/** Fails the test when a payload has run. (That nothing was loaded from elsewhere, the harness sees.) */
async function trapped(context) {
  let runs = 0;
  await context.exposeBinding(TRAP, () => void runs++);
  return () => assert.equal(runs, 0, 'a payload ran');
}

/** Whatever a pointer and a focus could set off. */
async function provoke(page) {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('body *')) {
      for (const type of ['mouseover', 'pointerenter', 'mouseenter', 'focus']) element.dispatchEvent(new Event(type, { bubbles: true }));
    }
  });
}

/** Elements that nobody but a payload would have made. */
const foreign = (page) => page.locator('main iframe, main object, main embed, main script, main base, main form[action], main [onerror], main [onload], main [style*="url("], body > script:not([src])').count();

const unsafeLinks = (page) =>
  page.evaluate(() => [...document.querySelectorAll('a[href]')].map((a) => a.protocol).filter((protocol) => !['http:', 'https:', 'tel:', 'mailto:'].includes(protocol)));

async function importEstate({ name, users }) {
  const estate = makeEstate({ residents: 0, name, pictures: false });
  estate.users = users.map((user, i) => ({ ...estate.admin, id: crypto.randomUUID(), email: `${i}@${estate.id}.example`, ...user }));
  const done = await importRecords(server.data, [estateRecord(estate), ...estate.users.map(userRecord)]);
  assert.equal(done.code, 0, done.stderr);
  for (const user of estate.users) user.token = signToken(SECRET, { sub: user.id });
  return estate;
}

const post = (user, path, body) => rest(server, user, 'POST', path, { status: 201, body });

/** Looks at all that a conversation has, from its end to its beginning. */
async function readThrough(page, wanted) {
  const seen = new Set();
  await until(
    async () => {
      for (const id of await messages(page).evaluateAll((all) => all.map((one) => one.dataset.messageId))) seen.add(id);
      await provoke(page);
      if (seen.size < wanted) await log(page).evaluate((element) => (element.closest('[data-scroller]') ?? element).scrollBy(0, -element.clientHeight));
      return seen.size >= wanted;
    },
    () => `${wanted} messages to be seen; ${seen.size} were`,
    60_000,
  );
}

browserTest('the trap would be seen: a page that takes text for HTML falls into it', async (t) => {
  const context = await openContext(t);
  let runs = 0;
  await context.exposeBinding(TRAP, () => void runs++);
  const page = await context.newPage();
  permitFailedRequests(page);
  for (const payload of PAYLOADS.slice(12, 22)) await page.setContent(`<p>${payload}</p>`).catch(() => {});
  await until(() => runs > 0, 'a payload to run');
  context.faults.permit(/./);
});

browserTest('messages: content, kinds, metadata, replies, reactions, ids', { limitMs: 150_000 }, async (t) => {
  assert.ok(PAYLOADS.length >= 100);
  const estate = await importEstate({ name: 'Texts', users: [{ first: 'Ann', last: 'One' }, { first: 'Ben', last: 'Two' }] });
  const [ann, ben] = estate.users;
  const conversation = await makeGroup(server, ben, [ann], PRINTABLE[3]);
  const path = `/messaging/conversations/${conversation}/messages`;
  const kinds = ['image', 'file', 'voice', 'link_preview'];
  let last;
  for (const [i, payload] of PAYLOADS.entries()) {
    const metadata = { url: payload, name: payload, title: payload, [payload]: payload };
    last = await post(ben, path, { content: payload, client_message_id: PRINTABLE[i % PRINTABLE.length].slice(0, 30) + i, reply_to_message_id: last?.message_id });
    await post(ben, path, { type: kinds[i % kinds.length], content: payload, metadata });
    if (!/\s/.test(payload) && payload.length < 60) await rest(server, ben, 'POST', `/messaging/messages/${last.message_id}/reactions`, { body: { emoji: payload }, status: undefined }).catch(() => {});
  }
  const context = await openContext(t);
  const intact = await trapped(context);
  const page = await signIn(await context.newPage(), server, ann, { place: `#/c/${conversation}` });
  await messages(page).first().waitFor();
  await readThrough(page, 2 * PAYLOADS.length);
  assert.equal(await foreign(page), 0);
  assert.deepEqual(await unsafeLinks(page), []);
  intact();
});

browserTest('names of people, titles of conversations, the name of the estate, pictures', { limitMs: 150_000 }, async (t) => {
  for (const round of [0, 1]) {
    const some = PRINTABLE.slice(round * NAMES, round * NAMES + NAMES);
    const users = some.map((payload) => ({ first: payload, last: payload, picture: payload }));
    const estate = await importEstate({ name: some[0], users: [{ first: 'Ann', last: 'One' }, ...users] });
    const [ann, ...others] = estate.users;
    const group = await groupOf(server, ann);
    for (const [i, other] of others.entries()) {
      await post(other, `/messaging/conversations/${group}/messages`, { content: `from ${i}` });
      if (i % 6 === 0) await makeGroup(server, other, [ann], some[i]);
    }
    const context = await openContext(t);
    const intact = await trapped(context);
    context.faults.permit(/^request: https:\/\//); // pictures are on any https host
    const page = await signIn(await context.newPage(), server, ann);
    permitFailedRequests(page);
    context.faults.permit(/ERR_|img-src/);
    await provoke(page);
    await page.goto(`${server.url}/#/c/${group}`);
    await readThrough(page, others.length);
    await page.getByRole('button', { name: 'New conversation' }).first().click();
    await page.getByRole('dialog').getByRole('checkbox').first().waitFor();
    await provoke(page);
    assert.equal(await foreign(page), 0);
    assert.deepEqual(await unsafeLinks(page), []);
    intact();
  }
});

browserTest('announcements and emergencies', { limitMs: 150_000 }, async (t) => {
  const estate = await importEstate({ name: 'Announced', users: [{ first: 'Ada', last: 'Min' }, { first: 'Ann', last: 'One', role: 'Residence' }] });
  const [admin, ann] = estate.users;
  for (const [i, payload] of PAYLOADS.entries()) {
    await post(admin, `/messaging/estate/${estate.id}/broadcast`, { content: payload, type: i % 40 === 0 ? 'emergency' : 'security', metadata: { url: payload, [payload]: payload } });
  }
  const context = await openContext(t);
  const intact = await trapped(context);
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole('textbox', { name: 'Access token' }).fill(ann.token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await emergency(page).waitFor();
  for (let left = Math.ceil(PAYLOADS.length / 40); left > 0; left--) {
    await provoke(page);
    await page.getByRole('button', { name: 'I have seen this' }).click();
  }
  await list(page).waitFor();
  await page.getByRole('link', { name: 'Announcements' }).click();
  await page.getByRole('main').getByRole('listitem').first().waitFor();
  await provoke(page);
  assert.equal(await foreign(page), 0);
  assert.deepEqual(await unsafeLinks(page), []);
  intact();
});

browserTest('an address that is no place', async (t) => {
  const page = await openPage(t);
  permitFailedRequests(page);
  await page.goto(server.url);
  await page.exposeBinding(TRAP, () => assert.fail('it ran'));
  for (const payload of PAYLOADS.slice(0, 40)) {
    await page.evaluate((hash) => (location.hash = hash), `#/c/${payload}`);
    await page.evaluate((hash) => (location.hash = hash), `#${payload}`);
  }
  await page.getByRole('textbox', { name: 'Access token' }).waitFor();
});
