/**
 * What I have written and the server has not stored yet: shown at once, kept over reloads, sent in order, once.
 *
 * Each entry is an item of its own in the storage, which all tabs of this origin share. Any of them may send it: the
 * one that does claims it for as long as an answer may take. Two that claim it at the same moment do no harm, as the
 * server stores a clientMessageId once.
 *
 *               send                    ack                    placed in the thread
 *     (nothing) ----> queued ----------------------> stored ----------------------> (gone)
 *                      ^  | refused for good
 *               resend |  v
 *                      failed ----------------------------------------------------> (gone)
 *                                                  discard
 */
import { Backoff } from './backoff.js';
import { asRequestError, isIdentityRefused, isTransient, plainError } from './error.js';
import type { Ack } from './link.js';
import { messageOfAck, messageOfWaiting } from './message.js';
import { newId, readEntry, type OutboxEntry } from './outbox_entry.js';
import type { Drawer } from './storage.js';
import type { ChatMessage, OutgoingMessage, Person, VaultifyError } from './types.js';

/** Entries, and bytes of all of them as they are written down: a fifth of what browsers give an origin. */
const ENTRIES_MAX = 500;
const BYTES_MAX = 1 << 20;
/** Of one entry: more than any server takes, and less than what ends a connection. */
const ENTRY_BYTES_MAX = 256 << 10;
const ACK_TIMEOUT_MS = 10_000;
/** A claim ends behind the answer that it waits for. */
const CLAIM_MS = ACK_TIMEOUT_MS + 5_000;
/** Between two attempts of one message that the server could not take now. */
const AGAIN_FIRST_MS = 500;
const AGAIN_MAX_MS = 30_000;
/** What the server fails at this often it will always fail at: it must not hold up what is behind it for ever. */
const INTERNAL_MAX = 5;

export interface OutboxOwner {
  ask(event: string, payload: object, timeoutMs: number): Promise<Ack>;
  connected(): boolean;
  me(): Person | null;
  /** The server has it: it belongs into its thread. */
  stored(message: ChatMessage): void;
  /** What is shown of this conversation has changed. */
  changed(conversationId: string): void;
}

interface Held {
  entry: OutboxEntry;
  bytes: number;
  /** Not before (ms since 1970). */
  notBefore: number;
  backoff: Backoff;
  /** How often the server has failed at it. */
  internals: number;
  shown: ChatMessage | null;
  /** Is it in the storage, so that other tabs can take it from there? */
  kept: boolean;
}

export class Outbox {
  private readonly held = new Map<string, Held>();
  private readonly sending = new Set<string>();
  private readonly tab = newId();
  private prefix: string | null = null;
  private bytes = 0;
  private order = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly drawer: Drawer,
    private readonly owner: OutboxOwner,
  ) {}

  // ---- whose it is ----

  /** From now on this user's entries are read and kept; what was written before that was known joins them. */
  open(prefix: string): void {
    if (this.prefix === prefix) return;
    this.prefix = prefix;
    for (const held of this.held.values()) this.keep(held);
    this.look();
  }

  /** Reads what other tabs, or this one before a reload, have left. */
  look(): void {
    const { prefix } = this;
    if (prefix === null) return;
    const found = this.drawer.keys(prefix).map((key) => readEntry(this.drawer.get(key)));
    const entries = found.filter((entry) => entry !== null && !this.held.has(entry.key)) as OutboxEntry[];
    for (const entry of entries.sort((a, b) => a.order - b.order)) this.take(entry);
  }

  /** Another tab has changed an item of the storage; null: it is gone, sent or discarded. */
  otherTab(key: string, value: string | null): void {
    if (this.prefix === null || !key.startsWith(this.prefix)) return;
    const entry = readEntry(value);
    const id = key.slice(this.prefix.length);
    if (entry) this.take(entry);
    else if (value === null) this.forget(id);
    if (entry) this.pumpAll();
  }

  private take(entry: OutboxEntry): void {
    this.order = Math.max(this.order, entry.order);
    const before = this.held.get(entry.key);
    const held = this.hold(entry, true);
    if (!before) return;
    // How long the server wants it left alone holds, whoever wrote it down: else two tabs would wake each other for ever.
    held.notBefore = before.notBefore;
    held.backoff = before.backoff;
    held.internals = before.internals;
  }

  /** The other tabs need not wait for what this one has claimed. */
  letGo(): void {
    for (const held of this.held.values()) {
      if (held.entry.claimedBy !== this.tab) continue;
      this.change(held, { claimedBy: null, claimedUntil: 0 });
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.letGo();
  }

  /** Everything that is not sent goes, from the storage, too. */
  clear(): void {
    for (const held of [...this.held.values()]) this.remove(held);
  }

  // ---- what the app does ----

  send(conversationId: string, message: OutgoingMessage): string {
    const entry: OutboxEntry = {
      key: newId(),
      conversationId,
      message,
      createdAt: new Date().toISOString(),
      order: (this.order = Math.max(this.order + 1, Date.now() * 1000)),
      error: null,
      claimedBy: null,
      claimedUntil: 0,
    };
    const error = this.noRoomFor(sizeOf(entry));
    const held = this.hold({ ...entry, error }, false);
    if (!error) this.keep(held);
    void this.pump(conversationId);
    return entry.key;
  }

  private noRoomFor(bytes: number): VaultifyError | null {
    if (bytes > ENTRY_BYTES_MAX) return TOO_LARGE;
    return this.held.size >= ENTRIES_MAX || this.bytes + bytes > BYTES_MAX ? OUTBOX_FULL : null;
  }

  resend(key: string): void {
    const held = this.held.get(key);
    if (!held) return;
    held.notBefore = 0;
    held.internals = 0;
    this.change(held, { error: null });
    if (!held.kept) this.keep(held);
    void this.pump(held.entry.conversationId);
  }

  discard(key: string): void {
    const held = this.held.get(key);
    if (!held) return;
    this.remove(held);
  }

  /** It stands in a thread now, from wherever that was learnt. */
  isStored(key: string | null): void {
    const held = key === null ? undefined : this.held.get(key);
    if (held) this.remove(held);
  }

  /** What waits for a conversation, as it is shown. */
  of(conversationId: string): ChatMessage[] {
    const all = [...this.held.values()].filter(({ entry }) => entry.conversationId === conversationId);
    all.sort((a, b) => a.entry.order - b.entry.order);
    return all.map((held) => (held.shown ??= messageOfWaiting(held.entry, this.owner.me())));
  }

  // ---- sending ----

  /** The connection is there. */
  resume(): void {
    for (const held of this.held.values()) held.notBefore = 0;
    this.look();
    this.pumpAll();
  }

  private pumpAll(): void {
    const conversations = new Set([...this.held.values()].map(({ entry }) => entry.conversationId));
    for (const id of conversations) void this.pump(id);
  }

  /** One after the other in each conversation, so that they are stored in their order. */
  private async pump(conversationId: string): Promise<void> {
    if (this.sending.has(conversationId)) return;
    this.sending.add(conversationId);
    try {
      for (let next = this.next(conversationId); next; next = this.next(conversationId)) await this.attempt(next);
    } finally {
      this.sending.delete(conversationId);
    }
  }

  /** The first one that waits. Those that another tab is sending are left to it; one that must wait holds up the others. */
  private next(conversationId: string): Held | null {
    if (!this.owner.connected()) return null;
    const now = Date.now();
    const waiting = [...this.held.values()]
      .filter(({ entry }) => entry.conversationId === conversationId && !entry.error)
      .sort((a, b) => a.entry.order - b.entry.order);
    for (const held of waiting) {
      if (!this.refresh(held)) continue;
      const { entry } = held;
      if (entry.error) continue; // refused for good meanwhile, by another tab
      if (entry.claimedBy !== null && entry.claimedBy !== this.tab && entry.claimedUntil > now) {
        this.pumpAt(entry.claimedUntil);
        continue;
      }
      if (held.notBefore <= now) return held;
      this.pumpAt(held.notBefore);
      return null;
    }
    return null;
  }

  private async attempt(held: Held): Promise<void> {
    this.change(held, { claimedBy: this.tab, claimedUntil: Date.now() + CLAIM_MS });
    const { entry } = held;
    try {
      const ack = await this.owner.ask('send_message', payloadOf(entry), ACK_TIMEOUT_MS);
      this.acknowledged(held, ack);
    } catch (error) {
      this.refused(held, plainError(error));
    }
  }

  private acknowledged(held: Held, ack: Ack): void {
    const { messageId, seq, createdAt } = ack;
    const { key } = held.entry;
    if (typeof messageId !== 'string' || typeof seq !== 'number' || typeof createdAt !== 'string')
      return this.refused(held, plainError(asRequestError(new Error('The acknowledgement says nothing'))));
    if (this.held.get(key) === held) this.remove(held);
    this.owner.stored(messageOfAck(held.entry, this.owner.me(), messageId, seq, createdAt));
  }

  private refused(held: Held, error: VaultifyError): void {
    if (!this.held.has(held.entry.key)) return; // discarded, or its new_message has come
    const hopeless = error.code === 'internal' && ++held.internals >= INTERNAL_MAX;
    if (!hopeless && (isTransient(error.code) || isIdentityRefused(error.code))) {
      const cut = error.code === 'network' || error.code === 'timeout';
      held.notBefore = cut ? 0 : Date.now() + (error.retryAfterMs ?? held.backoff.next());
      this.change(held, { claimedBy: null, claimedUntil: 0 });
    } else {
      this.change(held, { error, claimedBy: null, claimedUntil: 0 });
    }
  }

  private pumpAt(time: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pumpAll(), Math.max(0, time - Date.now()) + 1);
  }

  // ---- what is held, and what is written down ----

  private hold(entry: OutboxEntry, kept: boolean): Held {
    this.forget(entry.key);
    const backoff = new Backoff({ firstMs: AGAIN_FIRST_MS, maxMs: AGAIN_MAX_MS });
    const held: Held = { entry, bytes: sizeOf(entry), notBefore: 0, backoff, internals: 0, shown: null, kept };
    this.held.set(entry.key, held);
    this.bytes += held.bytes;
    this.owner.changed(entry.conversationId);
    return held;
  }

  private change(held: Held, change: Partial<OutboxEntry>): void {
    const visible = 'error' in change && change.error !== held.entry.error;
    held.entry = { ...held.entry, ...change };
    if (held.kept) this.keep(held);
    if (visible) this.show(held);
  }

  /** Anew: what is seen of it has changed. */
  private show(held: Held): void {
    held.shown = null;
    this.owner.changed(held.entry.conversationId);
  }

  private keep(held: Held): void {
    if (this.prefix === null) return;
    held.kept = this.drawer.set(this.prefix + held.entry.key, JSON.stringify(held.entry));
  }

  /** What other tabs have written about it meanwhile. False: they have sent or discarded it. */
  private refresh(held: Held): boolean {
    if (this.prefix === null || !held.kept) return true;
    const written = readEntry(this.drawer.get(this.prefix + held.entry.key));
    if (written === null) {
      this.forget(held.entry.key);
      return false;
    }
    const visible = (written.error === null) !== (held.entry.error === null);
    held.entry = written;
    if (visible) this.show(held);
    return true;
  }

  private remove(held: Held): void {
    if (this.prefix !== null) this.drawer.remove(this.prefix + held.entry.key);
    this.forget(held.entry.key);
  }

  private forget(key: string): void {
    const held = this.held.get(key);
    if (!held) return;
    this.held.delete(key);
    this.bytes -= held.bytes;
    this.owner.changed(held.entry.conversationId);
  }
}

const refusal = (code: VaultifyError['code'], message: string): VaultifyError => ({
  code,
  message,
  status: 0,
  retryAfterMs: null,
});
const OUTBOX_FULL = refusal('outbox_full', 'Too much waits to be sent already');
const TOO_LARGE = refusal('content_too_large', 'The content is too large');

/** In UTF-16, as browsers count. */
const sizeOf = (entry: OutboxEntry) => 2 * JSON.stringify(entry).length;

function payloadOf({ key, conversationId, message }: OutboxEntry): object {
  const { content, type, metadata, replyTo } = message;
  return { conversationId, content, type, metadata, replyToMessageId: replyTo?.id, clientMessageId: key };
}
