/** My conversations, latest activity first: page by page from the server, kept true by what happens. */
import { Cell, type Pulse } from './cell.js';
import { Conversation, LARGE_CONVERSATION } from './conversation.js';
import { plainError } from './error.js';
import type * as wire from './generated.js';
import type { Rest } from './rest.js';
import type { Self } from './self.js';
import type { ChatMessage, ConversationList, Unread, VaultifyError } from './types.js';

/** The server's largest page. */
const PAGE = 100;
/** What is asked for anew waits this long for more of it. */
const ASK_AGAIN_MS = 200;

export class Conversations {
  readonly list: Cell<ConversationList>;
  readonly unread: Cell<Unread>;
  private readonly all = new Map<string, Conversation>();
  /** Sorted when the list is read: nearly so already, which costs little. */
  private order: Conversation[] = [];
  private readonly loading = new Map<string, Promise<Conversation>>();
  /** While rows are on their way: others' seqs that came meanwhile, by conversation. */
  private live = new Map<string, Set<number>>();
  private readonly asked = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private underWay = 0;
  private pages = 0;
  private total = 0;
  private status: ConversationList['status'] = 'loading';
  private error: VaultifyError | null = null;

  constructor(
    pulse: Pulse,
    private readonly rest: Rest,
    private readonly self: Self,
    /** A conversation's positions or members have changed. */
    private readonly onChange: (conversation: Conversation) => void,
  ) {
    const empty: ConversationList = { conversations: [], status: 'loading', error: null, hasMore: false };
    this.list = new Cell(pulse, empty, (previous) => this.build(previous));
    this.unread = new Cell<Unread>(pulse, { total: 0, byConversation: new Map() }, (previous) => this.count(previous));
  }

  get(id: string): Conversation | undefined {
    return this.all.get(id);
  }

  get estateGroup(): Conversation | undefined {
    for (const conversation of this.all.values()) if (conversation.isEstateGroup) return conversation;
    return undefined;
  }

  known(): IterableIterator<Conversation> {
    return this.all.values();
  }

  // ---- from the server ----

  /** All pages that are held, anew; what is in none of them any more goes. */
  async reload(): Promise<void> {
    const before = new Set(this.all.keys());
    const seen = new Set<string>();
    const pages = Math.max(1, this.pages);
    try {
      await this.whileUnderWay(async () => {
        for (let page = 1; page <= pages && (page === 1 || page <= this.pages); page++)
          for (const row of await this.page(page)) seen.add(row.conversation_id);
      });
    } catch (error) {
      this.failed(error);
      throw error;
    }
    for (const id of before) if (!seen.has(id)) await this.loadOrRemove(id);
    this.status = 'ready';
    this.error = null;
    this.touch();
  }

  async loadMore(): Promise<void> {
    if (!this.hasMore) return;
    try {
      await this.whileUnderWay(() => this.page(this.pages + 1));
      this.error = null;
    } catch (error) {
      this.error = plainError(error);
    }
    this.touch();
  }

  /** One conversation, asked for once however many want it. */
  load(id: string): Promise<Conversation> {
    const running = this.loading.get(id);
    if (running) return running;
    const loading = this.whileUnderWay(async () => {
      const query = { participants: LARGE_CONVERSATION };
      return this.put(await this.rest.request('GET /messaging/conversations/:id', { params: { id }, query }));
    }).finally(() => this.loading.delete(id));
    this.loading.set(id, loading);
    return loading;
  }

  ensure(id: string): Promise<Conversation> {
    const known = this.all.get(id);
    return known ? Promise.resolve(known) : this.load(id);
  }

  put(row: wire.Conversation): Conversation {
    const id = row.conversation_id;
    const conversation = this.all.get(id) ?? new Conversation(row, this.self.id);
    conversation.update(row, this.live.get(id) ?? NONE);
    if (!this.all.has(id)) this.order.push(conversation);
    this.all.set(id, conversation);
    if (conversation.isGuessed) this.askAgain(id);
    this.touched(conversation);
    return conversation;
  }

  remove(id: string): void {
    if (!this.all.delete(id)) return;
    this.order = this.order.filter((conversation) => conversation.id !== id);
    this.touch();
  }

  // ---- from events ----

  add(message: ChatMessage): void {
    const { conversationId: id, seq } = message;
    if (seq === null) return;
    if (this.underWay > 0 && !message.mine) this.noteLive(id, seq);
    const conversation = this.all.get(id);
    if (!conversation?.add(message, seq)) this.askAgain(id);
    if (conversation) this.touch();
  }

  /** Something about it is not known, or not counted: soon it is asked for once, however often that was seen. */
  askAgain(id: string): void {
    this.asked.add(id);
    this.timer ??= setTimeout(() => this.askNow(), ASK_AGAIN_MS);
  }

  private askNow(): void {
    this.timer = undefined;
    for (const id of this.asked) void this.load(id).catch(() => {}); // the next catching up has it
    this.asked.clear();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Reads and deliveries of others, and my own reads on any device. */
  moved(id: string, userId: string, field: 'lastReadSeq' | 'lastDeliveredSeq', seq: number): void {
    const conversation = this.all.get(id);
    if (!conversation) return;
    conversation.moved(userId, field, seq);
    if (field === 'lastReadSeq') conversation.moved(userId, 'lastDeliveredSeq', seq);
    this.touched(conversation);
  }

  readByMe(id: string, seq: number, others: number | null): void {
    const conversation = this.all.get(id);
    if (conversation?.readByMe(seq, others)) this.touch();
  }

  mute(id: string, isMuted: boolean, until: string | null): void {
    this.all.get(id)?.mute(isMuted, until);
    this.touch();
  }

  private touched(conversation: Conversation): void {
    this.onChange(conversation);
    this.touch();
  }

  // ---- inside ----

  private get hasMore(): boolean {
    return this.pages * PAGE < this.total;
  }

  private async page(page: number): Promise<wire.Conversation[]> {
    const query = { page, limit: PAGE };
    const answer = await this.rest.request('GET /messaging/conversations', { query });
    for (const row of answer.data) this.put(row);
    this.total = answer.total;
    this.pages = Math.min(Math.max(this.pages, page), Math.max(1, Math.ceil(answer.total / PAGE)));
    return answer.data;
  }

  /** Not in the pages: it was left, or it was loaded alone and is further behind. */
  private async loadOrRemove(id: string): Promise<void> {
    try {
      await this.load(id);
    } catch (thrown) {
      const error = plainError(thrown);
      if (error.status !== 404 && error.status !== 403) throw thrown;
      this.remove(id);
    }
  }

  private noteLive(id: string, seq: number): void {
    const seqs = this.live.get(id) ?? new Set<number>();
    this.live.set(id, seqs.add(seq));
  }

  private async whileUnderWay<T>(work: () => Promise<T>): Promise<T> {
    this.underWay++;
    try {
      return await work();
    } finally {
      if (--this.underWay === 0) this.live = new Map();
    }
  }

  private failed(error: unknown): void {
    this.error = plainError(error);
    if (this.all.size === 0) this.status = 'error';
    this.touch();
  }

  private touch(): void {
    this.list.touch();
    this.unread.touch();
  }

  private build(previous: ConversationList): ConversationList {
    const conversations = this.order.sort(byActivity).map(({ view }) => view);
    const { status, error, hasMore } = this;
    const same =
      previous.status === status &&
      previous.error === error &&
      previous.hasMore === hasMore &&
      sameItems(previous.conversations, conversations);
    return same ? previous : { conversations, status, error, hasMore };
  }

  private count(previous: Unread): Unread {
    let total = 0;
    const byConversation = new Map<string, number>();
    for (const { id, unread } of this.all.values()) {
      if (unread > 0) byConversation.set(id, unread);
      total += unread;
    }
    return sameCounts(previous.byConversation, byConversation) ? previous : { total, byConversation };
  }
}

const NONE: ReadonlySet<number> = new Set();

/** Times are ISO 8601, so they sort as text; ids are UUIDv7 and decide between equal ones. */
function byActivity(a: Conversation, b: Conversation): number {
  if (a.lastActivityAt !== b.lastActivityAt) return a.lastActivityAt < b.lastActivityAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

const sameItems = <T>(a: readonly T[], b: readonly T[]) => a.length === b.length && a.every((item, i) => item === b[i]);

const sameCounts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) =>
  a.size === b.size && [...a].every(([id, count]) => b.get(id) === count);
