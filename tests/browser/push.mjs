// Pushes in the page: switched on and off in the settings, and shown by its service worker. A push service is out of reach
// here, so the browser's subscription is a stand-in's, and the push itself is handed to the worker by the browser's tools.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { browserTest, openAs, openContext, signIn } from '../harness/browser.mjs';
import { nameOf, settings } from '../harness/page.mjs';
import { makeDirect, rest } from '../harness/rest.mjs';
import { command, startServer, temporaryFolder } from '../harness/server.mjs';
import { until } from '../harness/suite.mjs';

const data = temporaryFolder();
await command(['vapid-keys', '--subject', 'mailto:push@example.org', '--data', data]);
const server = await startServer({ data, estates: 6, residents: 2, pictures: false });
const without = await startServer({ estates: 1, residents: 1, pictures: false });

const notifications = async (page) => (await settings(page)).getByRole('switch', { name: 'Notifications' });
const devices = async (user) => (await rest(server, user, 'GET', '/notifications/devices')).length;

/** A browser whose push service answers at once; its subscription is one that the server takes. */
async function withPushService(context) {
  const keys = createECDH('prime256v1');
  const subscription = {
    endpoint: `https://fcm.googleapis.com/fcm/send/${randomBytes(12).toString('hex')}`,
    expirationTime: null,
    keys: { p256dh: keys.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  };
  await context.addInitScript((fields) => {
    let current = null;
    const made = (options) => ({ ...fields, options, toJSON: () => fields, unsubscribe: async () => ((current = null), true) });
    PushManager.prototype.subscribe = async (options) => (current = made({ applicationServerKey: options.applicationServerKey.buffer }));
    PushManager.prototype.getSubscription = async () => current;
  }, subscription);
  await context.grantPermissions(['notifications'], { origin: server.url });
}

browserTest('notifications are switched on, registered, and switched off', async (t) => {
  const user = server.estate().residents[0];
  const context = await openContext(t);
  await withPushService(context);
  const page = await signIn(await context.newPage(), server, user);
  const toggle = await notifications(page);
  assert.equal(await devices(user), 0);
  await toggle.click();
  await until(async () => (await devices(user)) === 1, 'the device to be registered');
  await until(() => toggle.isChecked(), 'the switch to be on');
  await toggle.click();
  await until(async () => (await devices(user)) === 0, 'the device to be forgotten');
  await until(async () => !(await toggle.isChecked()), 'the switch to be off');
});

browserTest('signing out takes the device back', async (t) => {
  const user = server.estate().residents[0];
  const context = await openContext(t);
  await withPushService(context);
  const page = await signIn(await context.newPage(), server, user);
  await (await notifications(page)).click();
  await until(async () => (await devices(user)) === 1, 'the device to be registered');
  await page.getByRole('dialog', { name: 'Settings' }).getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('textbox', { name: 'Access token' }).waitFor();
  await until(async () => (await devices(user)) === 0, 'the device to be forgotten');
});

browserTest('where they cannot come, the switch is off and says why', async (t) => {
  const page = await openAs(t, without, without.estate().residents[0]);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const toggle = await notifications(page);
  await page.getByText('does not offer notifications').waitFor();
  assert.equal(await toggle.isChecked(), false);
  assert.equal(await toggle.isDisabled(), true);
  await page.getByRole('combobox', { name: 'Time zone' }).waitFor(); // the answer after that
  assert.equal(asked.filter((path) => path === '/notifications/vapid-public-key').length, 1, 'all parts of the settings ask once');
});

/**
 * The page's worker: `push` gives it a push as if it had come, `shown` is what it has asked the browser to show, `click` is a
 * press on the last of those. (What the browser says it shows is not asked: asking while it begins to show one makes it forget it.)
 */
async function workerOf(page) {
  const context = page.context();
  const session = await context.newCDPSession(page);
  const registered = new Promise((done) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && done(registrations[0].registrationId));
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  await worker.evaluate(() => {
    self.shown = [];
    const show = self.registration.showNotification;
    self.registration.showNotification = (title, options) => {
      self.shown.push({ title, ...options });
      return show.call(self.registration, title, options);
    };
  });
  const send = (data) => session.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data });
  return {
    push: (push) => send(typeof push === 'string' ? push : JSON.stringify(push)),
    shown: () => worker.evaluate(() => self.shown.map(({ title, body, tag, requireInteraction }) => ({ title, body, tag, requireInteraction }))),
    click: () =>
      worker.evaluate(() => {
        const event = new Event('notificationclick');
        const { data } = self.shown.at(-1);
        self.dispatchEvent(Object.assign(event, { notification: { data, close() {} }, waitUntil: (work) => work.catch(() => {}) }));
      }),
  };
}

browserTest('the service worker shows a push: one a conversation, and an emergency for itself', async (t) => {
  const [ann, ben] = server.estate().residents;
  const conversationId = await makeDirect(server, ann, ben);
  const context = await openContext(t);
  await context.grantPermissions(['notifications'], { origin: server.url });
  const page = await signIn(await context.newPage(), server, ben);
  const { push, shown } = await workerOf(page);
  for (const text of ['First', 'Second']) await push({ title: nameOf(ann), body: text, type: 'message', conversationId, messageId: crypto.randomUUID(), seq: 1, badge: 1 });
  const messageId = crypto.randomUUID();
  await push({ title: 'Emergency', body: 'Fire in block B', type: 'emergency', conversationId, messageId });
  await until(async () => (await shown()).length === 3, async () => `three; ${JSON.stringify(await shown())}`);
  assert.deepEqual(await shown(), [
    { title: nameOf(ann), body: 'First', tag: conversationId, requireInteraction: false },
    { title: nameOf(ann), body: 'Second', tag: conversationId, requireInteraction: false },
    { title: 'Emergency', body: 'Fire in block B', tag: messageId, requireInteraction: true },
  ]);
});

browserTest('a press on what is shown opens its conversation in the page that is there', async (t) => {
  const [ann, ben] = server.estate().residents;
  const conversationId = await makeDirect(server, ann, ben);
  const context = await openContext(t);
  await context.grantPermissions(['notifications'], { origin: server.url });
  const page = await signIn(await context.newPage(), server, ben);
  const { push, shown, click } = await workerOf(page);
  await push({ title: nameOf(ann), body: 'Look', type: 'message', conversationId, messageId: crypto.randomUUID(), seq: 1, badge: 1 });
  await until(async () => (await shown()).length === 1, 'it to be shown');
  await click();
  await page.getByRole('heading', { name: nameOf(ann), exact: true }).waitFor();
  await push({ title: 'Water', body: 'Off', type: 'broadcast', conversationId, messageId: crypto.randomUUID() });
  await until(async () => (await shown()).length === 2, 'it to be shown');
  await click();
  await page.getByRole('heading', { name: 'Announcements' }).waitFor();
});

browserTest('a push that cannot be read is shown as one, and nothing in it runs', async (t) => {
  const context = await openContext(t);
  await context.grantPermissions(['notifications'], { origin: server.url });
  const page = await signIn(await context.newPage(), server, server.estate().residents[0]);
  const { push, shown } = await workerOf(page);
  await push('not JSON');
  await push({ title: '<img src=x onerror=alert(1)>', body: '<script>alert(1)</script>', conversationId: 'javascript:alert(1)' });
  await until(async () => (await shown()).length === 2, 'both to be shown');
  const [unread, hostile] = await shown();
  assert.equal(unread.title, 'Vaultify Messaging');
  assert.deepEqual([hostile.title, hostile.body, hostile.tag], ['<img src=x onerror=alert(1)>', '<script>alert(1)</script>', undefined]);
});
