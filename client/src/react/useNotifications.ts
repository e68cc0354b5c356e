/** Push notifications on this browser, and the user's preferences for all devices. */
import { useEffect, useMemo } from 'react';
import type { Preferences, PushState, VaultifyClient } from '../core/index.js';
import { createPushes } from '../push/pushes.js';
import type { Pushes } from '../push/pushes.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

const SERVICE_WORKER_URL = '/sw.js';
const AT_FIRST: PushState = { permission: 'default', enabled: false, preferences: null };

export interface NotificationsOptions {
  /** The script that shows what is pushed; default '/sw.js'. */
  serviceWorkerUrl?: string;
}

export interface UseNotifications extends PushState {
  /** From a press of the user's: the browser asks for permission. Rejects when the server cannot be reached. */
  enable: () => Promise<void>;
  disable: () => Promise<void>;
  /** What is left out stays; null takes one back. */
  setPreferences: (change: Partial<Preferences>) => Promise<void>;
}

export function useNotifications(options: NotificationsOptions = {}): UseNotifications {
  const client = useVaultify();
  const { serviceWorkerUrl = SERVICE_WORKER_URL } = options;
  const pushes = useMemo(() => pushesOf(client, serviceWorkerUrl), [client, serviceWorkerUrl]);
  useEffect(() => pushes.watch(), [pushes]);
  const state = useReadable(pushes.state, AT_FIRST);
  return useMemo(
    () => ({
      ...state,
      enable: () => pushes.enable(),
      disable: () => pushes.disable(),
      setPreferences: (change) => pushes.setPreferences(change),
    }),
    [state, pushes],
  );
}

/** All components of a client look at the same. */
const pushesByClient = new WeakMap<VaultifyClient, Map<string, Pushes>>();

function pushesOf(client: VaultifyClient, serviceWorkerUrl: string): Pushes {
  const byUrl = pushesByClient.get(client) ?? new Map<string, Pushes>();
  const pushes = byUrl.get(serviceWorkerUrl) ?? createPushes(client, serviceWorkerUrl);
  pushesByClient.set(client, byUrl.set(serviceWorkerUrl, pushes));
  return pushes;
}
