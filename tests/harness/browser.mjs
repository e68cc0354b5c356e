// Chromium for a file of tests: a context for each person, and everything that a page must never do ends the test.
//   VAULTIFY_CHROMIUM     the browser (default: Debian's)
//   VAULTIFY_SCREENSHOTS  a folder for the pictures that tests take (default: none are taken)
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { finally_, skip, test, within } from './suite.mjs';

const executablePath = process.env.VAULTIFY_CHROMIUM || '/usr/bin/chromium';
const screenshots = process.env.VAULTIFY_SCREENSHOTS;

export const DESKTOP = { width: 1280, height: 800 };
export const TABLET = { width: 820, height: 1180 };
export const PHONE = { width: 390, height: 844 };
export const NARROW = { width: 320, height: 640 };

// Nothing leaves this machine: no name resolves but the loopback's, and the browser's own errands are off.
const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

let launched = null;
const launch = () => (launched ??= chromium.launch({ executablePath, args: ARGS }));

finally_('the browser ends', async () => {
  if (launched) await (await launched).close();
});

/** A test that needs the browser; skipped where there is none. */
export function browserTest(name, options, fn) {
  if (existsSync(executablePath)) test(name, options, fn);
  else skip(name, `there is no ${executablePath}: install chromium, or set VAULTIFY_CHROMIUM`);
}

// ---- what a page must not do ----

// Said by the browser about a request that was refused or did not come through: the page has to live with that.
const FAILED_REQUEST = /Failed to load resource|WebSocket connection to .* failed/;

/** Gathers what went wrong in a context; `end` throws it. */
class Faults {
  #found = [];
  #permitted = [];

  /** What the test itself provokes: `pattern` is looked for in the fault's text. */
  permit(pattern) {
    this.#permitted.push(pattern);
  }

  add(text) {
    this.#found.push(text);
  }

  get all() {
    return this.#found.filter((text) => !this.#permitted.some((pattern) => pattern.test(text)));
  }

  end() {
    if (this.all.length) throw new Error(`the page did what it must not:\n${this.all.join('\n')}`);
  }
}

// Runs in each page before its own scripts.
function tellViolations() {
  addEventListener('securitypolicyviolation', (event) => {
    globalThis.tellViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
  });
}

// By these answers the page knows that a server has no demo, and that it sends no Web Push.
const NOT_HERE = /^console: .* 404 .*(\/demo\/users|\/notifications\/vapid-public-key)\)$/;

async function watch(context) {
  const faults = new Faults();
  faults.permit(NOT_HERE);
  await context.exposeBinding('tellViolation', (_, text) => faults.add(`CSP: ${text}`));
  await context.addInitScript(tellViolations);
  context.on('weberror', (error) => faults.add(`error: ${error.error().stack ?? error.error()}`));
  context.on('console', (message) => {
    if (message.type() === 'error') faults.add(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('dialog', (dialog) => {
    faults.add(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && hostname !== '127.0.0.1') faults.add(`request: ${request.url()}`);
  });
  return faults;
}

// ---- a person's browser ----

/**
 * A context of its own, as another person's browser or another device is. `options` are Playwright's; it is closed when the
 * test ends, which fails when a page did what it must not.
 */
export async function openContext(t, options = {}) {
  const browser = await launch();
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', timezoneId: 'UTC', ...options });
  context.setDefaultTimeout(within(20_000));
  context.faults = await watch(context);
  t.after(async () => {
    await context.close();
    context.faults.end();
  });
  return context;
}

/** A page in a context of its own. */
export const openPage = async (t, options) => (await openContext(t, options)).newPage();

/** For a test that provokes failing requests: a cut network, a refused token. */
export const permitFailedRequests = (page) => page.context().faults.permit(FAILED_REQUEST);

/** Signs in by the form; resolves when the list of conversations is there. */
export async function signIn(page, server, user, { stay = false, place = '' } = {}) {
  await page.goto(`${server.url}/${place}`);
  await page.getByRole('textbox', { name: 'Access token' }).fill(user.token);
  if (stay) await page.getByRole('checkbox', { name: 'Stay signed in' }).check();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Conversations' }).waitFor();
  return page;
}

/** A signed-in page in a context of its own. */
export const openAs = async (t, server, user, options, how) => signIn(await openPage(t, options), server, user, how);

/** Takes a picture where VAULTIFY_SCREENSHOTS says so. */
export async function picture(page, name) {
  if (!screenshots) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), animations: 'disabled' });
}
