/** One conversation in the list: who, what was said last, when, and what is new. */
import { memo } from 'react';
import { useTyping, type ConversationView, type Person } from '@vaultify/messaging';
import { useFormats, useText, type Translate } from '../i18n';
import { Icon } from '../icons/Icon';
import { href } from '../router';
import { Avatar, Badge, EstateMark } from '../ui';
import { previewOf } from './lastMessage';

interface ConversationRowProps {
  conversation: ConversationView;
  current: boolean;
  /** Of the other one in a direct conversation. */
  online: boolean;
}

/** The title comes first, so that a screen reader's list of links begins with names. */
export const ConversationRow = memo(function ConversationRow({ conversation, current, online }: ConversationRowProps) {
  const t = useText();
  const { id, title, unread, isMuted, isEstateGroup } = conversation;
  return (
    <li>
      <a
        className={`row ${unread > 0 ? 'row--unread' : ''}`}
        href={href({ name: 'conversation', conversationId: id })}
        aria-current={current ? 'page' : undefined}
        data-conversation-id={id}
      >
        <RowAvatar conversation={conversation} online={online} />
        <span className="row-line">
          <span className="row-title" dir="auto">
            {title}
          </span>
          {isEstateGroup && <EstateMark what="group" />}
          {online && <span className="visually-hidden">, {t('list.online')}</span>}
          <RowTime at={conversation.lastMessage?.createdAt ?? null} />
        </span>
        <span className="row-line">
          <RowNews conversation={conversation} />
          {isMuted && <Icon name="bellOff" className="row-muted" label={t('list.muted')} />}
          <Badge count={unread} label={t('list.unread', { count: unread })} muted={isMuted} />
        </span>
      </a>
    </li>
  );
});

function RowAvatar({ conversation, online }: { conversation: ConversationView; online: boolean }) {
  const { title, pictureUrl, isEstateGroup, type } = conversation;
  const icon = isEstateGroup ? 'estate' : type === 'group' ? 'people' : undefined;
  return <Avatar name={title} pictureUrl={pictureUrl} icon={icon} online={online} />;
}

function RowTime({ at }: { at: string | null }) {
  const formats = useFormats();
  if (at === null) return null;
  const date = new Date(at);
  return (
    <time className="row-time" dateTime={at} title={formats.full(date)}>
      {formats.brief(date)}
    </time>
  );
}

/** Who types now; else the last message. */
function RowNews({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const { typing } = useTyping(conversation.id);
  if (typing.length > 0) return <span className="row-news row-typing">{typingText(conversation, typing, t)}</span>;

  const { icon, by, text } = previewOf(conversation, t);
  return (
    <span className="row-news">
      <SendingMark conversation={conversation} />
      {icon && <Icon name={icon} />}
      {by && <span className="row-by">{by}</span>}
      <span className="row-text" dir="auto">
        {text}
      </span>
    </span>
  );
}

function typingText(conversation: ConversationView, typing: readonly Person[], t: Translate): string {
  const [first] = typing;
  if (conversation.type === 'direct') return t('list.typing.direct');
  if (typing.length === 1 && first) return t('list.typing.one', { name: first.firstName });
  return t('list.typing.some', { count: typing.length });
}

function SendingMark({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const state = conversation.lastMessage?.state;
  if (state === 'queued') return <Icon name="clock" label={t('list.waiting')} />;
  if (state === 'failed') return <Icon name="failed" className="row-failed" label={t('list.failed')} />;
  return null;
}
