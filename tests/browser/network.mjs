// The network goes away and comes back, in every way it can: nothing is lost, nothing is doubled, and the page says how it stands.
import assert from 'node:assert/strict';
import { browserTest, openAs, permitFailedRequests } from '../harness/browser.mjs';
import { composer, connection, nameOf, online, open, reaches, sees, send, texts } from '../harness/page.mjs';
import { history, makeDirect, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { until, within } from '../harness/suite.mjs';
import { cuttable } from '../harness/wire_cut.mjs';

const OPTIONS = { estates: 6, residents: 2, pictures: false };
const RECONNECT_MS = within(20_000); // the client's pause between attempts doubles
const server = await startServer(OPTIONS);

/** Ann's page, by `near` where that is another address of the server, in her conversation with Ben. */
async function annWithBen(t, at = server, near = at) {
  const [ann, ben] = at.estate().residents;
  const conversation = await makeDirect(at, ann, ben);
  const page = await openAs(t, near, ann);
  permitFailedRequests(page);
  await open(page, nameOf(ben));
  await send(page, 'note 1');
  await reaches(page, 'note 1', 'sent', 'delivered');
  const benSends = (content, by = at) => rest(by, ben, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { content } });
  /** What the server has, which is what everybody else sees. */
  const stored = async (by = at) => (await history(by, ben, conversation)).map((message) => message.content);
  return { page, benSends, stored };
}

const back = (page) => connection(page, 'online').waitFor({ state: 'attached', timeout: RECONNECT_MS });

/** Both sides have the same notes in the same order, none twice. */
async function assertNotes(page, stored, wanted) {
  await sees(page, wanted.at(-1));
  for (const note of wanted) await reaches(page, note, 'sent', 'delivered', 'read');
  assert.deepEqual(await stored(), wanted);
  assert.deepEqual(await texts(page, /note \d/), wanted);
}

browserTest('the device is offline: what is written waits, and goes out once when it is back', async (t) => {
  const { page, benSends, stored } = await annWithBen(t);
  await page.context().setOffline(true);
  await connection(page, 'offline').waitFor();
  await page.getByText('You are offline').waitFor();
  for (const n of [3, 4, 5]) {
    await send(page, `note ${n}`);
    await reaches(page, `note ${n}`, 'queued');
  }
  await benSends('note 2');
  await page.context().setOffline(false);
  await back(page);
  await assertNotes(page, stored, ['note 1', 'note 2', 'note 3', 'note 4', 'note 5']);
});

browserTest('the wire is cut in the middle of writing, again and again', async (t) => {
  const wire = await cuttable(server);
  const { page, benSends, stored } = await annWithBen(t, server, wire);
  const wanted = ['note 1'];
  for (let n = 2; n <= 8; n += 2) {
    wire.cut();
    await composer(page).fill(`note ${n}`);
    await composer(page).press('Enter');
    await connection(page, 'reconnecting').waitFor();
    await reaches(page, `note ${n}`, 'queued');
    wire.mend();
    await back(page);
    await reaches(page, `note ${n}`, 'sent', 'delivered');
    await benSends(`note ${n + 1}`);
    await sees(page, `note ${n + 1}`);
    wanted.push(`note ${n}`, `note ${n + 1}`);
  }
  await assertNotes(page, stored, wanted);
});

browserTest('the wire is cut behind a message, before its answer is back', async (t) => {
  const wire = await cuttable(server);
  const { page, stored } = await annWithBen(t, server, wire);
  wire.hold(); // the server gets everything, and its answers get nowhere
  await send(page, 'note 2');
  await until(async () => (await stored()).length === 2, 'the server to have it');
  await reaches(page, 'note 2', 'queued');
  wire.cut();
  await connection(page, 'reconnecting').waitFor();
  wire.mend();
  await back(page);
  await assertNotes(page, stored, ['note 1', 'note 2']);
});

/** Reloads where there may be nothing to load the page from; the answer is where it was. */
async function reloadInVain(page) {
  const place = page.url();
  await page.reload().catch(() => {}); // the browser says so itself
  return place;
}

browserTest('written offline, reloaded offline, sent once when the network is back', async (t) => {
  const { page, stored } = await annWithBen(t);
  await page.context().setOffline(true);
  await connection(page, 'offline').waitFor();
  await send(page, 'note 2');
  await send(page, 'note 3');
  await reaches(page, 'note 3', 'queued');
  const place = await reloadInVain(page);
  await page.context().setOffline(false);
  await page.goto(place);
  await back(page);
  await assertNotes(page, stored, ['note 1', 'note 2', 'note 3']);
});

browserTest('the server is killed and comes back on the same port', async (t) => {
  const first = await startServer({ ...OPTIONS, estates: 1 });
  const { page, benSends, stored } = await annWithBen(t, first);
  await first.kill();
  await connection(page, 'reconnecting').waitFor();
  for (const n of [2, 3]) await send(page, `note ${n}`);
  await reaches(page, 'note 3', 'queued');
  const place = await reloadInVain(page);
  const second = await startServer({ data: first.data, port: first.port });
  // The browser's own error page may still be on its way, and takes the place of what comes before it.
  await until(() => page.goto(place).then(() => true, () => false), 'the page');
  await back(page);
  await sees(page, 'note 3');
  await benSends('note 4', second);
  await assertNotes(page, () => stored(second), ['note 1', 'note 2', 'note 3', 'note 4']);
});

browserTest('the server is started anew: the page comes back by itself', async (t) => {
  const first = await startServer({ ...OPTIONS, estates: 1 });
  const { page, benSends, stored } = await annWithBen(t, first);
  await first.stop();
  await connection(page, 'reconnecting').waitFor();
  await send(page, 'note 2');
  const second = await startServer({ data: first.data, port: first.port });
  await back(page);
  await reaches(page, 'note 2', 'sent', 'delivered');
  await benSends('note 3', second);
  await assertNotes(page, () => stored(second), ['note 1', 'note 2', 'note 3']);
});
