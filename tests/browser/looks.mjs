// The page at every size, in both colours and both languages, by keyboard alone and for a screen reader; and pictures of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { browserTest, DESKTOP, NARROW, openAs, openPage, permitFailedRequests, PHONE, picture, TABLET } from '../harness/browser.mjs';
import { composer, emergency, isTooWide, list, log, messages, reaches, row, saying, sees, send, settings } from '../harness/page.mjs';
import { groupOf, makeDirect, makeGroup, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { until } from '../harness/suite.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// ---- an estate as one is ----

const server = await startServer({ args: ['--demo'] });
const person = async (first, last) => {
  const answer = await fetch(`${server.url}/demo/users`);
  const found = (await answer.json()).data.find((user) => user.first_name === first && user.last_name === last);
  return { id: found.user_id, first, last, token: found.token, estateId: found.estate_id };
};
const [ada, samuel, rita, tunde, grace, omar] = await Promise.all(
  [['Ada', 'Okafor'], ['Samuel', 'Bright'], ['Rita', 'Mensah'], ['Tunde', 'Balogun'], ['Grace', 'Kimani'], ['Omar', 'Haddad']].map((name) => person(...name)),
);
const say = (user, conversation, content, more) => rest(server, user, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { content, ...more } });
const broadcast = (user, content, type) => rest(server, user, 'POST', `/messaging/estate/${user.estateId}/broadcast`, { status: 201, body: { content, type } });

const group = await groupOf(server, ada);
const direct = await makeDirect(server, rita, tunde);
const garden = await makeGroup(server, rita, [grace, omar, tunde], 'Garden club');
await say(samuel, group, 'The north gate is open again.');
await say(grace, group, 'Thank you! The queue was long this morning.');
await broadcast(ada, 'The water is off on Thursday from two to four, while the pump is repaired.', 'maintenance');
await say(omar, garden, 'مرحبا جميعا، من يسقي الحديقة يوم الأحد؟');
await say(tunde, garden, 'I can, before nine.');
const asked = await say(tunde, direct, 'Did the parcel come? The courier wrote that it lies at https://example.org/parcels/4711');
await say(rita, direct, 'It did, I took it in for you. It is the large one with the blue label, and it was heavier than it looks, so bring the trolley.', { reply_to_message_id: asked.message_id });
await say(rita, direct, 'Come by after six 🙂');
await say(tunde, direct, 'Perfect, thanks!');

// ---- what is looked at ----

const shown = { direct: (page) => page.goto(`${server.url}/#/c/${direct}`), group: (page) => page.goto(`${server.url}/#/c/${group}`), garden: (page) => page.goto(`${server.url}/#/c/${garden}`) };
/** What has been drawn is what one sees: letters are there, and a frame has passed. */
const quiet = (page) => page.evaluate(() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))));

/** Each view: its name, and how Rita comes there. */
const VIEWS = [
  ['list', async (page) => page.goto(`${server.url}/#/`)],
  ['direct', async (page) => (await shown.direct(page), sees(page, 'Perfect'))],
  ['estate-group', async (page) => (await shown.group(page), sees(page, 'north gate'))],
  ['arabic-text', async (page) => (await shown.garden(page), sees(page, 'before nine'))],
  ['announcements', async (page) => (await page.goto(`${server.url}/#/announcements`), page.getByRole('main').getByText('The water is off').first().waitFor())],
];
const DIALOGS = [
  ['new-conversation', async (page) => {
    await page.goto(`${server.url}/#/`);
    await page.getByRole('button', { name: newConversation }).first().click();
    await page.getByRole('dialog').getByRole('checkbox').first().waitFor();
  }],
  ['settings', async (page) => {
    await page.goto(`${server.url}/#/`);
    await page.getByRole('button', { name: settingsName }).click();
    await page.getByRole('dialog').waitFor();
  }],
];
const newConversation = /^(New conversation|محادثة جديدة)$/;
const settingsName = /^(Settings|الإعدادات)$/;

/** Sizes, colours and languages that are looked at. */
const LOOKS = [
  { look: 'desktop-light', viewport: DESKTOP, colorScheme: 'light' },
  { look: 'desktop-dark', viewport: DESKTOP, colorScheme: 'dark' },
  { look: 'phone-light', viewport: PHONE, colorScheme: 'light', hasTouch: true, isMobile: true },
  { look: 'phone-dark', viewport: PHONE, colorScheme: 'dark', hasTouch: true, isMobile: true },
  { look: 'phone-ar', viewport: PHONE, colorScheme: 'light', hasTouch: true, isMobile: true, arabic: true },
  { look: 'desktop-ar', viewport: DESKTOP, colorScheme: 'light', arabic: true },
  { look: 'tablet-light', viewport: TABLET, colorScheme: 'light' },
];

/** What axe finds that keeps somebody from using the page. */
async function grave(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.help}\n    ${violation.nodes.slice(0, 4).map((node) => node.html.slice(0, 200)).join('\n    ')}`);
}

async function inArabic(page) {
  const dialog = await settings(page);
  await dialog.getByRole('radio', { name: 'العربية' }).check();
  await page.locator('html[dir="rtl"][lang="ar"]').waitFor({ state: 'attached' });
  await page.keyboard.press('Escape');
}

async function lookAt(page, name, failures) {
  await quiet(page);
  await picture(page, name);
  failures.push(...(await grave(page)).map((found) => `${name}: ${found}`));
  if (await isTooWide(page)) failures.push(`${name}: it can be moved sideways`);
}

for (const { look, arabic, ...options } of LOOKS) {
  browserTest(`every view as ${look}: nothing that axe calls serious, nothing to move sideways`, { limitMs: 100_000 }, async (t) => {
    const failures = [];
    const page = await openAs(t, server, rita, { reducedMotion: 'reduce', ...options });
    if (arabic) await inArabic(page);
    for (const [name, show] of [...VIEWS, ...DIALOGS]) {
      await show(page);
      await lookAt(page, `${name}-${look}`, failures);
      if (await page.getByRole('dialog').count()) await page.keyboard.press('Escape');
    }
    assert.deepEqual(failures, []);
  });
}

browserTest('signing in and announcing, as axe sees them', async (t) => {
  const failures = [];
  for (const colorScheme of ['light', 'dark']) {
    const page = await openPage(t, { colorScheme, viewport: PHONE });
    await page.goto(server.url);
    await page.getByRole('group', { name: 'Demo users' }).waitFor();
    await lookAt(page, `sign-in-phone-${colorScheme}`, failures);
    await page.getByRole('button', { name: 'Ada Okafor, Admin' }).click();
    await page.getByRole('link', { name: 'Announcements' }).click();
    await page.getByRole('textbox', { name: 'Announcement', exact: true }).waitFor();
    await lookAt(page, `announcing-phone-${colorScheme}`, failures);
  }
  assert.deepEqual(failures, []);
});

browserTest('an emergency, as axe sees it', async (t) => {
  const failures = [];
  const other = await startServer({ estates: 1, pictures: false });
  const { admin, residents } = other.estate();
  await rest(other, admin, 'POST', `/messaging/estate/${admin.estateId}/broadcast`, { status: 201, body: { content: 'Fire in block B. Leave by the north gate.\nDo not use the lifts.', type: 'emergency' } });
  for (const [look, options] of [['desktop-light', { viewport: DESKTOP }], ['phone-dark', { viewport: PHONE, colorScheme: 'dark' }]]) {
    const page = await openPage(t, options);
    permitFailedRequests(page);
    await page.goto(other.url);
    await page.getByRole('textbox', { name: 'Access token' }).fill(residents[0].token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await emergency(page).waitFor();
    await lookAt(page, `emergency-${look}`, failures);
  }
  assert.deepEqual(failures, []);
});

browserTest('at 320 pixels nothing has to be moved sideways', async (t) => {
  const page = await openAs(t, server, rita, { viewport: NARROW });
  for (const [name, show] of [...VIEWS, ...DIALOGS]) {
    await show(page);
    await quiet(page);
    await picture(page, `${name}-narrow`);
    assert.equal(await isTooWide(page), false, name);
    if (await page.getByRole('dialog').count()) await page.keyboard.press('Escape');
  }
});

browserTest('on a phone one sees the list or a conversation, and comes back', async (t) => {
  const page = await openAs(t, server, tunde, { viewport: PHONE, hasTouch: true, isMobile: true });
  await row(page, 'Rita Mensah').tap();
  await sees(page, 'Perfect');
  assert.equal(await list(page).isVisible(), false);
  await send(page, 'From the bus');
  await reaches(page, 'From the bus', 'sent', 'delivered', 'read');
  await page.getByRole('link', { name: 'Back' }).tap();
  await list(page).waitFor();
  await log(page).waitFor({ state: 'detached' });
});

browserTest("what is the estate's own is marked, and no title can do the same", async (t) => {
  const estateGroup = (await rest(server, rita, 'GET', `/messaging/conversations/${group}`)).title;
  const titles = ['Announcements', 'Emergency', 'Estate group', `${estateGroup} 🏠`];
  const fakes = await Promise.all(titles.map((title) => makeGroup(server, rita, [tunde], title)));
  const page = await openAs(t, server, tunde);
  const marks = (within) => within.getByRole('img', { name: /^(Estate group|From the estate)$/ });
  for (const id of fakes) assert.equal(await marks(page.locator(`[data-conversation-id="${id}"]`)).count(), 0);
  await marks(page.locator(`[data-conversation-id="${group}"]`)).waitFor();
  await marks(page.getByRole('link', { name: 'Announcements From the estate' })).waitFor();
  for (const [place, title, count] of [[`c/${group}`, estateGroup, 1], ['announcements', 'Announcements', 1], ...fakes.map((id, i) => [`c/${id}`, titles[i], 0])]) {
    await page.goto(`${server.url}/#/${place}`);
    const main = page.getByRole('main');
    await main.getByRole('heading', { name: title, exact: true }).waitFor();
    assert.equal(await marks(main).count(), count, place);
  }
  await inArabic(page);
  await page.goto(`${server.url}/#/c/${group}`);
  await page.getByRole('main').getByRole('img', { name: 'مجموعة المجمّع' }).waitFor();
});

browserTest('dark and light follow the system, and the choice goes before it', async (t) => {
  const page = await openAs(t, server, grace, { colorScheme: 'dark' });
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await background();
  assert.notEqual(dark, light);
  const theme = (await settings(page)).getByRole('radiogroup', { name: 'Theme' });
  await theme.getByRole('radio', { name: 'Dark' }).check();
  await until(async () => (await background()) === dark, 'the dark theme');
  await page.reload();
  await list(page).waitFor();
  assert.equal(await background(), dark, 'it is kept');
});

browserTest('in Arabic the page runs from right to left, and stays so', async (t) => {
  const page = await openAs(t, server, omar);
  await inArabic(page);
  const nav = page.getByRole('navigation').first();
  await nav.waitFor();
  const [side, main] = [await nav.boundingBox(), await page.getByRole('main').boundingBox()];
  assert.ok(side.x > main.x, 'the list is at the right');
  const direction = (field) => field.evaluate((element) => getComputedStyle(element).direction);
  const search = page.getByRole('searchbox');
  assert.equal(await direction(search), 'rtl', 'what stands there before one writes');
  await search.fill('Rita');
  assert.equal(await direction(search), 'ltr', 'English, as one writes it');
  await search.fill('');
  await page.goto(`${server.url}/#/c/${garden}`);
  const field = page.getByRole('main').getByRole('textbox');
  await field.waitFor();
  assert.equal(await direction(field), 'rtl');
  await page.reload();
  await page.locator('html[dir="rtl"][lang="ar"]').waitFor({ state: 'attached' });
});

/** How far what a message says is from when it says so, in pixels: Infinity where no line of it stands beside. */
const distance = (article) =>
  article.evaluate((element) => {
    const text = document.createRange();
    text.selectNode(element.querySelector('.message-text').firstChild);
    const time = element.querySelector('time').getBoundingClientRect();
    const beside = [...text.getClientRects()].filter((line) => line.top < time.bottom && line.bottom > time.top);
    return Math.min(...beside.map((line) => Math.max(time.left - line.right, line.left - time.right)), Infinity);
  });

browserTest('what a message says does not touch the time beside it, in whichever language it and the page are', async (t) => {
  const conversation = await makeGroup(server, rita, [omar], 'Both languages');
  const said = ['Ok', 'Ok there, said briefly', 'نعم', 'مرحبا جميعا', 'The gate بوابة الشمال', 'رقم ABC-123 وصل', '12:30', '👍'];
  for (const user of [rita, omar]) for (const text of said) await say(user, conversation, text);
  for (const viewport of [PHONE, DESKTOP]) {
    const page = await openAs(t, server, omar, { viewport });
    for (const turn of [null, inArabic]) {
      await turn?.(page);
      await page.goto(`${server.url}/#/c/${conversation}`);
      await until(async () => (await messages(page).count()) >= 2 * said.length, 'all messages');
      await quiet(page);
      for (const article of await messages(page).all()) {
        const far = await distance(article);
        assert.ok(far >= 8, `${far} pixels: ${viewport.width} wide, ${turn ? 'Arabic' : 'English'}: ${await article.innerText()}`);
      }
      await page.goto(`${server.url}/#/`);
    }
  }
});

// ---- the keyboard ----

/** Presses Tab until what has the focus is the wanted one. */
async function tabTo(page, locator, limit = 60) {
  const focused = () => locator.evaluate((element) => element === document.activeElement || element.contains(document.activeElement)).catch(() => false);
  for (let i = 0; i < limit; i++) {
    if (await focused()) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`not reached by ${limit} times Tab: ${locator}`);
}

browserTest('by keyboard alone: sign in, open, write, reply', async (t) => {
  const page = await openPage(t);
  await page.goto(server.url);
  await page.getByRole('group', { name: 'Demo users' }).waitFor();
  await tabTo(page, page.getByRole('textbox', { name: 'Access token' }));
  await page.keyboard.insertText(tunde.token);
  await page.keyboard.press('Enter');
  await row(page, 'Rita Mensah').waitFor();
  await tabTo(page, row(page, 'Rita Mensah'));
  await page.keyboard.press('Enter');
  await composer(page).waitFor();
  await tabTo(page, composer(page));
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await reaches(page, 'By keyboard', 'sent', 'delivered', 'read');
  const reply = saying(page, 'Perfect').getByRole('button', { name: 'Reply', exact: true });
  for (let i = 0; i < 80 && !(await reply.evaluate((element) => element === document.activeElement)); i++) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await until(() => composer(page).evaluate((element) => element === document.activeElement), 'the focus to be where one writes');
  await page.keyboard.type('Answered by keyboard');
  await page.keyboard.press('Enter');
  await saying(page, 'Answered by keyboard').filter({ hasText: 'Perfect' }).waitFor();
});

browserTest('by keyboard alone: announce, and begin a conversation', async (t) => {
  const page = await openAs(t, server, ada);
  await tabTo(page, page.getByRole('link', { name: 'Announcements' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('textbox', { name: 'Announcement', exact: true }));
  await page.keyboard.type('Announced by keyboard');
  await tabTo(page, page.getByRole('button', { name: 'Announce', exact: true }));
  await page.keyboard.press('Enter');
  await page.getByRole('main').getByRole('listitem').filter({ hasText: 'Announced by keyboard' }).waitFor();

  for (let i = 0; i < 60 && !(await page.getByRole('button', { name: 'New conversation' }).first().evaluate((element) => element === document.activeElement)); i++) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New conversation' });
  await tabTo(page, dialog.getByRole('checkbox', { name: 'Grace Kimani' }));
  await page.keyboard.press('Space');
  await tabTo(page, dialog.getByRole('button', { name: 'Start', exact: true }));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Grace Kimani', exact: true }).waitFor();
});

browserTest('a dialog keeps the focus, and gives it back', async (t) => {
  const page = await openAs(t, server, grace);
  const button = page.getByRole('button', { name: 'Settings' });
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  await dialog.waitFor();
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab');
    const outside = await dialog.evaluate((element) => document.activeElement !== document.body && !element.contains(document.activeElement));
    assert.equal(outside, false);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await until(() => button.evaluate((element) => element === document.activeElement), 'the focus to be back');
});
