/** The threads that are held: those that are watched, and a few that were, so that coming back shows them at once. */
import type { Pulse } from './cell.js';
import type { Rest } from './rest.js';
import { LOADING, Thread, type ThreadOwner } from './thread.js';
import type { ChatMessage, Readable, Thread as ThreadView, VaultifyError } from './types.js';

/** Threads that nobody watches: the least recently watched go first. */
const UNWATCHED_MAX = 20;
/** Threads that are caught up at a time: a user may read only so much at once. */
const AT_ONCE = 4;

export class Threads {
  /** The least recently watched first. */
  private readonly held = new Map<string, Thread>();
  private readonly owner: ThreadOwner;

  constructor(
    private readonly pulse: Pulse,
    private readonly rest: Rest,
    owner: Omit<ThreadOwner, 'watched'>,
  ) {
    this.owner = { ...owner, watched: (thread, watched) => this.watched(thread, watched) };
  }

  get(id: string): Thread | undefined {
    return this.held.get(id);
  }

  /** A handle that outlives what it shows: a thread that was dropped is held again when it is watched again. */
  readable(id: string): Readable<ThreadView> {
    return {
      get: () => this.held.get(id)?.cell.get() ?? LOADING,
      subscribe: (listener) => this.hold(id).cell.subscribe(listener),
    };
  }

  hold(id: string): Thread {
    const thread = this.held.get(id) ?? new Thread(id, this.pulse, this.rest, this.owner);
    this.held.delete(id);
    this.held.set(id, thread);
    return thread;
  }

  /** I was taken out of the conversation, or left it. */
  end(id: string, error: VaultifyError): void {
    const thread = this.held.get(id);
    if (thread?.cell.watched) thread.end(error);
    else this.drop(id);
  }

  private drop(id: string): void {
    this.held.get(id)?.close();
    this.held.delete(id);
  }

  close(): void {
    for (const thread of this.held.values()) thread.close();
  }

  async catchUp(): Promise<void> {
    const waiting = [...this.held.values()].reverse();
    const worker = async () => {
      for (let thread = waiting.shift(); thread; thread = waiting.shift()) await thread.catchUp();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** Wherever it is held. */
  find(messageId: string): ChatMessage | undefined {
    for (const thread of this.held.values()) {
      const message = thread.byId(messageId);
      if (message) return message;
    }
    return undefined;
  }

  /** Of a message wherever it is held. */
  change(messageId: string, change: (message: ChatMessage) => ChatMessage): void {
    for (const thread of this.held.values()) if (thread.change(messageId, change)) return;
  }

  private watched(thread: Thread, watched: boolean): void {
    if (!watched) {
      thread.unwatched();
      this.dropSome();
    } else if (thread.isReady) {
      thread.markUnread();
    } else {
      void thread.load();
    }
  }

  private dropSome(): void {
    const idle = [...this.held.values()].filter(({ cell }) => !cell.watched);
    for (const thread of idle.slice(0, Math.max(0, idle.length - UNWATCHED_MAX))) this.drop(thread.id);
  }
}
