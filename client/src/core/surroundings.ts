/** What the device says of itself where it can: that the network went or came, that the page is looked at, or goes. */
export interface Surroundings {
  networkLost?(): void;
  networkFound?(): void;
  shown?(): void;
  leaving?(): void;
  /** Another tab of this origin has written there; null: it has removed it. */
  stored?(key: string, value: string | null): void;
}

type Listener = (event: Event) => void;
interface Listens {
  addEventListener?: (name: string, listener: Listener) => void;
  removeEventListener?: (name: string, listener: Listener) => void;
}

/** Only a clear "no" counts: Node.js and React Native do not say. */
export const networkIsLost = () => typeof navigator !== 'undefined' && navigator.onLine === false;

/** Listens until the answer is called. Outside of browsers there is nothing to hear. */
export function listenAround(heard: Surroundings): () => void {
  const page: Listens = typeof document === 'undefined' ? {} : document;
  const onVisibility = () => {
    if (document.visibilityState === 'visible') heard.shown?.();
  };
  const onStorage = (event: Event) => {
    const { key, newValue } = event as StorageEvent;
    if (key !== null) heard.stored?.(key, newValue);
  };
  const rows: [Listens, string, Listener][] = [
    [globalThis, 'online', () => heard.networkFound?.()],
    [globalThis, 'offline', () => heard.networkLost?.()],
    [globalThis, 'pagehide', () => heard.leaving?.()],
    [globalThis, 'pageshow', () => heard.shown?.()],
    [globalThis, 'storage', onStorage],
    [page, 'visibilitychange', onVisibility],
  ];
  for (const [target, name, listener] of rows) target.addEventListener?.(name, listener);
  return () => {
    for (const [target, name, listener] of rows) target.removeEventListener?.(name, listener);
  };
}
