/** My conversations, latest activity first: page by page from the server, kept true by what happens. */
import { Cell, type Pulse } from './cell.js';
import { Conversation, isCounted, LARGE_CONVERSATION } from './conversation.js';
import { asRequestError, isTransient, notThere, plainError } from './error.js';
import type * as wire from './generated.js';
import type { Routes } from './generated.js';
import type { Rest } from './rest.js';
import type { Self } from './self.js';
import type { ChatMessage, ConversationList, Unread, VaultifyError } from './types.js';
import { UnderWay } from './under_way.js';

/** The server's largest page. */
const PAGE = 100;
/** What is asked for anew waits this long for more of it. */
const ASK_AGAIN_MS = 200;
/** The same when it could not be had though the connection is there. */
const RETRY_MS = 3_000;

/** What the list needs to know of the rest of the client. */
export interface ListOwner {
  connected(): boolean;
  /** Have I read further there than the server knows? */
  readWaits(id: string): boolean;
  /** A conversation's positions or members have changed. */
  changed(conversation: Conversation): void;
}

interface Loading {
  now: Promise<Conversation>;
  next: Promise<Conversation> | null;
}

export class Conversations {
  readonly list: Cell<ConversationList>;
  readonly unread: Cell<Unread>;
  private readonly all = new Map<string, Conversation>();
  /** Sorted when the list is read: nearly so already, which costs little. */
  private order: Conversation[] = [];
  private readonly loading = new Map<string, Loading>();
  private readonly underWay = new UnderWay();
  private readonly asked = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** What could not be had, by conversation: when it is asked for again. */
  private readonly retries = new Map<string, ReturnType<typeof setTimeout>>();
  private pages = 0;
  private total = 0;
  private status: ConversationList['status'] = 'loading';
  private error: VaultifyError | null = null;

  constructor(
    pulse: Pulse,
    private readonly rest: Rest,
    private readonly self: Self,
    private readonly owner: ListOwner,
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

  /** All that is held, anew, and all that is unread; what I am no longer in goes. */
  async reload(): Promise<void> {
    const missing = new Set(this.all.keys());
    const found = (rows: readonly wire.Conversation[]) => rows.forEach((row) => missing.delete(row.conversation_id));
    const pages = Math.max(1, this.pages);
    try {
      for (let page = 1; page <= pages && (page === 1 || page <= this.pages); page++) found(await this.page(page));
      if (this.hasMore) await this.loadUnread(found);
      while (missing.size > this.pagesLeft && this.hasMore) found(await this.page(this.pages + 1));
      for (const id of missing) await this.loadUnlessGone(id);
    } catch (error) {
      this.failed(error);
      throw error;
    }
    this.status = 'ready';
    this.error = null;
    this.touch();
  }

  /**
   * Also what is further behind than the pages. There and back: what is read meanwhile moves others forward, and what comes
   * moves them back.
   */
  private async loadUnread(found: (rows: readonly wire.Conversation[]) => void): Promise<void> {
    const first = await this.rows({ page: 1, limit: PAGE, unread: true });
    found(first.data);
    const pages = Math.ceil(first.total / PAGE);
    const load = async (page: number) => found((await this.rows({ page, limit: PAGE, unread: true })).data);
    for (let page = 2; page <= pages; page++) await load(page);
    for (let page = pages - 1; page > 0; page--) await load(page);
  }

  async loadMore(): Promise<void> {
    if (!this.hasMore) return;
    try {
      await this.page(this.pages + 1);
      this.error = null;
    } catch (error) {
      this.error = plainError(error);
    }
    this.touch();
  }

  /** As it is now: who asks while an answer is on its way gets the next one, as that one may have been made before. */
  load(id: string): Promise<Conversation> {
    const running = this.loading.get(id);
    if (!running) return this.begin(id);
    running.next ??= running.now.then(
      () => this.begin(id),
      () => this.begin(id),
    );
    return running.next;
  }

  ensure(id: string): Promise<Conversation> {
    const known = this.all.get(id);
    return known ? Promise.resolve(known) : (this.loading.get(id)?.now ?? this.load(id));
  }

  /** What `request` is answered with. */
  fetch(request: () => Promise<wire.Conversation>): Promise<Conversation> {
    return this.underWay.asking(async (begun) => this.here(await request(), begun));
  }

  private here(row: wire.Conversation, begun: number): Conversation {
    const conversation = this.put(row, begun);
    if (!conversation) throw notThere();
    return conversation;
  }

  private begin(id: string): Promise<Conversation> {
    const query = { participants: LARGE_CONVERSATION };
    const request = () => this.rest.request('GET /messaging/conversations/:id', { params: { id }, query });
    const now = this.underWay.asking(async (begun) => {
      try {
        return this.here(await request(), begun);
      } catch (error) {
        if (isGone(error)) this.gone(id, begun);
        throw error;
      }
    });
    const settled = now.finally(() => this.loading.delete(id));
    this.loading.set(id, { now: settled, next: null });
    return settled;
  }

  /** So it was when the request was begun: a row that was asked for later knows better. */
  private gone(id: string, begun: number): void {
    if ((this.all.get(id)?.askedAt ?? 0) > begun) return;
    this.underWay.leave(id, begun);
    this.forget(id);
  }

  /** Null: I went out of it after this was asked for. */
  private put(row: wire.Conversation, begun: number): Conversation | null {
    const id = row.conversation_id;
    if (this.underWay.hasLeft(id, begun)) return null;
    const known = this.all.get(id);
    const conversation = known ?? new Conversation(row, this.self.id, this.underWay);
    conversation.update(row, begun, this.owner.readWaits(id), this.underWay.noted(id));
    if (!known) this.appeared(conversation);
    this.check(conversation);
    this.touched(conversation);
    return conversation;
  }

  private appeared(conversation: Conversation): void {
    this.order.push(conversation);
    this.all.set(conversation.id, conversation);
    this.underWay.tell(conversation);
  }

  remove(id: string): void {
    this.underWay.leave(id);
    this.forget(id);
  }

  private forget(id: string): void {
    if (!this.all.delete(id)) return;
    this.order = this.order.filter((conversation) => conversation.id !== id);
    this.touch();
  }

  // ---- from events ----

  add(message: ChatMessage): void {
    const { conversationId: id, seq } = message;
    if (seq === null) return;
    if (isCounted(message)) this.underWay.note(id, seq);
    const conversation = this.all.get(id);
    if (!conversation) return this.askSoon(id);
    conversation.add(message, seq);
    this.check(conversation);
    this.touch();
  }

  /** What was heard of it: now, or once the answer is here that is on its way and may have been made before. */
  whenKnown(id: string, act: (conversation: Conversation) => void): void {
    const conversation = this.all.get(id);
    if (conversation) act(conversation);
    else if (!this.underWay.keep(id, act)) this.askSoon(id);
  }

  /** Where the count is not sure, the server is asked; but what it cannot know yet it is not asked for. */
  private check(conversation: Conversation): void {
    const { id } = conversation;
    if (conversation.isGuessed && !this.owner.readWaits(id)) this.askSoon(id);
  }

  /** It is asked for once, however often that was wanted meanwhile. */
  private askSoon(id: string): void {
    this.asked.add(id);
    this.timer ??= setTimeout(() => this.askNow(), ASK_AGAIN_MS);
  }

  private askNow(): void {
    this.timer = undefined;
    for (const id of this.asked) void this.loadUnlessGone(id).catch((error) => this.notHad(id, error));
    this.asked.clear();
  }

  /** Without a connection it is the next one's task, which asks for everything. */
  private notHad(id: string, error: unknown): void {
    const { code, retryAfterMs } = asRequestError(error);
    if (!isTransient(code) || !this.owner.connected() || this.retries.has(id)) return;
    const again = () => {
      this.retries.delete(id);
      this.askSoon(id);
    };
    this.retries.set(id, setTimeout(again, retryAfterMs ?? RETRY_MS));
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const retry of this.retries.values()) clearTimeout(retry);
    this.retries.clear();
  }

  /** Reads and deliveries of others, and my own reads on any device. */
  moved(conversation: Conversation, userId: string, field: 'lastReadSeq' | 'lastDeliveredSeq', seq: number): void {
    conversation.moved(userId, field, seq);
    if (field === 'lastReadSeq') conversation.moved(userId, 'lastDeliveredSeq', seq);
    this.touched(conversation);
  }

  readByMe(conversation: Conversation, seq: number, others: number | null): void {
    conversation.readByMe(seq, others);
    this.check(conversation);
    this.touch();
  }

  /** The server knows how far I have read there. */
  readTold(id: string): void {
    const conversation = this.all.get(id);
    if (!conversation) return;
    conversation.readTold();
    this.check(conversation);
  }

  mute(id: string, isMuted: boolean, until: string | null): void {
    this.all.get(id)?.mute(isMuted, until);
    this.touch();
  }

  private touched(conversation: Conversation): void {
    this.owner.changed(conversation);
    this.touch();
  }

  // ---- inside ----

  private get hasMore(): boolean {
    return this.pages * PAGE < this.total;
  }

  private get pagesLeft(): number {
    return Math.ceil(this.total / PAGE) - this.pages;
  }

  private async page(page: number): Promise<wire.Conversation[]> {
    const { data, total } = await this.rows({ page, limit: PAGE });
    this.total = total;
    this.pages = Math.min(Math.max(this.pages, page), Math.max(1, Math.ceil(total / PAGE)));
    return data;
  }

  private rows(query: Routes['GET /messaging/conversations']['query']) {
    return this.underWay.asking(async (begun) => {
      const answer = await this.rest.request('GET /messaging/conversations', { query });
      for (const row of answer.data) this.put(row, begun);
      return answer;
    });
  }

  /** It was left, or it was loaded alone and is further behind than the pages. */
  private async loadUnlessGone(id: string): Promise<void> {
    try {
      await this.load(id);
    } catch (error) {
      if (!isGone(error)) throw error;
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

const isGone = (error: unknown) => asRequestError(error).code === notThere().code;

/** Times are ISO 8601, so they sort as text; ids are UUIDv7 and decide between equal ones. */
function byActivity(a: Conversation, b: Conversation): number {
  if (a.lastActivityAt !== b.lastActivityAt) return a.lastActivityAt < b.lastActivityAt ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

const sameItems = <T>(a: readonly T[], b: readonly T[]) => a.length === b.length && a.every((item, i) => item === b[i]);

const sameCounts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) =>
  a.size === b.size && [...a].every(([id, count]) => b.get(id) === count);
