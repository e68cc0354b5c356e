// The page as a person finds it: its places and parts by the names that they have for everybody.
import { until } from './suite.mjs';

// ---- the list ----

export const list = (page) => page.getByRole('navigation', { name: 'Conversations' });

const startsWith = (text) => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);

export const row = (page, title) => list(page).getByRole('link', { name: startsWith(title) });

/** Opens a conversation from the list. */
export async function open(page, title) {
  await row(page, title).click();
  await page.getByRole('heading', { name: title, exact: true }).waitFor();
  await log(page).waitFor();
}

// ---- a conversation ----

export const log = (page) => page.getByRole('main').getByRole('log');
export const messages = (page) => log(page).getByRole('article');
/** The messages that say this. */
export const saying = (page, text) => messages(page).filter({ hasText: text });
export const composer = (page) => page.getByRole('textbox', { name: 'Message', exact: true });

export async function send(page, text) {
  await composer(page).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

export const sees = (page, text) => saying(page, text).first().waitFor();

export const stateOf = (page, text) => saying(page, text).first().getAttribute('data-state');

/** Until my message has come so far: sent, delivered or read. */
export async function reaches(page, text, ...states) {
  let last;
  await until(
    async () => states.includes((last = (await saying(page, text).count()) ? await stateOf(page, text) : 'not there')),
    () => `"${text}" to be ${states.join(' or ')}; it is ${last}`,
  );
}

/** What the messages say, in their order, of those whose text matches. */
export const texts = async (page, pattern) => (await messages(page).allInnerTexts()).map((text) => pattern.exec(text)?.[0]).filter(Boolean);

export async function reply(page, text, answer) {
  await saying(page, text).first().hover();
  await saying(page, text).first().getByRole('button', { name: 'Reply', exact: true }).click();
  await send(page, answer);
}

export const types = (page, name) => page.getByRole('status').filter({ hasText: new RegExp(`${name}.* typing`) });

// ---- the connection ----

export const connection = (page, status) => page.locator(`[data-connection="${status}"]`);
export const online = (page) => connection(page, 'online').waitFor({ state: 'attached' });

// ---- people ----

/** Begins a conversation by the dialog; `title` for a group. */
export async function begin(page, people, title) {
  await page.getByRole('button', { name: 'New conversation' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New conversation' });
  for (const person of people) {
    await dialog.getByRole('searchbox', { name: 'Search residents' }).fill(person.last);
    await dialog.getByRole('checkbox', { name: nameOf(person) }).check();
  }
  if (title) await dialog.getByRole('textbox', { name: 'Group name' }).fill(title);
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('heading', { name: title ?? nameOf(people[0]), exact: true }).waitFor();
}

export const nameOf = (user) => `${user.first} ${user.last}`;

// ---- announcements ----

export async function announce(page, text, kind) {
  await page.getByRole('link', { name: 'Announcements' }).click();
  await page.getByRole('textbox', { name: 'Announcement', exact: true }).fill(text);
  if (kind) await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: kind });
  await page.getByRole('button', { name: 'Announce', exact: true }).click();
  if (kind === 'Emergency') await page.getByRole('button', { name: 'Alert everyone' }).click();
}

export const emergency = (page) => page.getByRole('alertdialog', { name: 'Emergency' });

// ---- settings ----

export async function settings(page) {
  await page.getByRole('button', { name: 'Settings' }).click();
  return page.getByRole('dialog', { name: 'Settings' });
}

// ---- looks ----

/** Whether the page can be moved sideways, which nobody should have to do. */
export const isTooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
