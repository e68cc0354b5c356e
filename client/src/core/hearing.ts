/** What the server can say, and who hears it: one table. */
import type * as wire from './generated.js';
import { messageOfBroadcast, type WireMessage } from './message.js';

export interface Ears {
  arrived(message: WireMessage): void;
  announced(event: wire.EstateBroadcastEvent): void;
  read(event: wire.MessageReadEvent): void;
  delivered(event: wire.MessageDeliveredEvent): void;
  typing(event: wire.UserTypingEvent): void;
  presence(userId: string, isOnline: boolean): void;
  digest(event: wire.PresenceDigestEvent): void;
  joined(conversationId: string): void;
  left(conversationId: string): void;
}

/** But `message_sent`, as the acknowledgement says the same, and `error`, which is the connection's. */
type Spoken = Omit<wire.ServerToClientEvents, 'message_sent' | 'error'>;

export type Hearing = Readonly<Record<string, ((payload: unknown) => void) | undefined>>;

export function hearing(ears: Ears): Hearing {
  const table: Spoken = {
    new_message: ({ message }) => ears.arrived(message),
    estate_broadcast: (event) => {
      ears.announced(event);
      ears.arrived(messageOfBroadcast(event));
    },
    message_read: (event) => ears.read(event),
    message_delivered: (event) => ears.delivered(event),
    user_typing: (event) => ears.typing(event),
    user_online: ({ userId }) => ears.presence(userId, true),
    user_offline: ({ userId }) => ears.presence(userId, false),
    presence_digest: (event) => ears.digest(event),
    conversation_joined: ({ conversationId }) => ears.joined(conversationId),
    conversation_left: ({ conversationId }) => ears.left(conversationId),
  };
  return Object.assign(Object.create(null), table) as Hearing;
}
