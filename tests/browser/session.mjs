// Signing in and out: by a token, as one of the demo's people, for this tab or for longer; and what is said when a token ends.
import assert from 'node:assert/strict';
import { browserTest, openAs, openContext, openPage, permitFailedRequests, picture, signIn } from '../harness/browser.mjs';
import { signToken } from '../harness/jwt.mjs';
import { announce, composer, connection, list, nameOf, online, open, reaches, row, send, settings } from '../harness/page.mjs';
import { makeDirect } from '../harness/rest.mjs';
import { SECRET, startServer } from '../harness/server.mjs';
import { until, within } from '../harness/suite.mjs';

const server = await startServer({ estates: 8, residents: 2, pictures: false });
const demo = await startServer({ args: ['--demo'] });

const tokenBox = (page) => page.getByRole('textbox', { name: 'Access token' });
const submit = (page) => page.getByRole('button', { name: 'Sign in', exact: true }).click();
const kept = (page) => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));

browserTest('in demo mode one picks who one is', async (t) => {
  const page = await openPage(t);
  await page.goto(demo.url);
  const people = page.getByRole('group', { name: 'Demo users' });
  await people.getByRole('button', { name: 'Rita Mensah, Resident' }).waitFor();
  await picture(page, 'sign-in-demo-desktop');
  await people.getByRole('button', { name: 'Ada Okafor, Admin' }).click();
  await list(page).waitFor();
  await announce(page, 'Welcome, everybody');
  await page.getByRole('listitem').filter({ hasText: 'Welcome, everybody' }).filter({ hasText: 'Ada Okafor' }).waitFor();
});

browserTest('without --demo there is nobody to pick, and nothing went wrong', async (t) => {
  const page = await openPage(t);
  permitFailedRequests(page); // GET /demo/users is 404 there
  await page.goto(server.url);
  await tokenBox(page).waitFor();
  assert.equal(await page.getByRole('group', { name: 'Demo users' }).count(), 0);
});

browserTest('a token that is no good is refused in words', async (t) => {
  const { residents, suspended } = server.estate();
  const refused = [
    ['nonsense', /not valid/],
    [signToken('another secret, which the server does not know', { sub: residents[0].id }), /not valid/],
    [signToken(SECRET, { sub: residents[0].id, lifetimeS: -60 }), /expired/],
    [signToken(SECRET, { sub: suspended.id }), /not active/],
  ];
  const page = await openPage(t);
  permitFailedRequests(page);
  await page.goto(server.url);
  for (const [token, reason] of refused) {
    await tokenBox(page).fill(token);
    await submit(page);
    await page.getByText(reason).waitFor();
  }
  assert.ok(!(await kept(page)).includes('eyJ'), 'none of them is kept');
});

browserTest('one is signed in for this tab alone, unless one wants to stay', async (t) => {
  const user = server.estate().residents[0];
  for (const stay of [false, true]) {
    const context = await openContext(t);
    const page = await signIn(await context.newPage(), server, user, { stay });
    await page.reload();
    await list(page).waitFor();
    const other = await context.newPage();
    permitFailedRequests(other);
    await other.goto(server.url);
    await (stay ? list(other) : tokenBox(other)).waitFor();
  }
});

browserTest('signing out forgets: the token, the messages that wait, the place', async (t) => {
  const [ann, ben] = server.estate().residents;
  await makeDirect(server, ann, ben);
  for (const stay of [false, true]) {
    const page = await openAs(t, server, ann, {}, { stay });
    permitFailedRequests(page);
    await open(page, nameOf(ben));
    await page.context().setOffline(true);
    await connection(page, 'offline').waitFor();
    await send(page, 'never to be sent');
    await reaches(page, 'never to be sent', 'queued');
    await (await settings(page)).getByRole('button', { name: 'Sign out' }).click();
    await tokenBox(page).waitFor();
    const rest = await kept(page);
    assert.ok(!rest.includes(ann.token), 'the token');
    assert.ok(!rest.includes('never to be sent'), 'the outbox');
    await page.context().setOffline(false);
    await page.goto(`${server.url}/`);
    await page.reload();
    await tokenBox(page).waitFor();
    assert.ok(!(await page.content()).includes(nameOf(ben)));
  }
});

const BRIEF_S = 15; // long enough to sign in with

browserTest('a token that ends is told, and a fresh one goes on with what waits', async (t) => {
  const [ann, ben] = server.estate().residents;
  await makeDirect(server, ann, ben);
  const brief = { ...ann, token: signToken(SECRET, { sub: ann.id, lifetimeS: BRIEF_S }) };
  const page = await openAs(t, server, brief);
  permitFailedRequests(page);
  await open(page, nameOf(ben));
  await connection(page, 'refused').waitFor({ timeout: within(2 * BRIEF_S * 1000) });
  await page.getByText(/Not connected: .*expired/).waitFor();
  await composer(page).fill('written meanwhile');
  await composer(page).press('Enter');
  await reaches(page, 'written meanwhile', 'queued');

  await page.getByRole('button', { name: 'Sign in again' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await tokenBox(dialog).fill(ben.token);
  await submit(dialog);
  await dialog.getByText(new RegExp(`belongs to ${nameOf(ben)}`)).waitFor();
  await tokenBox(dialog).fill(ann.token);
  await submit(dialog);
  await online(page);
  await reaches(page, 'written meanwhile', 'sent', 'delivered');
});

browserTest('a place in the address is where one is once signed in', async (t) => {
  const [ann, ben] = server.estate().residents;
  const conversation = await makeDirect(server, ann, ben);
  const page = await openAs(t, server, ann, {}, { place: `#/c/${conversation}` });
  await page.getByRole('heading', { name: nameOf(ben), exact: true }).waitFor();
  await row(page, nameOf(ben)).waitFor();
  await page.getByRole('link', { name: 'Announcements' }).click();
  await page.getByRole('heading', { name: 'Announcements' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: nameOf(ben), exact: true }).waitFor();
});

browserTest("a conversation of another estate is not there", async (t) => {
  const [mine, theirs] = [server.estate(), server.estate()];
  const foreign = await makeDirect(server, ...theirs.residents);
  const page = await openPage(t);
  permitFailedRequests(page); // 404 is what it gets
  await signIn(page, server, mine.residents[0], { place: `#/c/${foreign}` });
  await page.getByText('This conversation is not open to you').waitFor();
  await until(async () => !(await page.content()).includes(nameOf(theirs.residents[0])), 'no name of theirs');
});
