// Fingers on the page: what a tap does where there is a message under it.
import assert from 'node:assert/strict';
import { browserTest, openAs, PHONE } from '../harness/browser.mjs';
import { saying, sees } from '../harness/page.mjs';
import { makeDirect, rest } from '../harness/rest.mjs';
import { startServer } from '../harness/server.mjs';
import { until } from '../harness/suite.mjs';

const server = await startServer({ estates: 2, residents: 2, pictures: false });
const say = (user, conversation, content) => rest(server, user, 'POST', `/messaging/conversations/${conversation}/messages`, { status: 201, body: { content } });

const replying = (page) => page.getByRole('button', { name: 'Cancel the reply' });

/** Where a finger may come down on a message's row: x and y as parts of its width and height. */
const SPOTS = [0.03, 0.25, 0.4, 0.6, 0.97].flatMap((x) => [0.1, 0.6].map((y) => [x, y]));

for (const [device, isMobile] of [['a phone', true], ['a screen that knows fingers and a mouse', false]]) {
  browserTest(`on ${device} a tap upon a short message shows what can be done with it, and does none of it`, { limitMs: 100_000 }, async (t) => {
    const [other, user] = server.estate().residents;
    const conversation = await makeDirect(server, other, user);
    for (const [from, text] of [[other, 'Ok'], [other, 'Fine'], [user, 'Good'], [user, 'Thanks']]) await say(from, conversation, text);
    const page = await openAs(t, server, user, { viewport: PHONE, hasTouch: true, isMobile });
    await page.goto(`${server.url}/#/c/${conversation}`);
    await sees(page, 'Thanks');
    for (const text of ['Fine', 'Good']) {
      const line = saying(page, text).locator('.message-row');
      const isChosen = () => line.getAttribute('data-tools').then((value) => value === 'true');
      for (const [x, y] of SPOTS) {
        const box = await line.boundingBox();
        await page.touchscreen.tap(box.x + x * box.width, box.y + y * box.height);
        await until(isChosen, `${text} to be chosen at ${x}, ${y}`);
        await page.touchscreen.tap(195, 100); // where nothing stands
        await until(async () => !(await isChosen()), 'another tap to end it');
        assert.equal(await replying(page).count(), 0, `${text}: a reply was begun at ${x}, ${y}`);
      }
      const box = await line.boundingBox();
      await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
      await until(isChosen, `${text} to be chosen`);
      await line.getByRole('button', { name: 'Reply', exact: true }).tap();
      await replying(page).tap();
    }
  });
}
