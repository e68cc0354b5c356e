/** Every text that the components show or speak, in English; give others, all or some, for another language. */
import type { BroadcastType, ConnectionStatus, DeliveryState, Person } from '../core/index.js';

export interface ConversationListLabels {
  /** Of the list, for screen readers. */
  conversations: string;
  unread: (count: number) => string;
  online: string;
  empty: string;
  loading: string;
  failed: string;
  more: string;
}

export interface MessageListLabels {
  /** Of the log, for screen readers. */
  messages: string;
  day: (date: Date) => string;
  time: (date: Date) => string;
  newMessages: string;
  toLatest: (newCount: number) => string;
  /** Spoken when a message comes. */
  incoming: (sender: string, text: string) => string;
  me: string;
  /** Where somebody's name is not known. */
  somebody: string;
  /** Of what has no text of its own. */
  attachment: string;
  /** In the place of what was deleted. */
  deleted: string;
  /** Beside the time of what was changed. */
  edited: string;
  empty: string;
  loading: string;
  failed: string;
  again: string;
  state: (state: DeliveryState) => string;
  resend: string;
  discard: string;
  reply: string;
}

export interface ComposerLabels {
  message: string;
  placeholder: string;
  send: string;
  replyingTo: (name: string) => string;
  cancelReply: string;
  tooLong: (excessBytes: number) => string;
  somebody: string;
}

export interface TypingLabels {
  typing: (people: readonly Person[]) => string;
}

export interface PresenceLabels {
  online: string;
  offline: string;
}

export interface BannerLabels {
  emergency: string;
  acknowledge: string;
  waiting: (count: number) => string;
  dismiss: string;
  kind: (type: BroadcastType) => string;
  from: (name: string, date: Date) => string;
}

export interface ConnectionLabels {
  status: (status: ConnectionStatus) => string;
  retry: string;
}

const STATES: Record<DeliveryState, string> = {
  queued: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

const KINDS: Record<BroadcastType, string> = {
  announcement: 'Announcement',
  maintenance: 'Maintenance',
  security: 'Security',
  emergency: 'Emergency',
  utility: 'Utilities',
  general: 'General',
};

const STATUSES: Record<ConnectionStatus, string> = {
  connecting: 'Connecting…',
  online: 'Online',
  syncing: 'Fetching what you missed…',
  reconnecting: 'Connection lost. Trying again…',
  offline: 'No network. What you write is sent later.',
  refused: 'You are signed out.',
  closed: 'Not connected',
};

/** In the browser's language. Making a format costs a hundred times what using it does: it is made once. */
function dateText(options: Intl.DateTimeFormatOptions): (date: Date) => string {
  let format: Intl.DateTimeFormat | null = null;
  return (date) => (format ??= new Intl.DateTimeFormat(undefined, options)).format(date);
}
const moment = dateText({ dateStyle: 'medium', timeStyle: 'short' });

export const CONVERSATION_LIST_LABELS: ConversationListLabels = {
  conversations: 'Conversations',
  unread: (count) => `${count} unread`,
  online: 'Online',
  empty: 'No conversations yet',
  loading: 'Loading conversations…',
  failed: 'The conversations could not be loaded.',
  more: 'Show more',
};

export const MESSAGE_LIST_LABELS: MessageListLabels = {
  messages: 'Messages',
  day: dateText({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
  time: dateText({ hour: '2-digit', minute: '2-digit' }),
  newMessages: 'New messages',
  toLatest: (newCount) => (newCount > 0 ? `${newCount} new, to the latest` : 'To the latest'),
  incoming: (sender, text) => `${sender}: ${text}`,
  me: 'You',
  somebody: 'Somebody',
  attachment: 'Attachment',
  deleted: 'This message was deleted',
  edited: 'edited',
  empty: 'No messages yet',
  loading: 'Loading messages…',
  failed: 'The messages could not be loaded.',
  again: 'Try again',
  state: (state) => STATES[state],
  resend: 'Send again',
  discard: 'Discard',
  reply: 'Reply',
};

export const COMPOSER_LABELS: ComposerLabels = {
  message: 'Message',
  placeholder: 'Write a message',
  send: 'Send',
  replyingTo: (name) => `Replying to ${name}`,
  cancelReply: 'Cancel the reply',
  tooLong: (excessBytes) => `Too long by ${excessBytes} bytes`,
  somebody: 'Somebody',
};

export const TYPING_LABELS: TypingLabels = {
  typing: ([first, second, ...others]) => {
    if (!first) return '';
    if (!second) return `${first.name} is typing`;
    return others.length > 0 ? 'Several people are typing' : `${first.name} and ${second.name} are typing`;
  },
};

export const PRESENCE_LABELS: PresenceLabels = { online: 'Online', offline: 'Offline' };

export const BANNER_LABELS: BannerLabels = {
  emergency: 'Emergency',
  acknowledge: 'I have seen this',
  waiting: (count) => `${count} more`,
  dismiss: 'Dismiss',
  kind: (type) => KINDS[type],
  from: (name, date) => `${name}, ${moment(date)}`,
};

export const CONNECTION_LABELS: ConnectionLabels = { status: (status) => STATUSES[status], retry: 'Try again' };
