/** A browser's subscription to Web Push: looked for, made, made anew, ended. */

export interface PushPlace {
  /** Of the script that shows what is pushed. */
  serviceWorkerUrl: string;
  /** The server's public key, base64url. */
  publicKey: string;
}

export function pushIsSupported(): boolean {
  return (
    typeof navigator !== 'undefined' &&
    'serviceWorker' in navigator &&
    'PushManager' in globalThis &&
    'Notification' in globalThis
  );
}

/** The subscription that the browser has for this server; made when there is none, or one for another key. */
export async function subscribe({ serviceWorkerUrl, publicKey }: PushPlace): Promise<PushSubscription> {
  const { pushManager } = await activated(await registered(serviceWorkerUrl));
  const key = bytesOf(publicKey);
  const present = await pushManager.getSubscription();
  if (present && isFor(present, key)) return present;
  await present?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** The endpoint of the subscription that has ended; null: there was none. */
export async function unsubscribe(serviceWorkerUrl: string): Promise<string | null> {
  const registration = await navigator.serviceWorker.getRegistration(serviceWorkerUrl);
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return null;
  await subscription.unsubscribe();
  return subscription.endpoint;
}

/** One that the page has registered by itself is taken as it is: under Trusted Types the page alone can do that. */
async function registered(serviceWorkerUrl: string): Promise<ServiceWorkerRegistration> {
  const { serviceWorker } = navigator;
  return (await serviceWorker.getRegistration(serviceWorkerUrl)) ?? serviceWorker.register(serviceWorkerUrl);
}

/** A subscription needs an active worker; a new one is first installed. */
function activated(registration: ServiceWorkerRegistration): Promise<ServiceWorkerRegistration> {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return Promise.resolve(registration);
  return new Promise((resolve, reject) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve(registration);
      if (worker.state === 'redundant') reject(new Error('The service worker could not be installed'));
    });
  });
}

function isFor(subscription: PushSubscription, key: Uint8Array): boolean {
  const present = subscription.options.applicationServerKey;
  if (!present) return true; // a browser that does not tell
  const bytes = new Uint8Array(present);
  return bytes.length === key.length && bytes.every((byte, i) => byte === key[i]);
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
