/** What is kept over reloads: the app's storage behind a guard, and memory where that fails. */
import type { ClientOptions, ClientStorage } from './types.js';

/** A storage for one client alone, which forgets. */
export class MemoryStorage implements ClientStorage {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

/** `localStorage`, which may be missing, or throw when it is only looked at. */
function ownStorage(): ClientStorage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * Never throws. What the storage does not take (a quota, a private window) is kept in memory instead, and
 * `onWarning` hears of it the first time.
 */
export class Drawer {
  private readonly memory = new MemoryStorage();
  private readonly storage: ClientStorage | null;
  private warned = false;

  constructor(private readonly options: ClientOptions) {
    this.storage = options.storage === undefined ? ownStorage() : options.storage;
  }

  get(key: string): string | null {
    return this.memory.getItem(key) ?? this.guarded((storage) => storage.getItem(key), null);
  }

  /** False: it is in memory alone, and a reload forgets it. */
  set(key: string, value: string): boolean {
    const kept = this.guarded((storage) => (storage.setItem(key, value), true), false);
    if (kept) this.memory.removeItem(key);
    else this.memory.setItem(key, value);
    return kept;
  }

  remove(key: string): void {
    this.memory.removeItem(key);
    this.guarded((storage) => storage.removeItem(key), undefined);
  }

  keys(prefix: string): string[] {
    const stored = this.guarded(allKeys, []);
    return [...new Set([...stored, ...allKeys(this.memory)])].filter((key) => key.startsWith(prefix));
  }

  private guarded<T>(work: (storage: ClientStorage) => T, otherwise: T): T {
    if (!this.storage) return otherwise;
    try {
      return work(this.storage);
    } catch (error) {
      this.warn(error);
      return otherwise;
    }
  }

  private warn(error: unknown): void {
    if (this.warned) return;
    this.warned = true;
    const tell = this.options.onWarning ?? ((text: string) => console.warn(text));
    tell(
      `vaultify: the storage does not work, so unsent messages are lost when this page is closed (${String(error)})`,
    );
  }
}

function allKeys(storage: ClientStorage): string[] {
  const keys: string[] = [];
  for (let i = 0; i < storage.length; i++) {
    const key = storage.key(i);
    if (key !== null) keys.push(key);
  }
  return keys;
}
