// Three people in three browsers: they chat, see each other type, read and leave, and find everything again after a reload.
import assert from 'node:assert/strict';
import { browserTest, openAs, openContext, signIn } from '../harness/browser.mjs';
import { begin, composer, log, messages, nameOf, online, open, reaches, reply, row, saying, sees, send, texts, types } from '../harness/page.mjs';
import { groupOf, makeDirect, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { until } from '../harness/suite.mjs';

const server = await startServer({ estates: 12, residents: 3, pictures: false, args: ['--presence-grace', '300ms'] });

/** Two residents with a direct conversation, each before it. */
async function twoTalking(t) {
  const [ann, ben] = server.estate().residents;
  await makeDirect(server, ann, ben);
  const [annPage, benPage] = await Promise.all([openAs(t, server, ann), openAs(t, server, ben)]);
  await Promise.all([open(annPage, nameOf(ben)), open(benPage, nameOf(ann))]);
  return { ann, ben, annPage, benPage };
}

browserTest('two people chat both ways, and each message is there once', async (t) => {
  const { annPage, benPage } = await twoTalking(t);
  await send(annPage, 'Good morning, line 1');
  await sees(benPage, 'line 1');
  await send(benPage, 'Good morning to you, line 2');
  await sees(annPage, 'line 2');
  await send(annPage, 'Is the gate open, line 3');
  await sees(benPage, 'line 3');
  for (const page of [annPage, benPage]) assert.deepEqual(await texts(page, /line \d/), ['line 1', 'line 2', 'line 3']);
  assert.equal(await saying(annPage, 'line 1').getAttribute('data-mine'), 'true');
  assert.equal(await saying(benPage, 'line 1').getAttribute('data-mine'), 'false');
});

browserTest('typing comes, and goes when the message is sent', async (t) => {
  const { ann, annPage, benPage } = await twoTalking(t);
  await composer(annPage).pressSequentially('I am wri');
  await types(benPage, ann.first).waitFor();
  await composer(annPage).fill('I am done');
  await composer(annPage).press('Enter');
  await sees(benPage, 'I am done');
  await types(benPage, ann.first).waitFor({ state: 'detached' });
});

browserTest('typing goes by itself when nobody types any more', async (t) => {
  const { ann, annPage, benPage } = await twoTalking(t);
  await composer(annPage).pressSequentially('Hm');
  await types(benPage, ann.first).waitFor();
  await types(benPage, ann.first).waitFor({ state: 'detached' });
});

browserTest('a message is sent, then delivered, then read', async (t) => {
  const [ann, ben] = server.estate().residents;
  const conversation = await makeDirect(server, ann, ben);
  await rest(server, ann, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { content: 'Before' } });
  const annPage = await openAs(t, server, ann);
  await open(annPage, nameOf(ben));
  await send(annPage, 'Are you there?');
  await reaches(annPage, 'Are you there?', 'sent');
  const benPage = await openAs(t, server, ben); // signed in, but elsewhere
  await reaches(annPage, 'Are you there?', 'delivered');
  await open(benPage, nameOf(ann));
  await reaches(annPage, 'Are you there?', 'read');
});

browserTest('a second device sees what the first one does', async (t) => {
  const { ann, ben, annPage } = await twoTalking(t);
  const second = await openAs(t, server, ann);
  await open(second, nameOf(ben));
  await send(annPage, 'From my phone');
  await sees(second, 'From my phone');
  assert.equal(await saying(second, 'From my phone').getAttribute('data-mine'), 'true');
  await send(second, 'From my tablet');
  await sees(annPage, 'From my tablet');
});

browserTest('one is online while one device is open, and not after the last is closed', async (t) => {
  const [ann, ben] = server.estate().residents;
  await makeDirect(server, ann, ben);
  const annPage = await openAs(t, server, ann);
  await open(annPage, nameOf(ben));
  const here = annPage.getByRole('main').getByText('Online', { exact: true });
  await annPage.getByRole('main').getByText('Not online').waitFor();

  const phone = await openContext(t);
  const tablet = await openContext(t);
  await signIn(await phone.newPage(), server, ben);
  await signIn(await tablet.newPage(), server, ben);
  await here.waitFor();
  await phone.close();
  await send(annPage, 'Still here?'); // behind what the server has to say of the phone
  await reaches(annPage, 'Still here?', 'delivered', 'read');
  assert.ok(await here.isVisible());
  await tablet.close();
  await annPage.getByRole('main').getByText('Not online').waitFor();
});

browserTest('what is unread is counted in the list until it is read', async (t) => {
  const [ann, ben] = server.estate().residents;
  const conversation = await makeDirect(server, ben, ann);
  for (const content of ['One', 'Two', 'Three']) {
    await rest(server, ben, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { content } });
  }
  const annPage = await openAs(t, server, ann);
  await annPage.getByRole('link', { name: /3 unread messages/ }).waitFor();
  const benPage = await openAs(t, server, ben);
  await open(benPage, nameOf(ann));
  await send(benPage, 'Four');
  await annPage.getByRole('link', { name: /4 unread messages/ }).waitFor();
  await open(annPage, nameOf(ben));
  await annPage.getByText('New messages', { exact: true }).waitFor();
  await until(async () => !/unread/.test(await row(annPage, nameOf(ben)).innerText()), 'the count to go');
  await annPage.getByRole('link', { name: /unread message/ }).first().waitFor({ state: 'detached' });
});

browserTest('a new direct conversation and a new group, by picking residents', async (t) => {
  const [ann, ben, cleo] = server.estate().residents;
  const [annPage, benPage, cleoPage] = await Promise.all([ann, ben, cleo].map((user) => openAs(t, server, user)));
  await begin(annPage, [ben]);
  await send(annPage, 'Only for you');
  await open(benPage, nameOf(ann));
  await sees(benPage, 'Only for you');

  await begin(annPage, [ben, cleo], 'Garden club');
  await send(annPage, 'Who waters on Sunday?');
  for (const page of [benPage, cleoPage]) {
    await open(page, 'Garden club');
    await sees(page, 'Who waters on Sunday?');
  }
  await send(cleoPage, 'I do');
  await sees(annPage, 'I do');
  assert.equal(await row(cleoPage, nameOf(ann)).count(), 0, 'nobody else sees the direct conversation');
});

browserTest('a reply shows what it answers, on both sides', async (t) => {
  const { annPage, benPage } = await twoTalking(t);
  await send(annPage, 'Shall we meet at five?');
  await sees(benPage, 'Shall we meet at five?');
  await reply(benPage, 'Shall we meet at five?', 'Gladly');
  for (const page of [annPage, benPage]) await saying(page, 'Gladly').filter({ hasText: 'Shall we meet at five?' }).waitFor();
});

browserTest('links can be followed and tell nothing to where they lead', async (t) => {
  const { annPage, benPage } = await twoTalking(t);
  await send(annPage, 'See https://example.org/gate?a=1&b=2. And javascript:alert(1) and data:text/html,x');
  await sees(benPage, 'See https');
  const links = saying(benPage, 'See https').getByRole('link');
  assert.equal(await links.count(), 1);
  assert.equal(await links.getAttribute('href'), 'https://example.org/gate?a=1&b=2');
  assert.equal(await links.getAttribute('target'), '_blank');
  for (const word of ['noopener', 'noreferrer']) assert.match(await links.getAttribute('rel'), new RegExp(word));
});

browserTest('a reload keeps everything: the place, the messages, what was being written', async (t) => {
  const { ben, annPage, benPage } = await twoTalking(t);
  for (const n of [1, 2, 3, 4, 5]) await send(annPage, `kept ${n}`);
  await sees(benPage, 'kept 5');
  await reaches(annPage, 'kept 5', 'read');
  await annPage.reload();
  await annPage.getByRole('heading', { name: nameOf(ben), exact: true }).waitFor();
  await sees(annPage, 'kept 5');
  await online(annPage);
  assert.deepEqual(await texts(annPage, /kept \d/), ['kept 1', 'kept 2', 'kept 3', 'kept 4', 'kept 5']);
  await send(benPage, 'after the reload');
  await sees(annPage, 'after the reload');
});

browserTest("the estate's group is there for everybody, and messages are grouped by who wrote them", async (t) => {
  const { residents, admin } = server.estate();
  const title = (await rest(server, admin, 'GET', `/messaging/conversations/${await groupOf(server, admin)}`)).title;
  const [annPage, benPage] = await Promise.all([openAs(t, server, residents[0]), openAs(t, server, residents[1])]);
  await Promise.all([open(annPage, title), open(benPage, title)]);
  await send(annPage, 'first of two');
  await reaches(annPage, 'first of two', 'sent', 'delivered', 'read');
  await send(annPage, 'second of two');
  await sees(benPage, 'second of two');
  assert.equal(await log(benPage).getByText(nameOf(residents[0]), { exact: true }).count(), 1, 'the name stands once');
  assert.equal(await messages(benPage).count(), 2);
  await benPage.getByRole('separator').filter({ hasText: 'Today' }).waitFor();
});
