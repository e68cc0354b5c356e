/** How far I have got in each conversation, said to the server: only ever forward, the latest alone, until it has heard it. */
import { isTransient, plainError } from './error.js';
import type { Ack } from './link.js';

const ANSWER_TIMEOUT_MS = 10_000;
const AGAIN_MS = 1_000;
/** Conversations of which is remembered what was said; what is forgotten is said once more, which does no harm. */
const REMEMBERED_MAX = 2_000;

export interface Position {
  seq: number;
  messageId: string;
}

export class Positions {
  private readonly said = new Map<string, number>();
  private readonly waiting = new Map<string, Position>();
  private readonly saying = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly event: 'mark_as_read' | 'message_delivered',
    /** What comes within this is said together. */
    private readonly delayMs: number,
    private readonly connected: () => boolean,
    private readonly ask: (event: string, payload: object, timeoutMs: number) => Promise<Ack>,
    /** What waited there waits no longer: the server knows it, or does not want it. */
    private readonly onSettled: (conversationId: string) => void = () => {},
  ) {}

  say(conversationId: string, position: Position): void {
    const last = Math.max(this.said.get(conversationId) ?? 0, this.waiting.get(conversationId)?.seq ?? 0);
    if (position.seq <= last) return;
    this.waiting.set(conversationId, position);
    this.later(this.delayMs);
  }

  /** The server knows it already. */
  known(conversationId: string, seq: number): void {
    if (seq <= (this.said.get(conversationId) ?? 0)) return;
    this.remember(conversationId, seq);
    this.settle(conversationId, seq);
  }

  /** Is there something that the server does not know yet? */
  waits(conversationId: string): boolean {
    return this.waiting.has(conversationId);
  }

  /** The connection is there: what waits goes out now. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.connected()) return;
    for (const [id, position] of this.waiting) if (!this.saying.has(id)) void this.tell(id, position);
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private later(ms: number): void {
    this.timer ??= setTimeout(() => this.flush(), ms);
  }

  private async tell(conversationId: string, position: Position): Promise<void> {
    this.saying.add(conversationId);
    try {
      await this.ask(this.event, { conversationId, messageId: position.messageId }, ANSWER_TIMEOUT_MS);
      this.known(conversationId, position.seq);
    } catch (thrown) {
      const error = plainError(thrown);
      if (!isTransient(error.code)) this.settle(conversationId, position.seq); // it will not be taken later either
    } finally {
      this.saying.delete(conversationId);
      if (this.waiting.has(conversationId)) this.later(AGAIN_MS);
    }
  }

  private settle(conversationId: string, seq: number): void {
    const waiting = this.waiting.get(conversationId);
    if (!waiting || waiting.seq > seq) return;
    this.waiting.delete(conversationId);
    this.onSettled(conversationId);
  }

  private remember(conversationId: string, seq: number): void {
    this.said.delete(conversationId);
    this.said.set(conversationId, seq);
    const [oldest] = this.said.keys();
    if (this.said.size > REMEMBERED_MAX && oldest !== undefined) this.said.delete(oldest);
  }
}
