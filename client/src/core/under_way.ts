/** Requests whose answers are on their way, and what happens meanwhile: an answer may have been made before it. */
import type { Clock, Conversation } from './conversation.js';

/** What is kept of one conversation that is not known yet. */
const HEARD_MAX = 1_000;

type Act = (conversation: Conversation) => void;

/** What is kept, by conversation, goes with the last answer. */
export class UnderWay implements Clock {
  private begun = 0;
  private waiting = 0;
  private came = new Map<string, Set<number>>();
  private heard = new Map<string, Act[]>();
  private left = new Map<string, number>();

  get now(): number {
    return this.begun;
  }

  /** A request, which `work` gets the number of. */
  async asking<T>(work: (begun: number) => Promise<T>): Promise<T> {
    this.waiting++;
    try {
      return await work(++this.begun);
    } finally {
      if (--this.waiting === 0) this.allAnswered();
    }
  }

  private allAnswered(): void {
    this.came = new Map();
    this.heard = new Map();
    this.left = new Map();
  }

  // ---- messages of others ----

  note(id: string, seq: number): void {
    if (this.waiting === 0) return;
    const seqs = this.came.get(id) ?? new Set<number>();
    this.came.set(id, seqs.add(seq));
  }

  /** The seqs that came. */
  noted(id: string): ReadonlySet<number> {
    return this.came.get(id) ?? NONE;
  }

  // ---- what was heard of one that is not known yet ----

  /** False: there is too much of it. Without an answer on its way nothing is kept: whoever asks next hears of it. */
  keep(id: string, act: Act): boolean {
    if (this.waiting === 0) return true;
    const acts = this.heard.get(id) ?? [];
    if (acts.length >= HEARD_MAX) return false;
    acts.push(act);
    this.heard.set(id, acts);
    return true;
  }

  /** It is known now. */
  tell(conversation: Conversation): void {
    for (const act of this.heard.get(conversation.id) ?? []) act(conversation);
    this.heard.delete(conversation.id);
  }

  // ---- those that I went out of ----

  /** Who asked up to then gets it no more. */
  leave(id: string, when = this.begun): void {
    if (this.waiting > 0) this.left.set(id, Math.max(when, this.left.get(id) ?? 0));
  }

  /** Was this asked for before I went out of it? */
  hasLeft(id: string, begun: number): boolean {
    return begun <= (this.left.get(id) ?? 0);
  }
}

const NONE: ReadonlySet<number> = new Set();
