// Announcements reach everybody, and an emergency stays in front of everything until it has been seen.
import assert from 'node:assert/strict';
import { browserTest, openAs } from '../harness/browser.mjs';
import { announce, composer, emergency, nameOf, open, row } from '../harness/page.mjs';
import { makeDirect, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { until } from '../harness/suite.mjs';

const server = await startServer({ estates: 6, residents: 2, pictures: false });

const announced = (page, text) => page.getByRole('list', { name: 'Announcements' }).getByRole('listitem').filter({ hasText: text });
const toAnnouncements = (page) => page.getByRole('link', { name: 'Announcements' }).click();
const alarm = (admin, content) => rest(server, admin, 'POST', `/messaging/estate/${admin.estateId}/broadcast`, { status: 201, body: { content, type: 'emergency' } });

browserTest('an announcement arrives in all three browsers', async (t) => {
  const { admin, residents } = server.estate();
  await makeDirect(server, residents[0], residents[1]);
  const [adminPage, annPage, benPage] = await Promise.all([admin, ...residents].map((user) => openAs(t, server, user)));
  await toAnnouncements(annPage);
  await open(benPage, nameOf(residents[0]));
  await announce(adminPage, 'Water is off from two to four', 'Maintenance');
  for (const page of [annPage, adminPage]) await announced(page, 'Water is off').filter({ hasText: 'Maintenance' }).filter({ hasText: nameOf(admin) }).waitFor();
  await benPage.getByRole('status').filter({ hasText: 'Water is off' }).waitFor(); // who looks elsewhere is told
  await toAnnouncements(benPage);
  await announced(benPage, 'Water is off').waitFor();
  assert.equal(await announced(benPage, 'Water is off').count(), 1);
  await benPage.reload();
  await announced(benPage, 'Water is off').waitFor();
});

browserTest('residents have no place to announce; admins and security have', async (t) => {
  const { admin, security, residents } = server.estate();
  for (const [user, may] of [[admin, 1], [security, 1], [residents[0], 0]]) {
    const page = await openAs(t, server, user);
    await toAnnouncements(page);
    await page.getByRole('heading', { name: 'Announcements' }).waitFor();
    await until(async () => (await page.getByRole('textbox', { name: 'Announcement', exact: true }).count()) === may, `${user.role} to have ${may}`);
  }
});

browserTest('an emergency covers everything, outlives a reload, and goes only when it is acknowledged', async (t) => {
  const { admin, residents } = server.estate();
  const [ann, ben] = residents;
  await makeDirect(server, ann, ben);
  const [adminPage, annPage, benPage] = await Promise.all([admin, ann, ben].map((user) => openAs(t, server, user)));
  await open(annPage, nameOf(ben));
  await composer(annPage).pressSequentially('I was just writing');
  await announce(adminPage, 'Fire in block B. Leave by the north gate.', 'Emergency');
  for (const page of [annPage, benPage]) await emergency(page).filter({ hasText: 'north gate' }).waitFor();

  for (let i = 0; i < 3; i++) await annPage.keyboard.press('Escape');
  await annPage.keyboard.press('Enter'); // who was typing has not seen it by that
  await annPage.keyboard.press('Space');
  assert.ok(await emergency(annPage).isVisible());
  await annPage.reload();
  await emergency(annPage).filter({ hasText: 'north gate' }).waitFor();
  await emergency(annPage).getByRole('button', { name: 'I have seen this' }).click();
  await emergency(annPage).waitFor({ state: 'detached' });
  await annPage.reload();
  await row(annPage, nameOf(ben)).waitFor();
  await composer(annPage).waitFor();
  assert.equal(await emergency(annPage).count(), 0);
  assert.ok(await emergency(benPage).isVisible(), "what Ann has seen, Ben has not");
});

browserTest('an emergency from before one came is shown when one signs in; several are seen one by one', async (t) => {
  const { admin, residents } = server.estate();
  await alarm(admin, 'The first alarm');
  await alarm(admin, 'The second alarm');
  const page = await openAs(t, server, residents[0]);
  for (const left of [2, 1]) {
    await emergency(page).waitFor();
    const text = await emergency(page).innerText();
    assert.equal(/alarm/.test(text), true);
    if (left === 2) assert.match(text, /1 more emergency/);
    await emergency(page).getByRole('button', { name: 'I have seen this' }).click();
    if (left === 2) await until(async () => (await emergency(page).innerText()) !== text, 'the next one');
  }
  await emergency(page).waitFor({ state: 'detached' });
});
