/** Values that can be read and watched: rebuilt when somebody reads them, told to their listeners once a task. */
import type { Readable } from './types.js';

/** Gathers what changed during a task, and tells all of it in one go at the task's end. */
export class Pulse {
  private readonly waiting = new Set<() => void>();

  after(tell: () => void): void {
    if (this.waiting.size === 0) queueMicrotask(() => this.beat());
    this.waiting.add(tell);
  }

  private beat(): void {
    const due = [...this.waiting];
    this.waiting.clear();
    for (const tell of due) tell();
  }
}

/** A listener that throws must not keep the others from hearing of the change: it fails on its own. */
function call(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

export class Cell<T> implements Readable<T> {
  private stale = true;
  private told: T;
  private readonly listeners = new Set<() => void>();

  /** `build` makes the value anew from what it shows; it returns the previous one when nothing in it has changed. */
  constructor(
    private readonly pulse: Pulse,
    private value: T,
    private readonly build: (previous: T) => T,
    private readonly onWatched: (watched: boolean) => void = () => {},
  ) {
    this.told = value;
  }

  readonly get = (): T => {
    if (this.stale) {
      this.stale = false;
      this.value = this.build(this.value);
    }
    return this.value;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = () => listener();
    const first = this.listeners.size === 0;
    if (first) this.told = this.get();
    this.listeners.add(own);
    if (first) this.onWatched(true);
    return () => {
      if (this.listeners.delete(own) && this.listeners.size === 0) this.onWatched(false);
    };
  };

  get watched(): boolean {
    return this.listeners.size > 0;
  }

  /** Something that it shows may have changed. */
  touch(): void {
    this.stale = true;
    if (this.watched) this.pulse.after(this.tell);
  }

  private readonly tell = (): void => {
    const value = this.get();
    if (Object.is(value, this.told)) return;
    this.told = value;
    for (const listener of [...this.listeners]) call(listener);
  };
}
