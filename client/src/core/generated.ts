/** The server's events, routes, payloads and errors. Printed from its tables by `./dev docs`; do not edit. */
export type Role = 'Residence' | 'Security Personnel' | 'Admin' | 'Super Admin';
export type UserStatus = 'pending' | 'active' | 'suspended';
export type ConversationType = 'direct' | 'group';
export type MessageType = 'text' | 'image' | 'file' | 'voice' | 'link_preview' | 'system';
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'read';
export type BroadcastType = 'announcement' | 'maintenance' | 'security' | 'emergency' | 'utility' | 'general';
export type DevicePlatform = 'android' | 'ios' | 'web' | 'expo';
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_payload'
  | 'unknown_event'
  | 'invalid_request'
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'user_unknown'
  | 'user_inactive'
  | 'estate_changed'
  | 'forbidden'
  | 'conversation_not_found'
  | 'message_not_found'
  | 'user_not_found'
  | 'reaction_not_found'
  | 'device_not_found'
  | 'webpush_off'
  | 'push_not_found'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'too_many_reactions'
  | 'content_too_large'
  | 'rate_limited'
  | 'headers_too_large'
  | 'internal'
  | 'unknown_coding'
  | 'busy'
  | 'unknown_version';

/** Who somebody is, in short. */
export interface Person {
  /** Whose it is. */
  user_id: string;
  /** May be empty. */
  first_name: string;
  /** May be empty. */
  last_name: string;
}

/** Who wrote a message. */
export interface Sender extends Person {
  /** Where their picture is. */
  profile_picture_url: string | null;
}

/** Somebody of an estate. */
export interface Resident extends Person {
  /** What they are in their estate. */
  role: Role;
  /** Where their picture is. */
  profile_picture_url: string | null;
}

/** Somebody who is online now. */
export interface OnlineUser extends Resident {
  /** When their first device came. */
  online_since: string;
}

/** The token's user. */
export interface Me extends Person {
  /** As the estate's office knows it. */
  email: string | null;
  /** What they are in their estate. */
  role: Role;
  /** Only active ones are let in. */
  status: UserStatus;
  /** The estate that they belong to. */
  estate_id: string | null;
  /** Its name. */
  estate_name: string | null;
  /** Where their picture is. */
  profile_picture_url: string | null;
}

/** One user's emoji on a message. */
export interface Reaction {
  /** The reaction's own id. */
  reaction_id: string;
  /** The message reacted to. */
  message_id: string;
  /** Who reacted. */
  user_id: string;
  /** With what. */
  emoji: string;
  /** When. */
  created_at: string;
  /** Who reacted, by name. */
  user: Person;
}

/** A message as it is stored. */
export interface Message {
  /** A UUIDv7, but for imported ones. */
  message_id: string;
  /** Where it was said. */
  conversation_id: string;
  /** Who said it; null: nobody who is known any more. */
  sender_user_id: string | null;
  /** What content and metadata are. */
  type: MessageType;
  /** The text. */
  content: string | null;
  /** What the app attached; of a broadcast broadcast_type, too. */
  metadata: Record<string, unknown> | null;
  /** The message that it answers. */
  reply_to_message_id: string | null;
  /** As it was stored. */
  status: MessageStatus;
  /** When it was changed last. */
  edited_at: string | null;
  /** When it was taken back. */
  deleted_at: string | null;
  /** When it was stored. */
  created_at: string;
  /** When the row changed last. */
  updated_at: string;
  /** Its number in the conversation: 1, 2, 3 … without gap. */
  seq: number;
  /** What the sender's app called it. */
  client_message_id: string | null;
  /** Who said it, by name. */
  sender: Sender | null;
}

/** The message that was sent. */
export interface SentMessage extends Message {
  /** It had been stored before, under the same client_message_id. */
  duplicate?: true;
}

/** A message with what belongs to it. */
export interface HistoryMessage extends Message {
  /** The message that it answers. */
  reply_to_message: Message | null;
  /** The oldest first. */
  reactions: Reaction[];
}

/** Somebody in a conversation. */
export interface Participant {
  /** Where they take part. */
  conversation_id: string;
  /** Who does. */
  user_id: string;
  /** May add others. */
  is_admin: boolean;
  /** The caller's own; of others false. */
  is_muted: boolean;
  /** The caller's own; of others false. */
  is_pinned: boolean;
  /** The caller's own; of others false. */
  is_archived: boolean;
  /** The caller's own; of others true. */
  notifications_enabled: boolean;
  /** The newest message that they have read. */
  last_read_message_id: string | null;
  /** Its seq; 0: none. */
  last_read_seq: number;
  /** seq of the newest message that a device of theirs has got, or that they have read; 0: none. */
  last_delivered_seq: number;
  /** Since when they take part. */
  joined_at: string;
  /** Since when no more. */
  left_at: string | null;
  /** Who they are. */
  user: Resident;
}

/** A conversation as the caller sees it. */
export interface Conversation {
  /** The conversation's own id. */
  conversation_id: string;
  /** The estate that it belongs to. */
  estate_id: string;
  /** Who began it. */
  created_by_user_id: string | null;
  /** Between two, or more. */
  type: ConversationType;
  /** Of a group. */
  title: string | null;
  /** Where its picture is. */
  photo_url: string | null;
  /** What was imported with it. */
  metadata: Record<string, unknown> | null;
  /** When it began. */
  created_at: string;
  /** When the row changed last. */
  updated_at: string;
  /** The one that all of the estate are in. */
  is_estate_group: boolean;
  /** When something was said last, or it began. */
  last_activity_at: string;
  /** seq of the newest message; 0: none yet. */
  last_seq: number;
  /** How many are in it now. */
  participant_count: number;
  /** Messages of others that the caller has not read. */
  unread_count: number;
  /** The newest message. */
  last_message: Message | null;
  /** Those in it now; in lists at most a hundred: the first to join, and the caller. */
  participants: Participant[];
}

/** Where a user's pushes go. */
export interface Device {
  /** The registration's own id. */
  device_token_id: string;
  /** What the device runs. */
  platform: DevicePlatform;
  /** Where its pushes go; of Web Push the endpoint. */
  token: string;
  /** What the app calls the device. */
  device_id: string | null;
  /** When it was registered first. */
  created_at: string;
  /** When it was registered last. */
  last_seen: string;
}

/** When nothing is pushed, in the user's time zone. */
export interface QuietHours {
  /** Begin of the quiet. */
  from: string;
  /** Its end; may be of the next day. */
  to: string;
}

/** How a user wants to be pushed. */
export interface Preferences {
  /** Language of pushes, such as fr or en-GB. */
  locale: string | null;
  /** Such as Africa/Lagos; null: UTC. */
  timeZone: string | null;
  /** Null: none. */
  quietHours: QuietHours | null;
}

/** What a conversation may push to the caller. */
export interface ConversationNotifications {
  /** Which conversation. */
  conversation_id: string;
  /** It pushes nothing but emergencies. */
  is_muted: boolean;
  /** Until then; null: until further notice. */
  muted_until: string | null;
  /** Off: the same, for good. */
  notifications_enabled: boolean;
}

/** Somebody to try the demo as. */
export interface DemoUser extends Person {
  /** What they are in their estate. */
  role: Role;
  /** The estate that they belong to. */
  estate_id: string | null;
  /** Its name. */
  estate_name: string | null;
  /** An access token that is theirs. */
  token: string;
}

/** Whom one can try the demo as. */
export interface DemoUsers {
  /** All of them. */
  data: DemoUser[];
}

/** A page of a list. */
export interface Page<T> {
  /** The rows. */
  data: T[];
  /** This page's number, from 1. */
  page: number;
  /** Rows a page. */
  limit: number;
  /** Rows of all pages. */
  total: number;
  /** How many pages there are. */
  totalPages: number;
  /** Beside truncated. */
  hasMore?: true;
  /** The page would have been too large, and its last rows were left out. */
  truncated?: true;
}

/** A part of a conversation's history. */
export interface HistoryPage {
  /** By seq, the oldest first. */
  data: HistoryMessage[];
  /** Only by page: its number, from 1, the newest. */
  page?: number;
  /** Messages a page. */
  limit: number;
  /** Messages of the conversation that the caller can see. */
  total: number;
  /** Only by page: how many there are. */
  totalPages?: number;
  /** By seq: are there more in that direction? */
  hasMore?: boolean;
  /** The page would have been too large, and its last rows were left out. */
  truncated?: true;
}

/** It is done. */
export interface Done {
  /** What was done, for people. */
  message: string;
}

/** What a page needs to subscribe to Web Push. */
export interface VapidPublicKey {
  /** The applicationServerKey of pushManager.subscribe, base64url. */
  publicKey: string;
}

/** How the server is. */
export interface Health {
  /** ok, ready, or what it is doing. */
  status: string;
  /** Of the program. */
  version: string;
}

/** Why a request was refused. */
export interface ErrorBody {
  /** False. */
  success: false;
  /** The answer's HTTP status. */
  statusCode: number;
  /** When it was refused. */
  timestamp: string;
  /** The request's path. */
  path: string;
  /** The request's method. */
  method: string;
  /** The status's phrase. */
  error: string;
  /** Why, for people, in English. */
  message: string;
  /** Why, for programs. */
  code: ErrorCode;
}

/** A message is stored. */
export interface NewMessageEvent {
  /** Where it was said. */
  conversationId: string;
  /** As it is stored. */
  message: Message;
}

/** The socket's own message is stored. */
export interface MessageSentEvent {
  /** The message's id from now on. */
  messageId: string;
  /** Where it was said. */
  conversationId: string;
  /** What the app called it. */
  clientMessageId?: string;
  /** Its number in the conversation. */
  seq: number;
  /** When it was stored. */
  createdAt: string;
}

/** What a message has become. */
export interface MessageStored extends MessageSentEvent {
  /** It had been stored before, under the same clientMessageId. */
  duplicate?: true;
}

/** Somebody's read position moved. */
export interface MessageReadEvent {
  /** Where. */
  conversationId: string;
  /** The newest message that was read. */
  messageId: string;
  /** Who read. */
  readBy: string;
  /** When. */
  readAt: string;
  /** The message's number: all up to it are read. */
  seq: number;
}

/** Messages have arrived at somebody's device. */
export interface MessageDeliveredEvent {
  /** Where. */
  conversationId: string;
  /** The newest message that has arrived. */
  messageId: string;
  /** At whose device. */
  deliveredTo: string;
  /** When. */
  deliveredAt: string;
  /** The message's number: all up to it have arrived. */
  seq: number;
}

/** Somebody else types, or has stopped. */
export interface UserTypingEvent {
  /** Where. */
  conversationId: string;
  /** Who. */
  userId: string;
  /** May be empty. */
  firstName: string;
  /** May be empty. */
  lastName: string;
  /** False: no more. */
  isTyping: boolean;
}

/** Who speaks to the estate. */
export interface Announcer {
  /** Who. */
  userId: string;
  /** May be empty. */
  firstName: string;
  /** May be empty. */
  lastName: string;
  /** As what. */
  role: Role;
}

/** An announcement to the estate. */
export interface EstateBroadcastEvent {
  /** The text. */
  message: string;
  /** What it is about. */
  type: BroadcastType;
  /** Who speaks. */
  from: Announcer;
  /** When it was stored. */
  timestamp: string;
  /** To which estate. */
  estateId: string;
  /** Its message in the estate's group. */
  messageId: string;
  /** The estate's group. */
  conversationId: string;
  /** Its number there. */
  seq: number;
}

/** Somebody's first device came. */
export interface UserOnlineEvent {
  /** Who. */
  userId: string;
  /** May be empty. */
  firstName: string;
  /** May be empty. */
  lastName: string;
  /** Since when. */
  timestamp: string;
}

/** Somebody's last device has been gone for the grace period. */
export interface UserOfflineEvent {
  /** Who. */
  userId: string;
  /** Since when. */
  timestamp: string;
}

/** Many came and went at once: stands for their user_online and user_offline. */
export interface PresenceDigestEvent {
  /** Where. */
  estateId: string;
  /** Some who came since the last one. */
  online: string[];
  /** Some who went since the last one. */
  offline: string[];
  /** How many are online now. */
  count: number;
}

/** The user is in a conversation from now on. */
export interface ConversationJoinedEvent {
  /** Which conversation. */
  conversationId: string;
}

/** The user is in it no more. */
export interface ConversationLeftEvent {
  /** Which conversation. */
  conversationId: string;
}

/** An event was refused, or the connection is about to end. */
export interface ErrorEvent {
  /** Why, for people, in English. */
  message: string;
  /** Why, for programs. */
  code: ErrorCode;
  /** The refused event's name; none: it is the connection that ends. */
  event?: string;
}

/** Why an event was refused. */
export interface AckError {
  /** Why, for programs. */
  code: ErrorCode;
  /** Why, for people, in English. */
  message: string;
  /** When it is worth another try. */
  retryAfterMs?: number;
}

/** Announces something to the user's whole estate, and stores it in its group. */
export interface EstateBroadcastPayload {
  /** The text. */
  message: string;
  /** What it is about; announcement when it is left out. */
  type?: BroadcastType | null;
}

/** Enters the estate's live room, in which every socket of its users begins. */
export interface JoinEstateGroupPayload {
  /** The user's own estate. */
  estateId: string;
}

/** Leaves the live room: no more broadcasts and presence; membership and history stay. */
export interface LeaveEstateGroupPayload {
  /** The user's own estate. */
  estateId: string;
}

/** Moves the user's read position forward to this message, never back. */
export interface MarkAsReadPayload {
  /** Where. */
  conversationId: string;
  /** The newest message that was read; all before it count as read. */
  messageId: string;
}

/** Says that this message and all before it in its conversation have arrived on the device. */
export interface MessageDeliveredPayload {
  /** Where. */
  conversationId: string;
  /** The newest message that has arrived. */
  messageId: string;
}

/** Stores a message and tells all participants. */
export interface SendMessagePayload {
  /** Where. */
  conversationId: string;
  /** The text; type text needs it, the others need it or metadata. */
  content?: string | null;
  /** text when it is left out; system is the server's alone. */
  type?: MessageType | null;
  /** What the app wants to attach. */
  metadata?: Record<string, unknown> | null;
  /** A message of the same conversation. */
  replyToMessageId?: string | null;
  /** The app's own id for it: the same one again is stored once. */
  clientMessageId?: string | null;
}

/** Tells the other participants that the user types, or has stopped; it ends by itself after 3 seconds. */
export interface TypingPayload {
  /** Where. */
  conversationId: string;
  /** False: no more. */
  isTyping: boolean;
}

/** An event's acknowledgement. */
export type Ack<T = object> = ({ ok: true } & T) | { ok: false; error: AckError };

/** For socket.io-client's Socket: what may be emitted. */
export interface ClientToServerEvents {
  /** Announces something to the user's whole estate, and stores it in its group. */
  estate_broadcast: (payload: EstateBroadcastPayload, ack?: (answer: Ack<MessageStored>) => void) => void;
  /** Enters the estate's live room, in which every socket of its users begins. */
  join_estate_group: (payload: JoinEstateGroupPayload, ack?: (answer: Ack) => void) => void;
  /** Leaves the live room: no more broadcasts and presence; membership and history stay. */
  leave_estate_group: (payload: LeaveEstateGroupPayload, ack?: (answer: Ack) => void) => void;
  /** Moves the user's read position forward to this message, never back. */
  mark_as_read: (payload: MarkAsReadPayload, ack?: (answer: Ack) => void) => void;
  /** Says that this message and all before it in its conversation have arrived on the device. */
  message_delivered: (payload: MessageDeliveredPayload, ack?: (answer: Ack) => void) => void;
  /** Stores a message and tells all participants. */
  send_message: (payload: SendMessagePayload, ack?: (answer: Ack<MessageStored>) => void) => void;
  /** Tells the other participants that the user types, or has stopped; it ends by itself after 3 seconds. */
  typing: (payload: TypingPayload, ack?: (answer: Ack) => void) => void;
}

/** For socket.io-client's Socket: what is heard. */
export interface ServerToClientEvents {
  /** To all sockets of all participants, the sender's too: a message is stored. */
  new_message: (payload: NewMessageEvent) => void;
  /** To the socket that said send_message: its message is stored. */
  message_sent: (payload: MessageSentEvent) => void;
  /** To the other participants, and to the reader's other sockets: a read position moved; in large conversations to the message's sender and the reader alone. */
  message_read: (payload: MessageReadEvent) => void;
  /** To who sent a message: it has arrived at a device of somebody else; to all other participants when it stands for messages of several. Not in large conversations. */
  message_delivered: (payload: MessageDeliveredEvent) => void;
  /** To the other participants: somebody types, or has stopped. */
  user_typing: (payload: UserTypingEvent) => void;
  /** To everyone in the estate's live room: an announcement. */
  estate_broadcast: (payload: EstateBroadcastEvent) => void;
  /** To the others in the estate's live room: somebody's first device came. */
  user_online: (payload: UserOnlineEvent) => void;
  /** To the others in the estate's live room: somebody's last device has been gone for the grace period. */
  user_offline: (payload: UserOfflineEvent) => void;
  /** To everyone in the estate's live room, instead of single presence events when there are too many of them. */
  presence_digest: (payload: PresenceDigestEvent) => void;
  /** To all sockets of a user who is in a conversation from now on: begun or added by anybody, before its first new_message; not for those in which a socket is from its connect on. */
  conversation_joined: (payload: ConversationJoinedEvent) => void;
  /** To all sockets of a user who is in it no more, behind the last they hear of it: left on any device, or taken out. */
  conversation_left: (payload: ConversationLeftEvent) => void;
  /** To the socket whose event was refused, exactly one for each; and before the server ends a connection, with the reason. */
  error: (payload: ErrorEvent) => void;
}

/** Every route, by method and path: what it takes and what it answers when all is well. */
export interface Routes {
  /** Makes the estate's group, or gives the one that is there. */
  'POST /messaging/estate/:estateId/group': {
    params: { estateId: string };
    query: undefined;
    body: {
      /** Of the group, when it is made. */
      title?: string | null;
    };
    answer: Conversation;
  };
  /** The estate's group, made when it is missing; with everybody in it or with the first of them. */
  'GET /messaging/estate/:estateId/group': {
    params: { estateId: string };
    query: {
      /** At most so many of them, the caller always among them; all when it is left out. */
      participants?: number;
    };
    body: undefined;
    answer: Conversation;
  };
  /** The caller's conversations in the estate, latest activity first. */
  'GET /messaging/estate/:estateId/conversations': {
    params: { estateId: string };
    query: {
      /** From 1. */
      page?: number;
      /** Rows a page; 20 when it is left out. */
      limit?: number;
      /** True: only those that the caller has not read to the end, be it his own message. */
      unread?: boolean;
    };
    body: undefined;
    answer: Page<Conversation>;
  };
  /** Announces something to the whole estate, and stores it in its group. */
  'POST /messaging/estate/:estateId/broadcast': {
    params: { estateId: string };
    query: undefined;
    body: {
      /** The text. */
      content: string;
      /** What it is about; announcement when it is left out. */
      type?: BroadcastType | null;
      /** What the app wants to attach. */
      metadata?: Record<string, unknown> | null;
    };
    answer: Message;
  };
  /** Who of the estate is online now. */
  'GET /messaging/estate/:estateId/online-users': {
    params: { estateId: string };
    query: undefined;
    body: undefined;
    answer: OnlineUser[];
  };
  /** The estate's active people by name; search is part of the first, the last or the full name, in any case. */
  'GET /messaging/estate/:estateId/residents': {
    params: { estateId: string };
    query: {
      /** Part of a name. */
      search?: string;
      /** From 1. */
      page?: number;
      /** People a page; 50 when it is left out. */
      limit?: number;
    };
    body: undefined;
    answer: Page<Resident>;
  };
  /** The token's own user. */
  'GET /messaging/me': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Me;
  };
  /** Begins a conversation; between the same two there is one direct one, which is given again. */
  'POST /messaging/conversations': {
    params: undefined;
    query: undefined;
    body: {
      /** The caller's own estate, also when it is left out. */
      estateId?: string | null;
      /** Between two, or more. */
      type: ConversationType;
      /** Of a group. */
      title?: string | null;
      /** The others; the caller is in it in any case. */
      participantUserIds: string[];
    };
    answer: Conversation;
  };
  /** The caller's conversations, latest activity first. */
  'GET /messaging/conversations': {
    params: undefined;
    query: {
      /** From 1. */
      page?: number;
      /** Rows a page; 20 when it is left out. */
      limit?: number;
      /** True: only those that the caller has not read to the end, be it his own message. */
      unread?: boolean;
    };
    body: undefined;
    answer: Page<Conversation>;
  };
  /** One conversation, with everybody in it or with the first of them. */
  'GET /messaging/conversations/:id': {
    params: { id: string };
    query: {
      /** At most so many of them, the caller always among them; all when it is left out. */
      participants?: number;
    };
    body: undefined;
    answer: Conversation;
  };
  /** Stores a message and tells all participants. */
  'POST /messaging/conversations/:id/messages': {
    params: { id: string };
    query: undefined;
    body: {
      /** The text; type text needs it, the others need it or metadata. */
      content?: string | null;
      /** text when it is left out; system is the server's alone. */
      type?: MessageType | null;
      /** What the app wants to attach. */
      metadata?: Record<string, unknown> | null;
      /** A message of the same conversation. */
      replyToMessageId?: string | null;
      /** The app's own id for it: the same one again is stored once; X-Idempotency-Key does as well. */
      clientMessageId?: string | null;
    };
    answer: SentMessage;
  };
  /** Messages in order: by page, the newest being page 1, or after or before a seq. */
  'GET /messaging/conversations/:id/messages': {
    params: { id: string };
    query: {
      /** From 1, the newest; not beside afterSeq and beforeSeq. */
      page?: number;
      /** Messages a page; 50 when it is left out. */
      limit?: number;
      /** Only messages behind this one, the oldest first. */
      afterSeq?: number;
      /** Only messages before this one; alone: the newest of them. */
      beforeSeq?: number;
    };
    body: undefined;
    answer: HistoryPage;
  };
  /** Moves the caller's read position forward to this message. */
  'PUT /messaging/conversations/:id/read/:messageId': {
    params: { id: string; messageId: string };
    query: undefined;
    body: undefined;
    answer: Done;
  };
  /** Leaves a conversation; the estate's group nobody leaves. */
  'PUT /messaging/conversations/:id/leave': {
    params: { id: string };
    query: undefined;
    body: undefined;
    answer: Done;
  };
  /** Adds somebody of the estate to a group; its admins may. */
  'POST /messaging/conversations/:id/participants/:userId': {
    params: { id: string; userId: string };
    query: undefined;
    body: undefined;
    answer: Participant;
  };
  /** Reacts to a message. */
  'POST /messaging/messages/:id/reactions': {
    params: { id: string };
    query: undefined;
    body: {
      /** One emoji. */
      emoji: string;
    };
    answer: Reaction;
  };
  /** Takes the caller's reaction back. */
  'DELETE /messaging/messages/:id/reactions/:emoji': {
    params: { id: string; emoji: string };
    query: undefined;
    body: undefined;
    answer: Done;
  };
  /** Mutes a conversation, or switches its pushes off, for the caller. */
  'PUT /messaging/conversations/:id/notifications': {
    params: { id: string };
    query: undefined;
    body: {
      /** Pushes nothing but emergencies. */
      isMuted?: boolean | null;
      /** Mutes until then, also without isMuted. */
      mutedUntil?: string | null;
      /** False: the same as muted, for good. */
      notificationsEnabled?: boolean | null;
    };
    answer: ConversationNotifications;
  };
  /** Where the caller's pushes go. */
  'GET /notifications/devices': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Device[];
  };
  /** Registers a device for pushes; again at every start of the app. */
  'POST /notifications/devices': {
    params: undefined;
    query: undefined;
    body: {
      /** What the device runs. */
      platform: DevicePlatform;
      /** Of the push service; for Web Push its subscription as JSON does as well. */
      token?: string | null;
      /** Instead of token: what pushManager.subscribe gave. */
      subscription?: Record<string, unknown> | null;
      /** The app's own name for the device: a new token replaces its old one. */
      deviceId?: string | null;
    };
    answer: Device;
  };
  /** Forgets a device, by its token, endpoint, subscription or device_token_id. */
  'DELETE /notifications/devices/:token': {
    params: { token: string };
    query: undefined;
    body: undefined;
    answer: Done;
  };
  /** What a page needs to subscribe to Web Push. */
  'GET /notifications/vapid-public-key': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: VapidPublicKey;
  };
  /** The caller's language, time zone and quiet hours. */
  'GET /notifications/preferences': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Preferences;
  };
  /** Sets what is there of them, and takes back what is null. */
  'PUT /notifications/preferences': {
    params: undefined;
    query: undefined;
    body: {
      /** Language of pushes, such as fr or en-GB; null takes it back. */
      locale?: string | null;
      /** Such as Africa/Lagos; null: UTC. */
      timeZone?: string | null;
      /** When nothing is pushed; null: never. */
      quietHours?: QuietHours | null;
    };
    answer: Preferences;
  };
  /** Does the process live? */
  'GET /health/live': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Health;
  };
  /** Does it serve? Not while it starts or stops. */
  'GET /health/ready': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: Health;
  };
  /** Whom one can try the demo as, each with an access token; only while the server runs with --demo. */
  'GET /demo/users': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: DemoUsers;
  };
  /** What was counted since the start, for Prometheus. */
  'GET /metrics': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: string;
  };
}
