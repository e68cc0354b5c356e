/** One's own reactions: shown at once, and as they were when the server refuses them. */
import type * as wire from './generated.js';
import type { Rest } from './rest.js';
import type { Self } from './self.js';
import type { Threads } from './threads.js';

/** Those to one message with one emoji that the server has not answered; they go one after the other. */
interface Asked {
  /** What the server has, as far as is known; undefined: its message is not held. */
  stored: wire.Reaction | null | undefined;
  waiting: number;
  last: Promise<unknown>;
}

export class Reactions {
  private readonly asked = new Map<string, Asked>();

  constructor(
    private readonly rest: Rest,
    private readonly self: Self,
    private readonly threads: Threads,
  ) {}

  add(messageId: string, emoji: string): Promise<void> {
    const route = 'POST /messaging/messages/:id/reactions';
    return this.ask(messageId, emoji, this.provisional(messageId, emoji), () =>
      this.rest.request(route, { params: { id: messageId }, body: { emoji } }),
    );
  }

  remove(messageId: string, emoji: string): Promise<void> {
    const route = 'DELETE /messaging/messages/:id/reactions/:emoji';
    return this.ask(messageId, emoji, null, async () => {
      await this.rest.request(route, { params: { id: messageId, emoji } });
      return null;
    });
  }

  /** `shown` until the answer is there; then, unless more was asked meanwhile, what the server has. */
  private async ask(
    messageId: string,
    emoji: string,
    shown: Asked['stored'],
    request: () => Promise<wire.Reaction | null>,
  ): Promise<void> {
    const asked = this.begin(messageId, emoji);
    this.show(messageId, emoji, shown);
    const answer = asked.last.then(request);
    asked.last = answer.catch(() => {}); // whoever asked hears of it
    try {
      asked.stored = await answer;
    } finally {
      this.end(messageId, emoji, asked);
    }
  }

  private begin(messageId: string, emoji: string): Asked {
    const key = keyOf(messageId, emoji);
    const asked = this.asked.get(key) ?? { stored: this.mine(messageId, emoji), waiting: 0, last: Promise.resolve() };
    this.asked.set(key, asked);
    asked.waiting++;
    return asked;
  }

  private end(messageId: string, emoji: string, asked: Asked): void {
    if (--asked.waiting > 0) return;
    this.asked.delete(keyOf(messageId, emoji));
    this.show(messageId, emoji, asked.stored);
  }

  private mine(messageId: string, emoji: string): Asked['stored'] {
    const message = this.threads.find(messageId);
    return message && (message.reactions.find((reaction) => this.isMine(reaction, emoji)) ?? null);
  }

  private isMine(reaction: wire.Reaction, emoji: string): boolean {
    return reaction.emoji === emoji && reaction.user_id === this.self.id;
  }

  private show(messageId: string, emoji: string, shown: Asked['stored']): void {
    if (shown === undefined) return;
    this.threads.change(messageId, (message) => {
      const others = message.reactions.filter((reaction) => !this.isMine(reaction, emoji));
      return { ...message, reactions: shown ? [...others, shown] : others };
    });
  }

  /** As it will be; its id only the server can give. */
  private provisional(messageId: string, emoji: string): wire.Reaction | undefined {
    const { me } = this.self;
    if (!me) return undefined;
    const { user_id, first_name, last_name } = me;
    const created_at = new Date().toISOString();
    const user = { user_id, first_name, last_name };
    return { reaction_id: '', message_id: messageId, user_id, emoji, created_at, user };
  }
}

const keyOf = (messageId: string, emoji: string) => `${messageId} ${emoji}`;
