/** What somebody wrote, with what it answers, when it was written, and how far it has come. */
import type { ReactNode } from 'react';
import type { ChatMessage } from '@vaultify/messaging';
import { useFormats, useLanguage, useText } from '../i18n';
import { AttachmentCard } from './AttachmentCard';
import type { MessageActions } from './Message';
import { FoldedText } from './FoldedText';
import { MessageText } from './MessageText';
import { Quote } from './Quote';
import { StateMark } from './StateMark';

interface BubbleProps {
  message: ChatMessage;
  inGroup: boolean;
  actions: MessageActions;
}

export function Bubble({ message, inGroup, actions }: BubbleProps) {
  const { type, content, metadata, replyTo } = message;
  const foot = <Foot message={message} inGroup={inGroup} actions={actions} />;
  if (message.deletedAt !== null) return <Deleted>{foot}</Deleted>;
  return (
    <div className={`bubble ${replyTo ? 'bubble--quoting' : ''}`}>
      {replyTo && <Quote quoted={replyTo} onSeek={actions.seek} />}
      {type !== 'text' && type !== 'system' && <AttachmentCard kind={type} metadata={metadata} />}
      <FoldedText text={content ?? ''}>{foot}</FoldedText>
    </div>
  );
}

function Deleted({ children }: { children: ReactNode }) {
  const t = useText();
  return (
    <div className="bubble bubble--deleted">
      <MessageText text={t('talk.deleted')}>{children}</MessageText>
    </div>
  );
}

/** In a group the mark opens the list of who has read: "read" is then an answer that wants names. */
function Foot({ message, inGroup, actions }: BubbleProps) {
  const t = useText();
  const formats = useFormats();
  const { direction } = useLanguage();
  const date = new Date(message.createdAt);
  const isStored = message.mine && message.seq !== null;
  return (
    <span className="bubble-foot">
      <span className="bubble-facts" dir={direction}>
        {message.editedAt !== null && message.deletedAt === null && (
          <span title={formats.full(new Date(message.editedAt))}>{t('talk.edited')}</span>
        )}
        <time dateTime={message.createdAt} title={formats.full(date)}>
          {formats.time(date)}
        </time>
        {message.mine && !(inGroup && isStored) && <StateMark state={message.state} />}
        {inGroup && isStored && (
          <button type="button" className="bubble-receipts" onClick={() => actions.showReceipts(message)}>
            <StateMark state={message.state} />
            <span className="visually-hidden">{t('talk.receipts.show')}</span>
          </button>
        )}
      </span>
    </span>
  );
}
