/** One message as it stands in a conversation: a bubble, an announcement, or a line of the server's. */
import { memo } from 'react';
import type { ChatMessage, MessagePlace, Role } from '@vaultify/messaging';
import { AnnouncementCard } from '../announcements/AnnouncementCard';
import { useText } from '../i18n';
import { Avatar } from '../ui';
import { Bubble } from './Bubble';
import { Failure } from './Failure';
import { MessageTools } from './MessageTools';
import { MessageText } from './MessageText';
import { Reactions } from './Reactions';
import { useReactions } from './reactions';
import { RoleMark } from './RoleMark';
import { useTouched } from './useTouched';
import './message.css';

export interface MessageActions {
  reply: (message: ChatMessage) => void;
  /** Shows the message that another one quotes. */
  seek: (messageId: string) => void;
  showReceipts: (message: ChatMessage) => void;
  resend: (key: string) => void;
  discard: (key: string) => void;
}

interface MessageProps {
  message: ChatMessage;
  place: MessagePlace;
  /** In a group it is said who writes. */
  inGroup: boolean;
  /** Of who is known to be in it: a message itself does not say. */
  roles: ReadonlyMap<string, Role>;
  actions: MessageActions;
}

export const Message = memo(function Message({ message, place, inGroup, roles, actions }: MessageProps) {
  const { element, touched, handlers } = useTouched<HTMLDivElement>();
  const { counts, toggle } = useReactions(message);
  if (message.type === 'system' && message.broadcastType === null) return <SystemLine message={message} />;

  const look = message.broadcastType ? 'announcement' : message.mine ? 'mine' : 'other';
  const role = message.sender?.role ?? roles.get(message.sender?.id ?? '') ?? null;
  const withPerson = inGroup && look === 'other';
  return (
    <div ref={element} className={`message-row message-row--${look}`} data-tools={touched} {...handlers}>
      {withPerson && <Face message={message} shown={place.lastOfGroup} />}
      <div className="message-main">
        {withPerson && place.firstOfGroup && <Sender message={message} role={role} />}
        {message.broadcastType && message.deletedAt === null ? (
          <AnnouncementCard
            kind={message.broadcastType}
            text={message.content ?? ''}
            from={message.sender && { ...message.sender, role }}
            at={message.createdAt}
          />
        ) : (
          <Bubble message={message} inGroup={inGroup} actions={actions} />
        )}
        <Reactions counts={counts} onToggle={toggle} />
        {message.state === 'failed' && <Failure message={message} actions={actions} />}
        {message.id !== null && message.deletedAt === null && (
          <MessageTools onReply={() => actions.reply(message)} onReact={toggle} />
        )}
      </div>
    </div>
  );
});

function Face({ message, shown }: { message: ChatMessage; shown: boolean }) {
  const { sender } = message;
  if (!shown) return <span className="message-face" />;
  return (
    <span className="message-face">
      <Avatar name={sender?.name ?? ''} pictureUrl={sender?.pictureUrl} size="s" />
    </span>
  );
}

function Sender({ message: { sender }, role }: { message: ChatMessage; role: Role | null }) {
  const t = useText();
  return (
    <p className="message-sender">
      <span dir="auto">{sender?.name ?? t('talk.somebody')}</span>
      <RoleMark role={role} />
    </p>
  );
}

function SystemLine({ message }: { message: ChatMessage }) {
  return (
    <div className="message-system">
      <MessageText text={message.content ?? ''} />
    </div>
  );
}
