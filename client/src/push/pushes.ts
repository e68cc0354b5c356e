/** Pushes to this browser: whether they can come, whether they do, and switching them on and off. */
import type { Preferences, PushState, Readable, VaultifyClient } from '../core/index.js';
import { forgetDevice, rememberDevice, rememberedDevice } from './remembered.js';
import { pushIsSupported, subscribe, unsubscribe } from './subscription.js';

/** What a service worker posts to its pages when the browser has changed the subscription. */
const SUBSCRIPTION_CHANGED = 'vaultify:subscription-changed';

export interface Pushes {
  readonly state: Readable<PushState>;
  /** Looks what is so now, and keeps looking until the answer is called. */
  watch(): () => void;
  enable(): Promise<void>;
  disable(): Promise<void>;
  setPreferences(change: Partial<Preferences>): Promise<void>;
}

const AT_FIRST: PushState = { permission: 'default', enabled: false, preferences: null };

export function createPushes(client: VaultifyClient, serviceWorkerUrl: string): Pushes {
  const listeners = new Set<() => void>();
  let state = AT_FIRST;
  let publicKey: string | null = null;
  let watchers = 0;
  let ends: (() => void)[] = [];

  const change = (fields: Partial<PushState>) => {
    state = { ...state, ...fields };
    for (const listener of [...listeners]) listener();
  };
  const permission = (): PushState['permission'] =>
    publicKey === null || !pushIsSupported() ? 'unsupported' : Notification.permission;

  /** Registers this browser, or tells the server again that it is there: it forgets devices that never say so. */
  const register = async (userId: string) => {
    if (publicKey === null) throw new Error('This server sends no Web Push');
    const subscription = await subscribe({ serviceWorkerUrl, publicKey });
    const fields = { ...subscription.toJSON() };
    await client.rest.request('POST /notifications/devices', {
      body: { platform: 'web', subscription: fields, deviceId: rememberDevice(userId) },
    });
    change({ enabled: true, permission: permission() });
  };

  const look = async () => {
    const me = client.connection.get().me;
    if (!me) return;
    publicKey = pushIsSupported() ? await publicKeyOf(client) : null;
    change({ permission: permission(), preferences: await preferencesOf(client) });
    if (state.permission === 'granted' && rememberedDevice(me.user_id) !== null) await register(me.user_id);
    else change({ enabled: false });
  };

  /** Without an answer nothing is known anew: the next reconnect looks again. */
  const lookAgain = () => void look().catch(() => {});

  return {
    state: {
      get: () => state,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },

    watch() {
      if (watchers++ === 0)
        ends = [onOnline(client, lookAgain), onSubscriptionChanged(lookAgain), onPermissionChanged(lookAgain)];
      return () => {
        if (--watchers === 0) ends.forEach((end) => end());
      };
    },

    async enable() {
      if (!pushIsSupported()) return change({ permission: 'unsupported' });
      // First of all: a browser asks only while it handles a press of the user's.
      await Notification.requestPermission();
      publicKey ??= await publicKeyOf(client);
      change({ permission: permission() });
      const me = client.connection.get().me;
      if (state.permission === 'granted' && me) await register(me.user_id);
    },

    async disable() {
      forgetDevice();
      change({ enabled: false });
      const endpoint = pushIsSupported() ? await unsubscribe(serviceWorkerUrl) : null;
      if (endpoint !== null) {
        await client.rest.request('DELETE /notifications/devices/:token', { params: { token: endpoint } });
      }
    },

    async setPreferences(fields) {
      change({
        preferences: await client.rest.request('PUT /notifications/preferences', { body: fields }),
      });
    },
  };
}

/** Null: this server sends no Web Push. */
async function publicKeyOf(client: VaultifyClient): Promise<string | null> {
  try {
    return (await client.rest.request('GET /notifications/vapid-public-key')).publicKey;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'webpush_off') return null;
    throw error;
  }
}

function preferencesOf(client: VaultifyClient): Promise<Preferences> {
  return client.rest.request('GET /notifications/preferences');
}

function onOnline(client: VaultifyClient, run: () => void): () => void {
  let was = false;
  const look = () => {
    const is = client.connection.get().status === 'online';
    if (is && !was) run();
    was = is;
  };
  look();
  return client.connection.subscribe(look);
}

function onSubscriptionChanged(run: () => void): () => void {
  if (!pushIsSupported()) return () => {};
  const hear = (event: MessageEvent) => {
    if ((event.data as { type?: unknown } | null)?.type === SUBSCRIPTION_CHANGED) run();
  };
  navigator.serviceWorker.addEventListener('message', hear);
  return () => navigator.serviceWorker.removeEventListener('message', hear);
}

/** People change it in the browser's own settings, too. */
function onPermissionChanged(run: () => void): () => void {
  if (!pushIsSupported() || !('permissions' in navigator)) return () => {};
  let ended = false;
  let status: PermissionStatus | null = null;
  navigator.permissions.query({ name: 'notifications' }).then(
    (found) => {
      if (ended) return;
      status = found;
      status.addEventListener('change', run);
    },
    () => {}, // a browser that does not tell
  );
  return () => {
    ended = true;
    status?.removeEventListener('change', run);
  };
}
