/** The service worker: shows pushes, opens what they are about, and keeps the page's own files for when there is no network. */
import { notificationOf, placeOf, type PushData } from './notification';

const worker = self as unknown as ServiceWorkerGlobalScope;

/** Written in by the build: the page, and every file that it may ask for later. A new build is a new list. */
declare const __SHELL__: readonly string[];
declare const __SHELL_VERSION__: string;

const SHELL = __SHELL__;
const PREFIX = 'vaultify-shell-';
const CACHE = PREFIX + __SHELL_VERSION__;
const PAGE = '/';

// ---- the page's files: nothing else is ever kept, no answer of the server and no token ----

worker.addEventListener('install', (event) => {
  const fresh = SHELL.map((path) => new Request(path, { cache: path === PAGE ? 'reload' : 'default' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(dropOlder().then(() => worker.clients.claim()));
});

async function dropOlder(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
}

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || !SHELL.includes(url.pathname)) return;
  if (url.search !== '' || (url.pathname === PAGE && request.mode !== 'navigate')) return;
  event.respondWith(kept(url.pathname, request));
});

/** Page and files are always of the same build: a newer one waits until the page asks for it. */
async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

worker.addEventListener('message', (event) => {
  if ((event.data as { type?: unknown } | null)?.type === 'vaultify:activate') event.waitUntil(worker.skipWaiting());
});

// ---- pushes ----

worker.addEventListener('push', (event) => {
  const { title, options } = notificationOf(dataOf(event));
  event.waitUntil(worker.registration.showNotification(title, options));
});

/** A push that cannot be read is one all the same: the browser wants to see something for it. */
function dataOf(event: PushEvent): PushData {
  try {
    return (event.data?.json() as PushData | null) ?? {};
  } catch {
    return {};
  }
}

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(placeOf(event.notification.data as PushData | null)));
});

/** In a page that is open already, if there is one: nothing that is being written there is lost. */
async function open(place: string): Promise<void> {
  const windows = await worker.clients.matchAll({ type: 'window' });
  const pages = windows.filter((client) => new URL(client.url).pathname === PAGE); // not the one of the API
  const page = pages.find((client) => client.focused) ?? pages[0];
  if (!page) return void (await worker.clients.openWindow(PAGE + place));
  page.postMessage({ type: 'vaultify:open', place });
  await page.focus();
}

/** The page tells the server: it has the token. */
worker.addEventListener('pushsubscriptionchange', (event) => {
  (event as ExtendableEvent).waitUntil(
    worker.clients.matchAll({ type: 'window' }).then((pages) => {
      for (const page of pages) page.postMessage({ type: 'vaultify:subscription-changed' });
    }),
  );
});
