/** The client: its parts, and what each of them must hear of the others. */
import { Broadcasts, broadcastOfMessage } from './broadcasts.js';
import { Pulse } from './cell.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import { networkError, notThere, plainError } from './error.js';
import type * as wire from './generated.js';
import type { Routes } from './generated.js';
import { hearing, type Hearing } from './hearing.js';
import { Link } from './link.js';
import { messageOf, type WireMessage } from './message.js';
import { Outbox } from './outbox.js';
import { personOf } from './person.js';
import { Positions } from './positions.js';
import { Presence } from './presence.js';
import { Reactions } from './reactions.js';
import { Rest } from './rest.js';
import { Self } from './self.js';
import { Drawer } from './storage.js';
import { listenAround } from './surroundings.js';
import { Threads } from './threads.js';
import { Tokens } from './token.js';
import type {
  Broadcast,
  ChatMessage,
  ClientOptions,
  ConversationView,
  OutgoingMessage,
  Person,
  VaultifyClient,
} from './types.js';
import { Typing } from './typing.js';

/** What arrives within this is told to its senders together. */
const DELIVERED_DELAY_MS = 300;
const RESIDENTS_PAGE = 50;

export function createClient(options: ClientOptions): VaultifyClient {
  return new Client(options);
}

class Client implements VaultifyClient {
  readonly rest: Rest;
  private readonly pulse = new Pulse();
  private readonly tokens: Tokens;
  private readonly self: Self;
  private readonly drawer: Drawer;
  private readonly link: Link;
  private readonly list: Conversations;
  private readonly threads: Threads;
  private readonly reactions: Reactions;
  private readonly outbox: Outbox;
  private readonly reads: Positions;
  private readonly deliveries: Positions;
  private readonly typists: Typing;
  private readonly present: Presence;
  private readonly announced: Broadcasts;
  private readonly hearing: Hearing;
  private stopListening: (() => void) | null = null;

  constructor(private readonly options: ClientOptions) {
    const { pulse } = this;
    this.tokens = new Tokens(options.token);
    this.self = new Self(this.tokens);
    this.rest = new Rest(options, this.tokens);
    this.drawer = new Drawer(options);
    this.link = new Link(options, this.tokens, pulse, {
      catchUp: () => this.catchUp(),
      broken: () => this.typists.endAll(),
      heard: (event, payload) => this.hearing[event]?.(payload),
      me: () => this.self.me,
      userId: () => this.self.id,
      tokenCame: () => this.openDrawer(),
    });
    const connected = () => this.link.connected;
    const ask = this.link.ask.bind(this.link);
    this.list = new Conversations(pulse, this.rest, this.self, {
      connected,
      readWaits: (id) => this.reads.waits(id),
      changed: (conversation) => this.threads.get(conversation.id)?.restate(conversation),
    });
    this.threads = new Threads(pulse, this.rest, {
      myId: () => this.self.id,
      connected,
      conversation: (id) => this.list.get(id),
      ensureConversation: (id) => this.list.ensure(id),
      waiting: (id) => this.outbox.of(id),
      fetched: (messages) => messages.forEach((message) => this.note(message)),
    });
    this.reactions = new Reactions(this.rest, this.self, this.threads);
    this.outbox = new Outbox(this.drawer, {
      ask,
      connected,
      me: () => this.self.person,
      stored: (message) => this.place(message),
      changed: (id) => this.threads.get(id)?.cell.touch(),
    });
    this.reads = new Positions('mark_as_read', 0, connected, ask, (id) => this.list.readTold(id));
    this.deliveries = new Positions('message_delivered', DELIVERED_DELAY_MS, connected, ask);
    this.typists = new Typing(pulse, this.link.tell.bind(this.link));
    this.present = new Presence(pulse, this.rest, this.self, connected);
    this.announced = new Broadcasts(pulse, this.rest, this.self, this.drawer);
    this.hearing = hearing({
      arrived: (row) => this.arrived(row),
      announced: (event) => this.announced.heard(event),
      read: (event) => this.heardRead(event),
      delivered: (event) => this.heardDelivered(event),
      typing: (event) => this.typists.heard(event),
      presence: (userId, isOnline) => this.present.heard(userId, isOnline),
      digest: (event) => this.present.digest(event),
      joined: (id) => void this.joined(id).catch(() => {}), // the next catching up has it
      left: (id) => this.gone(id),
    });
    this.openDrawer();
  }

  get connection() {
    return this.link.state;
  }
  get conversations() {
    return this.list.list;
  }
  get unread() {
    return this.list.unread;
  }
  get presence() {
    return this.present.cell;
  }
  get broadcasts() {
    return this.announced.cell;
  }
  thread(conversationId: string) {
    return this.threads.readable(conversationId);
  }
  typing(conversationId: string) {
    return this.typists.readable(conversationId);
  }

  // ---- the connection ----

  connect(): void {
    this.stopListening ??= listenAround({
      leaving: () => this.outbox.letGo(),
      stored: (key, value) => {
        this.outbox.otherTab(key, value);
        this.announced.otherTab(key, value);
      },
    });
    this.link.connect();
  }

  close(): void {
    this.stopListening?.();
    this.stopListening = null;
    this.link.close();
    this.rest.close();
    for (const part of [this.outbox, this.list, this.threads, this.reads, this.deliveries, this.present, this.typists])
      part.close();
  }

  forget(): void {
    this.outbox.clear();
    this.announced.clear();
  }

  retry(): void {
    if (this.link.status === 'closed') this.connect();
    else this.link.retry();
  }

  /** In this order: who I am decides what is mine; the list says what else is missing. */
  private async catchUp(): Promise<void> {
    this.self.set(await this.rest.request('GET /messaging/me'));
    this.link.state.touch();
    this.openDrawer();
    this.outbox.resume();
    this.reads.flush();
    await this.list.reload();
    for (const conversation of this.list.known()) this.noteListed(conversation);
    await Promise.all([this.threads.catchUp(), this.present.refresh(), this.fetchAnnouncements()]);
    this.deliveries.flush();
  }

  /** The estate's group may be so far down the list that it was not loaded. */
  private async fetchAnnouncements(): Promise<void> {
    const { estateId } = this.self;
    if (!estateId) return;
    const route = 'GET /messaging/estate/:estateId/group';
    const ask = () => this.rest.request(route, { params: { estateId } });
    const group = this.list.estateGroup ?? (await this.list.fetch(ask));
    await this.announced.refresh(group.id);
  }

  /** What is kept belongs to one user of one server. */
  private openDrawer(): void {
    const { id } = this.self;
    if (id === null) return;
    const origin = this.options.url || globalThis.location?.origin || '';
    this.outbox.open(`vaultify/${origin}/${id}/outbox/`);
    this.announced.open(`vaultify/${origin}/${id}/acknowledged`);
  }

  // ---- what comes ----

  private arrived(row: WireMessage): void {
    const thread = this.threads.get(row.conversation_id);
    const message = messageOf(row, this.self.id, thread?.quote(row.reply_to_message_id));
    this.place(message);
    if (thread && row.reply_to_message_id !== null && !message.replyTo) void thread.complete(message).catch(() => {});
  }

  private place(message: ChatMessage): void {
    this.note(message);
    this.threads.get(message.conversationId)?.receive(message);
  }

  /** A stored message, seen for the first time or once more, by whatever way it came. */
  private note(message: ChatMessage): void {
    const { conversationId, id, seq, mine } = message;
    this.list.add(message);
    if (mine) this.outbox.isStored(message.clientMessageId);
    if (!mine && id !== null && seq !== null) this.deliveries.say(conversationId, { seq, messageId: id });
  }

  /** Its last message is here now, and nobody has said so yet. */
  private noteListed({ id, lastMessage, unread, deliveredSeq }: Conversation): void {
    if (deliveredSeq !== null) this.deliveries.known(id, deliveredSeq);
    if (unread === 0 || !lastMessage || lastMessage.id === null || lastMessage.seq === null) return;
    this.deliveries.say(id, { seq: lastMessage.seq, messageId: lastMessage.id });
  }

  private heardRead({ conversationId, readBy, seq }: wire.MessageReadEvent): void {
    this.list.whenKnown(conversationId, (it) => this.list.moved(it, readBy, 'lastReadSeq', seq));
    if (readBy !== this.self.id) return;
    this.reads.known(conversationId, seq);
    this.readUpTo(conversationId, seq);
  }

  private heardDelivered({ conversationId, deliveredTo, seq }: wire.MessageDeliveredEvent): void {
    this.list.whenKnown(conversationId, (it) => this.list.moved(it, deliveredTo, 'lastDeliveredSeq', seq));
  }

  /** Counted from the messages that are here; else the server is asked. */
  private readUpTo(id: string, seq: number): void {
    this.list.whenKnown(id, (conversation) => {
      const others = this.threads.get(id)?.othersAfter(seq, conversation.lastSeq) ?? null;
      this.list.readByMe(conversation, seq, others);
    });
  }

  private async joined(id: string): Promise<void> {
    this.noteListed(await this.list.load(id));
    const thread = this.threads.get(id);
    if (thread?.cell.watched && !thread.isReady) await thread.load();
  }

  private gone(id: string): void {
    this.list.remove(id);
    this.threads.end(id, plainError(notThere()));
  }

  // ---- messages ----

  send(conversationId: string, message: OutgoingMessage): string {
    this.setTyping(conversationId, false);
    return this.outbox.send(conversationId, message);
  }

  resend(key: string): void {
    this.outbox.resend(key);
  }

  discard(key: string): void {
    this.outbox.discard(key);
  }

  loadOlder(conversationId: string): Promise<void> {
    return this.threads.get(conversationId)?.loadOlder() ?? Promise.resolve();
  }

  setTyping(conversationId: string, isTyping: boolean): void {
    this.typists.set(conversationId, isTyping);
  }

  markRead(conversationId: string, messageId?: string): void {
    const thread = this.threads.get(conversationId);
    const conversation = this.list.get(conversationId);
    const newest = thread?.newest ?? conversation?.lastMessage;
    const message = messageId === undefined || newest?.id === messageId ? newest : thread?.byId(messageId);
    if (!message || message.id === null || message.seq === null) return;
    if (conversation && message.seq <= conversation.readSeq) return;
    this.reads.say(conversationId, { seq: message.seq, messageId: message.id });
    this.readUpTo(conversationId, message.seq);
  }

  react(messageId: string, emoji: string): Promise<void> {
    return this.reactions.add(messageId, emoji);
  }

  unreact(messageId: string, emoji: string): Promise<void> {
    return this.reactions.remove(messageId, emoji);
  }

  // ---- conversations ----

  loadMoreConversations(): Promise<void> {
    return this.list.loadMore();
  }

  async loadConversation(conversationId: string): Promise<ConversationView> {
    return (await this.list.load(conversationId)).view;
  }

  createDirect(userId: string): Promise<ConversationView> {
    return this.create({ type: 'direct', participantUserIds: [userId] });
  }

  createGroup(title: string, userIds: readonly string[]): Promise<ConversationView> {
    return this.create({ type: 'group', title, participantUserIds: [...userIds] });
  }

  private async create(body: Routes['POST /messaging/conversations']['body']): Promise<ConversationView> {
    return (await this.list.fetch(() => this.rest.request('POST /messaging/conversations', { body }))).view;
  }

  async leave(conversationId: string): Promise<void> {
    await this.rest.request('PUT /messaging/conversations/:id/leave', { params: { id: conversationId } });
    this.gone(conversationId);
  }

  async mute(conversationId: string, until: string | boolean): Promise<void> {
    const route = 'PUT /messaging/conversations/:id/notifications';
    const body = typeof until === 'string' ? { mutedUntil: until } : { isMuted: until, mutedUntil: null };
    const now = await this.rest.request(route, {
      params: { id: conversationId },
      body,
    });
    this.list.mute(conversationId, now.is_muted, now.muted_until);
  }

  async residents(search: string, page = 1): Promise<{ people: Person[]; total: number; hasMore: boolean }> {
    const estateId = this.self.estateId ?? '';
    const route = 'GET /messaging/estate/:estateId/residents';
    const query = { search: search.trim() || undefined, page, limit: RESIDENTS_PAGE };
    const answer = await this.rest.request(route, { params: { estateId }, query });
    return { people: answer.data.map(personOf), total: answer.total, hasMore: page < answer.totalPages };
  }

  // ---- announcements ----

  async broadcast(message: string, type: wire.BroadcastType = 'announcement'): Promise<Broadcast> {
    const estateId = this.self.estateId ?? '';
    const body = { content: message, type };
    const route = 'POST /messaging/estate/:estateId/broadcast';
    const row = await this.rest.request(route, { params: { estateId }, body });
    const broadcast = broadcastOfMessage(row, this.self);
    if (!broadcast) throw networkError('The answer is not an announcement');
    this.announced.add([broadcast]);
    this.arrived(row);
    return broadcast;
  }

  acknowledgeEmergency(messageId: string): void {
    this.announced.acknowledge(messageId);
  }
}
