/** Messages as the server sends them, as the app sees them. */
import type * as wire from './generated.js';
import { personOf } from './person.js';
import type { ChatMessage, OutgoingMessage, Person, QuotedMessage, VaultifyError } from './types.js';

/** `new_message` brings it without reactions and quoted message, the history with them. */
export type WireMessage = wire.Message & Partial<Pick<wire.HistoryMessage, 'reactions' | 'reply_to_message'>>;

/** `quoted`: what the thread knows of the message that this one answers. */
export function messageOf(row: WireMessage, myId: string | null, quoted: QuotedMessage | null = null): ChatMessage {
  const mine = row.sender_user_id !== null && row.sender_user_id === myId;
  const deleted = row.deleted_at !== null;
  return {
    key: mine && row.client_message_id ? row.client_message_id : row.message_id,
    conversationId: row.conversation_id,
    id: row.message_id,
    seq: row.seq,
    clientMessageId: row.client_message_id,
    type: row.type,
    content: deleted ? null : row.content,
    metadata: deleted ? null : row.metadata,
    createdAt: row.created_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
    sender: row.sender ? personOf(row.sender) : null,
    mine,
    state: 'sent',
    error: null,
    replyTo: row.reply_to_message ? quoteOf(row.reply_to_message) : quoted,
    reactions: row.reactions ?? NO_REACTIONS,
    broadcastType: broadcastTypeOf(row),
  };
}

const NO_REACTIONS: readonly wire.Reaction[] = [];

const quoteOf = (row: wire.Message): QuotedMessage => ({
  id: row.message_id,
  sender: row.sender ? personOf(row.sender) : null,
  content: row.deleted_at === null ? row.content : null,
  type: row.type,
});

export function quoteOfMessage({ id, sender, content, type }: ChatMessage): QuotedMessage | null {
  return id === null ? null : { id, sender, content, type };
}

const BROADCAST_TYPES: ReadonlySet<unknown> = new Set<wire.BroadcastType>([
  'announcement',
  'maintenance',
  'security',
  'emergency',
  'utility',
  'general',
]);

/** Only the server writes messages of type system, so nobody can dress a message of theirs as an announcement. */
function broadcastTypeOf(row: WireMessage): wire.BroadcastType | null {
  const type = row.type === 'system' ? row.metadata?.broadcast_type : null;
  return BROADCAST_TYPES.has(type) ? (type as wire.BroadcastType) : null;
}

/** An announcement takes its place in the estate group, but no `new_message` comes for it: it is that message. */
export function messageOfBroadcast(event: wire.EstateBroadcastEvent): WireMessage {
  const { userId, firstName, lastName } = event.from;
  return {
    message_id: event.messageId,
    conversation_id: event.conversationId,
    sender_user_id: userId,
    type: 'system',
    content: event.message,
    metadata: { broadcast_type: event.type },
    reply_to_message_id: null,
    status: 'sent',
    edited_at: null,
    deleted_at: null,
    created_at: event.timestamp,
    updated_at: event.timestamp,
    seq: event.seq,
    client_message_id: null,
    sender: { user_id: userId, first_name: firstName, last_name: lastName, profile_picture_url: null },
  };
}

/** What waits here, as the thread shows it. */
export interface Waiting {
  key: string;
  conversationId: string;
  message: OutgoingMessage;
  createdAt: string;
  error: VaultifyError | null;
}

export const messageOfWaiting = (entry: Waiting, me: Person | null): ChatMessage => ({
  key: entry.key,
  conversationId: entry.conversationId,
  id: null,
  seq: null,
  clientMessageId: entry.key,
  type: entry.message.type ?? 'text',
  content: entry.message.content ?? null,
  metadata: entry.message.metadata ?? null,
  createdAt: entry.createdAt,
  editedAt: null,
  deletedAt: null,
  sender: me,
  mine: true,
  state: entry.error ? 'failed' : 'queued',
  error: entry.error,
  replyTo: entry.message.replyTo ?? null,
  reactions: NO_REACTIONS,
  broadcastType: null,
});

/** The same once the server has stored it, from its acknowledgement: `new_message` may come later, or be lost. */
export const messageOfAck = (entry: Waiting, me: Person | null, id: string, seq: number, at: string): ChatMessage => ({
  ...messageOfWaiting(entry, me),
  id,
  seq,
  createdAt: at,
  state: 'sent',
  error: null,
});
