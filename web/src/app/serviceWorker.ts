/** The page's side of its service worker: registering it, going where a notification leads, and taking a new version. */

const URL_OF_WORKER = '/sw.js';

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(text: string): string },
  ): { createScriptURL(text: string): string };
}

/** The policy of the server's Content-Security-Policy lets this one address through, and nothing else. */
function trusted(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('vaultify', {
    createScriptURL(text) {
      if (text !== URL_OF_WORKER) throw new TypeError(`${text} is no script of this page`);
      return text;
    },
  });
  return policy ? policy.createScriptURL(url) : url;
}

/** Once: a policy is made once. */
let registering: Promise<ServiceWorkerRegistration> | null = null;

function pageLoaded(): Promise<unknown> {
  if (document.readyState === 'complete') return Promise.resolve();
  return new Promise((loaded) => addEventListener('load', loaded, { once: true }));
}

/** After the page has come up, so that it does not wait for files that it does not need yet. */
export async function registerServiceWorker(onNewVersion: () => void): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  navigator.serviceWorker.addEventListener('message', openPlace);
  await pageLoaded();
  const registration = await (registering ??= navigator.serviceWorker.register(trusted(URL_OF_WORKER)));
  const look = () => {
    // The first version has nothing to take the place of.
    if (registration.waiting && navigator.serviceWorker.controller) onNewVersion();
  };
  look();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
}

function openPlace(event: MessageEvent): void {
  const data = event.data as { type?: unknown; place?: unknown } | null;
  if (data?.type === 'vaultify:open' && typeof data.place === 'string') location.hash = data.place;
}

/** Loads the page anew as soon as the version that waits has taken over. */
export async function takeNewVersion(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  if (registration?.waiting) registration.waiting.postMessage({ type: 'vaultify:activate' });
  else location.reload();
}
