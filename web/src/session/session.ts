/** Who is signed in on this device, and where that is kept: for this tab, or until signing out. */

export interface Session {
  token: string;
  userId: string;
  /** For what is said before the server is reached. */
  name: string;
  /** Kept after the browser is closed. */
  stay: boolean;
}

/** One of the browser's two stores; a browser may forbid both. */
export function storageOf(session: Session): Storage | null {
  return storage(session.stay ? 'localStorage' : 'sessionStorage');
}

const KEY = 'vaultify.session';

function storage(name: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[name];
  } catch {
    return null;
  }
}

function isSession(value: unknown): value is Session {
  const fields = value as Partial<Record<keyof Session, unknown>> | null;
  return (
    typeof fields?.token === 'string' &&
    typeof fields.userId === 'string' &&
    typeof fields.name === 'string' &&
    typeof fields.stay === 'boolean'
  );
}

function readFrom(store: Storage | null): Session | null {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? 'null');
    return isSession(value) ? value : null;
  } catch {
    return null;
  }
}

/** This tab's own goes before the one that all tabs share. */
export function readSession(): Session | null {
  return readFrom(storage('sessionStorage')) ?? readFrom(storage('localStorage'));
}

/** Where nothing can be kept, one is signed in until the page is left. */
export function keepSession(session: Session): void {
  try {
    storageOf(session)?.setItem(KEY, JSON.stringify(session));
  } catch {
    // Full or forbidden.
  }
}

/** `listener` hears when another tab signs in, out, or renews the token. */
export function watchOtherTabs(listener: () => void): () => void {
  const changed = (event: StorageEvent) => {
    if (event.key === KEY || event.key === null) listener();
  };
  addEventListener('storage', changed);
  return () => removeEventListener('storage', changed);
}

/** What begins so belongs to a user; what the page remembers of itself begins with `vaultify.page.`. */
const OF_A_USER = /^vaultify(?!\.page\.)/;

function removeFrom(store: Storage | null): void {
  if (!store) return;
  const keys = Array.from({ length: store.length }, (_, i) => store.key(i));
  for (const key of keys) if (key !== null && OF_A_USER.test(key)) store.removeItem(key);
}

/** The token, drafts, and all that the client keeps: the outbox, what was acknowledged, this device's name for pushes. */
export function forgetSession(session: Session): void {
  removeFrom(storageOf(session));
  removeFrom(storage('sessionStorage'));
}
