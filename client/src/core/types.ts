/** What the client promises: the values that an app reads, and the client that keeps them true. */
import type {
  BroadcastType,
  ConversationType,
  ErrorCode,
  Me,
  MessageType,
  Preferences,
  Reaction,
  Role,
  Routes,
} from './generated.js';

/**
 * A value that can be read now and watched. `get` returns the same object until something in it has changed, and
 * never changes it afterwards, as React's `useSyncExternalStore` wants it.
 */
export interface Readable<T> {
  get(): T;
  /** `listener` runs after each change; the answer ends that. */
  subscribe(listener: () => void): () => void;
}

/**
 * What went wrong: the server's refusal; `network` and `timeout` when there was no answer; `outbox_full` when too
 * much waits already; `wrong_user` when the token function gave a token of somebody else.
 */
export interface VaultifyError {
  code: ErrorCode | 'network' | 'timeout' | 'outbox_full' | 'wrong_user';
  /** For people, in English; show a text of your own by `code`. */
  message: string;
  /** Of HTTP; 0: not by HTTP. */
  status: number;
  retryAfterMs: number | null;
}

export interface Person {
  id: string;
  firstName: string;
  lastName: string;
  /** First and last name, one blank between. */
  name: string;
  pictureUrl: string | null;
  role: Role | null;
}

// ---- the connection ----

/**
 * connecting    the first attempt is under way
 * online        connected, and what was missed has been fetched
 * syncing       connected; what was missed is being fetched
 * reconnecting  the connection broke; the next attempt comes by itself
 * offline       the device says it has no network; an attempt comes at once when it has
 * refused       the server does not want this token; a new token or `retry` begins again
 * closed        `close` was called, or `connect` never was
 */
export type ConnectionStatus = 'connecting' | 'online' | 'syncing' | 'reconnecting' | 'offline' | 'refused' | 'closed';

export interface Connection {
  status: ConnectionStatus;
  /** When this status began, in ms since 1970. */
  since: number;
  /** Of `refused`, and of the last failed attempt. */
  error: VaultifyError | null;
  /** Who is signed in; null until the server has said so once. */
  me: Me | null;
}

// ---- messages ----

/**
 * queued: waits here, also over a reload; sent: stored by the server; delivered and read: by everybody else who was in
 * the conversation already, and never back. In conversations of more than a hundred people it stays `sent`.
 */
export type DeliveryState = 'queued' | 'sent' | 'delivered' | 'read' | 'failed';

export interface QuotedMessage {
  id: string;
  sender: Person | null;
  content: string | null;
  type: MessageType;
}

export interface ChatMessage {
  /** The same before and after the server has stored it: for React's `key`. */
  key: string;
  conversationId: string;
  /** Null while it is queued or failed. */
  id: string | null;
  seq: number | null;
  clientMessageId: string | null;
  type: MessageType;
  content: string | null;
  metadata: Record<string, unknown> | null;
  /** ISO 8601; the device's clock until the server has stored it. */
  createdAt: string;
  /** When its text was last changed, ISO 8601; null: it is as it was written. */
  editedAt: string | null;
  /** Set: it was deleted, and has neither content nor metadata any more. */
  deletedAt: string | null;
  sender: Person | null;
  mine: boolean;
  /** Of my own messages; of others' always `sent`. */
  state: DeliveryState;
  /** Of `failed`. */
  error: VaultifyError | null;
  replyTo: QuotedMessage | null;
  reactions: readonly Reaction[];
  /** Set: this is an announcement. */
  broadcastType: BroadcastType | null;
}

export interface OutgoingMessage {
  content?: string;
  type?: Exclude<MessageType, 'system'>;
  metadata?: Record<string, unknown>;
  replyTo?: QuotedMessage;
}

export interface Thread {
  /** By seq, the oldest first; what waits in the outbox at the end. Without gaps and without doubles. */
  messages: readonly ChatMessage[];
  status: 'loading' | 'ready' | 'loading-older' | 'error';
  error: VaultifyError | null;
  hasOlder: boolean;
  /** My own read position when the thread was opened: where "new messages" begins. */
  firstUnreadSeq: number | null;
}

// ---- conversations ----

export interface Participant extends Person {
  isAdmin: boolean;
  lastReadSeq: number;
  lastDeliveredSeq: number;
}

export interface ConversationView {
  id: string;
  type: ConversationType;
  isEstateGroup: boolean;
  /** The other's name in a direct conversation. */
  title: string;
  pictureUrl: string | null;
  /** The other one of a direct conversation. */
  other: Person | null;
  /** At most a hundred: the first to join, and the user; `participantCount` counts all. */
  participants: readonly Participant[];
  participantCount: number;
  lastMessage: ChatMessage | null;
  lastActivityAt: string;
  unread: number;
  isMuted: boolean;
  mutedUntil: string | null;
}

export interface ConversationList {
  /** Latest activity first. */
  conversations: readonly ConversationView[];
  status: 'loading' | 'ready' | 'error';
  error: VaultifyError | null;
  hasMore: boolean;
}

/** Of all conversations, muted ones, too, also where the list has not got to them yet; no entry: nothing is unread. */
export interface Unread {
  total: number;
  byConversation: ReadonlyMap<string, number>;
}

// ---- people ----

export interface Presence {
  /** Ids. */
  online: ReadonlySet<string>;
  /** Exact, also in estates so large that not everybody is named. */
  count: number;
}

// ---- announcements ----

export interface Broadcast {
  messageId: string;
  conversationId: string;
  estateId: string;
  seq: number;
  type: BroadcastType;
  message: string;
  from: Person;
  timestamp: string;
}

export interface Broadcasts {
  /** The newest first; those that came since the client was made, and the recent ones of the estate group's history. */
  broadcasts: readonly Broadcast[];
  /**
   * Emergencies of the last two days that this user has not acknowledged yet on this device, over reloads; the newest
   * first. What they announced themselves is not among them.
   */
  emergencies: readonly Broadcast[];
  /** May this user announce? */
  canBroadcast: boolean;
}

// ---- pushes ----

export interface PushState {
  /** `unsupported`: this browser, or this server, knows no Web Push. */
  permission: 'unsupported' | 'default' | 'granted' | 'denied';
  /** Is this device registered? */
  enabled: boolean;
  preferences: Preferences | null;
}

// ---- the client ----

/**
 * Where the outbox and acknowledged emergencies are kept: the part of the Web Storage API that is needed.
 * `localStorage` is one; null keeps them in memory. It may throw: then they are kept in memory, too.
 */
export interface ClientStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface ClientOptions {
  /** Origin of the server, such as https://messages.example.org; '' is the page's own. */
  url: string;
  /** An access token, or what fetches a fresh one; it is asked before each attempt to connect and each refused request. */
  token: string | (() => string | Promise<string>);
  /** Default: `localStorage` where there is one. */
  storage?: ClientStorage | null;
  /** Hears, once, that the storage does not work. Default: `console.warn`. */
  onWarning?: (text: string) => void;
  /** For socket.io-client, over ours; `reconnectionDelay` and `reconnectionDelayMax` are heeded. */
  socketOptions?: Record<string, unknown>;
  /** Default: the global one. */
  fetch?: typeof fetch;
}

export interface VaultifyClient {
  readonly connection: Readable<Connection>;
  readonly conversations: Readable<ConversationList>;
  readonly unread: Readable<Unread>;
  readonly presence: Readable<Presence>;
  readonly broadcasts: Readable<Broadcasts>;
  /** Loads the newest page when it is watched for the first time, and keeps it up to date while it is watched. */
  thread(conversationId: string): Readable<Thread>;
  /** Who else types there now. */
  typing(conversationId: string): Readable<readonly Person[]>;

  connect(): void;
  close(): void;
  /** Removes what is kept of this user on this device, unsent messages, too: for signing out. */
  forget(): void;
  /** Tries at once: after `refused`, or instead of waiting. */
  retry(): void;

  /** Puts it into the outbox and into the thread at once; the answer is its key. It goes out by itself. */
  send(conversationId: string, message: OutgoingMessage): string;
  /** Of a failed or queued message. */
  resend(key: string): void;
  discard(key: string): void;
  /** Resolves when the page is in the thread; never rejects: what went wrong is the thread's `error`. */
  loadOlder(conversationId: string): Promise<void>;
  /** Tells that the user types; call it at each key press: what goes out is thinned. False: stopped. */
  setTyping(conversationId: string, isTyping: boolean): void;
  /** Up to the newest message of the thread, or to `messageId`. Only ever forward. */
  markRead(conversationId: string, messageId?: string): void;

  loadMoreConversations(): Promise<void>;
  /** The newest state; also of a conversation that the list has not reached yet. */
  loadConversation(conversationId: string): Promise<ConversationView>;
  createDirect(userId: string): Promise<ConversationView>;
  createGroup(title: string, userIds: readonly string[]): Promise<ConversationView>;
  leave(conversationId: string): Promise<void>;
  /** Until a time (ISO 8601), for good (true), or not (false). */
  mute(conversationId: string, until: string | boolean): Promise<void>;
  /** Both show in the thread at once, and are taken back there when the server refuses: then they reject. */
  react(messageId: string, emoji: string): Promise<void>;
  unreact(messageId: string, emoji: string): Promise<void>;
  /** Active people of the estate, by name; `search` is part of a name. 50 a page. */
  residents(search: string, page?: number): Promise<{ people: Person[]; total: number; hasMore: boolean }>;

  broadcast(message: string, type?: BroadcastType): Promise<Broadcast>;
  acknowledgeEmergency(messageId: string): void;

  /** The typed REST client underneath, for everything else. */
  readonly rest: RestClient;
}

export type Route = keyof Routes;

/** What a route of the table takes; any of it is left out where the route has none. */
export interface RestInput<R extends Route = Route> {
  params?: Routes[R]['params'];
  query?: Routes[R]['query'];
  body?: Routes[R]['body'];
}

export interface RestClient {
  /**
   * The answer's body, typed by the server's own table: `request('GET /messaging/conversations/:id', {params: {id}})`.
   * Rejects with VaultifyRequestError. A request that cannot do anything twice is repeated once when the network fails.
   */
  request<R extends Route>(route: R, input?: RestInput<R>): Promise<Routes[R]['answer']>;
}
