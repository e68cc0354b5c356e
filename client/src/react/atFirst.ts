/** What everything is before there is a browser: the same on the server and in the page that takes over from it. */
import type { Broadcasts, Connection, ConversationList, Person, Presence, Thread, Unread } from '../core/index.js';

export const CONNECTION_AT_FIRST: Connection = { status: 'connecting', since: 0, error: null, me: null };
export const CONVERSATIONS_AT_FIRST: ConversationList = {
  conversations: [],
  status: 'loading',
  error: null,
  hasMore: false,
};
export const THREAD_AT_FIRST: Thread = {
  messages: [],
  status: 'loading',
  error: null,
  hasOlder: false,
  firstUnreadSeq: null,
};
export const TYPING_AT_FIRST: readonly Person[] = [];
export const PRESENCE_AT_FIRST: Presence = { online: new Set(), count: 0 };
export const UNREAD_AT_FIRST: Unread = { total: 0, byConversation: new Map() };
export const BROADCASTS_AT_FIRST: Broadcasts = { broadcasts: [], emergencies: [], canBroadcast: false };
