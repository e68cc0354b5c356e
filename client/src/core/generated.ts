/** The server's events, routes, payloads and errors. Printed from its tables by `./dev docs`; do not edit. */
export type Role = 'Residence' | 'Security Personnel' | 'Admin' | 'Super Admin';
export type ConversationType = 'direct' | 'group';
export type MessageType = 'text' | 'image' | 'file' | 'voice' | 'link_preview' | 'system';
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'read';
export type BroadcastType = 'announcement' | 'maintenance' | 'security' | 'emergency' | 'utility' | 'general';
export type DevicePlatform = 'android' | 'ios' | 'web' | 'expo';
export type ErrorCode = string;

export interface Person {
  user_id: string;
  first_name: string;
  last_name: string;
}
export interface Sender extends Person {
  profile_picture_url: string | null;
}
export interface Member extends Person {
  role: Role;
  profile_picture_url: string | null;
}
export interface Reaction {
  reaction_id: string;
  message_id: string;
  user_id: string;
  emoji: string;
  created_at: string;
  user: Person;
}
export interface Me extends Person {
  email: string;
  role: Role;
  estate_id: string | null;
  estate_name: string | null;
  profile_picture_url: string | null;
}
export interface Preferences {
  locale: string | null;
  timeZone: string | null;
  quietHours: { from: string; to: string } | null;
}
export interface Message {
  message_id: string;
  conversation_id: string;
  sender_user_id: string | null;
  type: MessageType;
  content: string | null;
  metadata: Record<string, unknown> | null;
  reply_to_message_id: string | null;
  status: MessageStatus;
  edited_at: string | null;
  deleted_at: string | null;
  created_at: string;
  updated_at: string;
  seq: number;
  client_message_id: string | null;
  sender: Sender | null;
}
export interface FullMessage extends Message {
  reply_to_message: Message | null;
  reactions: Reaction[];
}
export interface Participant {
  conversation_id: string;
  user_id: string;
  is_admin: boolean;
  is_muted: boolean;
  is_pinned: boolean;
  is_archived: boolean;
  notifications_enabled: boolean;
  last_read_message_id: string | null;
  last_read_seq: number;
  last_delivered_seq?: number;
  joined_at: string;
  left_at: string | null;
  user: Member;
}
export interface Conversation {
  conversation_id: string;
  estate_id: string;
  created_by_user_id: string | null;
  type: ConversationType;
  title: string | null;
  photo_url: string | null;
  metadata: Record<string, unknown> | null;
  created_at: string;
  updated_at: string;
  is_estate_group: boolean;
  last_activity_at: string;
  last_seq: number;
  participant_count: number;
  unread_count: number;
  last_message: Message | null;
  participants: Participant[];
}
export interface OnlineUser extends Member {
  online_since: string;
}
export interface PageOf<T> {
  data: T[];
  page: number;
  limit: number;
  total: number;
  totalPages: number;
}
export interface Messages {
  data: FullMessage[];
  limit: number;
  total: number;
  hasMore: boolean;
}
export interface NewMessage {
  conversationId: string;
  message: Message;
}
export interface MessageSent {
  messageId: string;
  conversationId: string;
  clientMessageId?: string;
  seq: number;
  createdAt: string;
}
export interface MessageRead {
  conversationId: string;
  messageId: string;
  readBy: string;
  readAt: string;
  seq: number;
}
export interface MessageDelivered {
  conversationId: string;
  messageId: string;
  deliveredTo: string;
  deliveredAt: string;
  seq: number;
}
export interface UserTyping {
  conversationId: string;
  userId: string;
  firstName: string;
  lastName: string;
  isTyping: boolean;
}
export interface EstateBroadcast {
  message: string;
  type: BroadcastType;
  from: { userId: string; firstName: string; lastName: string; role: Role };
  timestamp: string;
  estateId: string;
  messageId: string;
  conversationId: string;
  seq: number;
}
export interface UserOnline {
  userId: string;
  firstName: string;
  lastName: string;
  timestamp: string;
}
export interface UserOffline {
  userId: string;
  timestamp: string;
}
export interface PresenceDigest {
  estateId: string;
  online: string[];
  offline: string[];
  count: number;
}
export interface ConversationJoined {
  conversationId: string;
}
export interface ConversationLeft {
  conversationId: string;
}
