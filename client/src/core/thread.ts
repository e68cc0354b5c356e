/** One conversation's messages: a piece of its history without gaps, up to its end, and what comes before its turn. */
import { Cell, type Pulse } from './cell.js';
import { isCounted, type Conversation } from './conversation.js';
import { isTransient, plainError, VaultifyRequestError } from './error.js';
import type * as wire from './generated.js';
import { messageOf, quoteOfMessage, type WireMessage } from './message.js';
import type { Rest } from './rest.js';
import type { ChatMessage, QuotedMessage, Thread as ThreadView, VaultifyError } from './types.js';

/** Messages a page: of the first look and of each look further back; and when catching up. */
const PAGE = 50;
const CATCH_UP_PAGE = 100;
/** Above the second number a thread that was not scrolled back is cut to its newest messages, as many as the first. */
const KEPT = 1_000;
const KEPT_MAX = 2_000;
/** The same of a thread that nobody watches. */
const UNWATCHED_KEPT = 100;
const UNWATCHED_MAX = 200;
/** Who has missed more than this begins with the newest page again. */
const CATCH_UP_MAX = 2_000;
/** Messages that wait for earlier ones; when there are more they are fetched instead. */
const EARLY_MAX = 1_000;
/** When a page could not be had though the connection is there, it is asked for again after this. */
const AGAIN_MS = 3_000;
/** Larger than any seq. */
const THE_END = Number.MAX_SAFE_INTEGER;

const ROUTE = 'GET /messaging/conversations/:id/messages';

/** What a thread needs to know of the rest of the client. */
export interface ThreadOwner {
  myId(): string | null;
  connected(): boolean;
  conversation(id: string): Conversation | undefined;
  ensureConversation(id: string): Promise<Conversation>;
  /** What waits in the outbox for this conversation. */
  waiting(id: string): readonly ChatMessage[];
  /** Messages were fetched that no event had told of. */
  fetched(messages: readonly ChatMessage[]): void;
  watched(thread: Thread, watched: boolean): void;
}

export class Thread {
  readonly cell: Cell<ThreadView>;
  private stored: ChatMessage[] = [];
  private readonly seqs = new Map<string, number>();
  private readonly early = new Map<number, ChatMessage>();
  private status: ThreadView['status'] = 'loading';
  private error: VaultifyError | null = null;
  private hasOlder = false;
  private firstUnreadSeq: number | null = null;
  private loading: Promise<void> | null = null;
  private filling: Promise<void> | null = null;
  private scrolled = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Mine that are not read yet, by seq: those that a receipt can change. */
  private readonly unread = new Set<number>();

  constructor(
    readonly id: string,
    pulse: Pulse,
    private readonly rest: Rest,
    private readonly owner: ThreadOwner,
  ) {
    const onWatched = (watched: boolean) => this.owner.watched(this, watched);
    this.cell = new Cell(pulse, LOADING, (previous) => this.build(previous), onWatched);
  }

  get isReady(): boolean {
    return this.status === 'ready' || this.status === 'loading-older';
  }
  private get firstSeq(): number {
    return this.stored[0]?.seq ?? 0;
  }
  private get lastSeq(): number {
    return this.stored.at(-1)?.seq ?? 0;
  }
  get newest(): ChatMessage | undefined {
    return this.stored.at(-1);
  }

  byId(messageId: string): ChatMessage | undefined {
    const seq = this.seqs.get(messageId);
    return seq === undefined ? undefined : this.stored[seq - this.firstSeq];
  }

  quote(messageId: string | null): QuotedMessage | null {
    const message = messageId === null ? undefined : this.byId(messageId);
    return message ? quoteOfMessage(message) : null;
  }

  /** How many of others' messages are newer, up to the conversation's last one; null when not all of those are held. */
  othersAfter(seq: number, lastSeq: number): number | null {
    if (!this.isReady || seq + 1 < this.firstSeq || this.lastSeq < lastSeq) return null;
    return this.stored.filter((message) => isCounted(message) && (message.seq ?? 0) > seq).length;
  }

  // ---- fetching ----

  /** The newest page; once however often it is asked for. A refusal becomes the thread's error, a cut is tried again later. */
  load(): Promise<void> {
    this.loading ??= this.loadNewest().finally(() => (this.loading = null));
    return this.loading;
  }

  /** What came since the last message that is held. Rejects when it could not be had. */
  async catchUp(): Promise<void> {
    if (this.isReady) await this.fill();
    else await this.load();
    if (this.status === 'loading' && this.error) throw new VaultifyRequestError(this.error);
  }

  async loadOlder(): Promise<void> {
    if (this.status !== 'ready' || !this.hasOlder) return;
    this.scrolled = true;
    this.enter('loading-older', null);
    const first = this.firstSeq;
    try {
      const page = await this.page({ beforeSeq: first, limit: PAGE });
      if (this.firstSeq === first) this.prepend(page.data);
      this.lookedBack(null);
    } catch (error) {
      this.lookedBack(plainError(error));
    }
  }

  /** Unless I am out of the conversation meanwhile. */
  private lookedBack(error: VaultifyError | null): void {
    if (this.status === 'loading-older') this.enter('ready', error);
  }

  private async loadNewest(): Promise<void> {
    if (this.status === 'error') this.enter('loading', null);
    try {
      const conversation = this.owner.ensureConversation(this.id);
      const [page] = await Promise.all([this.page({ beforeSeq: THE_END, limit: PAGE }), conversation]);
      this.replace(page.data);
      this.enter('ready', null);
      this.markUnread();
      this.drain();
      if (this.early.size > 0) this.mend();
    } catch (thrown) {
      const error = plainError(thrown);
      this.enter(isTransient(error.code) ? 'loading' : 'error', error);
      if (this.status === 'loading') this.again();
    }
  }

  private fill(): Promise<void> {
    this.filling ??= this.fillGap().finally(() => (this.filling = null));
    return this.filling;
  }

  private async fillGap(): Promise<void> {
    for (let more = true; more;) {
      const page = await this.page({ afterSeq: this.lastSeq, limit: CATCH_UP_PAGE });
      if (page.total - this.lastSeq > CATCH_UP_MAX) return this.startOver();
      const before = this.lastSeq;
      this.append(page.data.map((row) => this.read(row)));
      more = page.hasMore === true && this.lastSeq > before;
    }
    this.drain();
    if (this.early.size > 0) this.again();
  }

  /** Somewhat later. Without a connection it is the next one's task, and there may be none any more. */
  private again(): void {
    clearTimeout(this.timer);
    if (this.cell.watched && this.owner.connected())
      this.timer = setTimeout(() => void this.catchUp().catch(() => this.again()), AGAIN_MS);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private async startOver(): Promise<void> {
    const page = await this.page({ beforeSeq: THE_END, limit: PAGE });
    this.replace(page.data);
    this.drain();
  }

  private page(query: Record<string, number>): Promise<wire.HistoryPage> {
    return this.rest.request(ROUTE, { params: { id: this.id }, query });
  }

  private read(row: WireMessage): ChatMessage {
    return messageOf(row, this.owner.myId(), this.quote(row.reply_to_message_id));
  }

  // ---- what comes ----

  /** A message that an event or an acknowledgement brought. True: it is in its place, here or in what is fetched. */
  receive(message: ChatMessage): void {
    const { seq } = message;
    if (seq === null || seq <= this.lastSeq || this.status === 'error') return;
    if (this.early.size < EARLY_MAX) this.early.set(seq, message);
    if (!this.isReady) return this.cell.touch();
    this.drain();
    if (seq > this.lastSeq) this.mend();
  }

  /** An event says which message this one answers, and not what stands in it: where it is not held, it is asked for. */
  async complete({ id, seq }: ChatMessage): Promise<void> {
    if (id === null || seq === null) return;
    const page = await this.page({ afterSeq: seq - 1, limit: 1 });
    const [row] = page.data;
    if (row?.message_id === id) this.change(id, (now) => ({ ...now, replyTo: this.read(row).replyTo }));
  }

  /** I am no longer in the conversation. */
  end(error: VaultifyError): void {
    this.close();
    this.enter('error', error);
  }

  private mend(): void {
    this.fill().catch(() => this.again());
  }

  /** Of a message that is held; `change` returns it as it is now. */
  change(messageId: string, change: (message: ChatMessage) => ChatMessage): boolean {
    const seq = this.seqs.get(messageId);
    const message = this.byId(messageId);
    if (seq === undefined || !message) return false;
    this.stored[seq - this.firstSeq] = change(message);
    this.cell.touch();
    return true;
  }

  /** Somebody's position moved. */
  restate(conversation: Conversation): void {
    if (conversation.isLarge) return;
    for (const seq of this.unread) {
      const at = seq - this.firstSeq;
      const message = this.stored[at];
      const stated = message && conversation.stated(message);
      if (stated) this.stored[at] = stated;
      if (stated?.state === 'read') this.unread.delete(seq);
      if (stated !== message) this.cell.touch();
    }
  }

  // ---- the piece of history ----

  private replace(rows: readonly WireMessage[]): void {
    this.stored = [];
    this.seqs.clear();
    this.unread.clear();
    this.scrolled = false;
    this.append(rows.map((row) => this.read(row)));
    this.hasOlder = this.firstSeq > 1;
  }

  private append(messages: readonly ChatMessage[]): void {
    const conversation = this.owner.conversation(this.id);
    const taken: ChatMessage[] = [];
    for (const message of messages) {
      if (message.seq === null) continue;
      if (this.stored.length > 0 && message.seq !== this.lastSeq + 1) continue;
      const stated = conversation?.stated(message) ?? message;
      this.stored.push(stated);
      this.note(stated);
      this.early.delete(message.seq);
      taken.push(stated);
    }
    if (taken.length > 0) this.owner.fetched(taken);
    this.trim();
    this.cell.touch();
  }

  private prepend(rows: readonly wire.HistoryMessage[]): void {
    const conversation = this.owner.conversation(this.id);
    const older = rows
      .map((row) => this.read(row))
      .map((message) => conversation?.stated(message) ?? message)
      .filter(({ seq }) => seq !== null && seq < this.firstSeq);
    for (const message of older) this.note(message);
    this.stored = [...older, ...this.stored];
    this.hasOlder = this.firstSeq > 1;
  }

  private note({ id, seq, mine, state }: ChatMessage): void {
    if (id === null || seq === null) return;
    this.seqs.set(id, seq);
    if (mine && state !== 'read') this.unread.add(seq);
  }

  /** What came before its turn and can be put in its place now. */
  private drain(): void {
    for (let next = this.early.get(this.lastSeq + 1); next; next = this.early.get(this.lastSeq + 1))
      this.append([next]);
    for (const seq of this.early.keys()) if (seq <= this.lastSeq) this.early.delete(seq);
    this.cell.touch();
  }

  private trim(): void {
    const [kept, max] = this.cell.watched ? [KEPT, KEPT_MAX] : [UNWATCHED_KEPT, UNWATCHED_MAX];
    if (this.scrolled || this.stored.length <= max) return;
    const gone = this.stored.splice(0, this.stored.length - kept);
    for (const { id, seq } of gone) {
      if (id !== null) this.seqs.delete(id);
      if (seq !== null) this.unread.delete(seq);
    }
    this.hasOlder = true;
  }

  /** Nobody looks any more: what was scrolled to may go, and "new messages" begins anew the next time. */
  unwatched(): void {
    this.scrolled = false;
    this.trim();
    this.cell.touch();
  }

  /** Where the messages begin that I have not read. */
  markUnread(): void {
    const conversation = this.owner.conversation(this.id);
    this.firstUnreadSeq = conversation && conversation.unread > 0 ? this.findUnread(conversation) : null;
    this.cell.touch();
  }

  private findUnread({ readSeq }: Conversation): number | null {
    if (readSeq + 1 < this.firstSeq) return readSeq + 1;
    return this.stored.find((message) => isCounted(message) && (message.seq ?? 0) > readSeq)?.seq ?? null;
  }

  // ---- what the app sees ----

  private enter(status: ThreadView['status'], error: VaultifyError | null): void {
    this.status = status;
    this.error = error;
    this.cell.touch();
  }

  private build(previous: ThreadView): ThreadView {
    const { status, error, hasOlder, firstUnreadSeq } = this;
    const messages = [...this.stored, ...this.ownEarly(), ...this.owner.waiting(this.id)];
    const same =
      previous.status === status &&
      previous.error === error &&
      previous.hasOlder === hasOlder &&
      previous.firstUnreadSeq === firstUnreadSeq &&
      sameMessages(previous.messages, messages);
    return same ? previous : { messages, status, error, hasOlder, firstUnreadSeq };
  }

  /** Mine that are stored before those in front of them are here: sent, but without a place yet. */
  private ownEarly(): ChatMessage[] {
    const own = [...this.early.values()].filter(({ mine }) => mine);
    return own.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)).map((message) => ({ ...message, seq: null }));
  }
}

/** Backwards, as changes are at the end as a rule. */
function sameMessages(a: readonly ChatMessage[], b: readonly ChatMessage[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

export const LOADING: ThreadView = {
  messages: [],
  status: 'loading',
  error: null,
  hasOlder: false,
  firstUnreadSeq: null,
};
