/** How a message looks where the app does not say: sender, quote, text, time, and how far it has come. */
import type { ReactElement } from 'react';
import type { ChatMessage, QuotedMessage } from '../../core/index.js';
import type { MessageListLabels } from '../labels.js';
import { ReceiptMark } from '../ReceiptMark.js';
import type { MessagePlace } from './rows.js';

export interface PlainMessageProps {
  message: ChatMessage;
  place: MessagePlace;
  labels: MessageListLabels;
  onReply?: (quoted: QuotedMessage) => void;
  onResend: (key: string) => void;
  onDiscard: (key: string) => void;
}

export function PlainMessage(props: PlainMessageProps): ReactElement {
  const { message, place, labels } = props;
  const date = new Date(message.createdAt);
  return (
    <>
      {place.firstOfGroup && !message.mine && (
        <span className="vaultify-message-sender" dir="auto">
          {message.sender?.name ?? labels.somebody}
        </span>
      )}
      {message.replyTo && <Quote quoted={message.replyTo} labels={labels} />}
      <p className="vaultify-message-text" dir="auto">
        {message.deletedAt === null ? (message.content ?? labels.attachment) : labels.deleted}
      </p>
      <span className="vaultify-message-foot">
        {message.editedAt !== null && message.deletedAt === null && <span>{labels.edited}</span>}
        <time dateTime={message.createdAt}>{labels.time(date)}</time>
        {message.mine && <ReceiptMark state={message.state} label={labels.state} />}
      </span>
      <Actions {...props} />
    </>
  );
}

function Quote({ quoted, labels }: { quoted: QuotedMessage; labels: MessageListLabels }): ReactElement {
  return (
    <blockquote className="vaultify-quote">
      <span className="vaultify-quote-sender" dir="auto">
        {quoted.sender?.name ?? labels.somebody}
      </span>
      <span className="vaultify-quote-text" dir="auto">
        {quoted.content ?? labels.attachment}
      </span>
    </blockquote>
  );
}

function Actions({ message, labels, onReply, onResend, onDiscard }: PlainMessageProps): ReactElement | null {
  if (message.state === 'failed') {
    return (
      <span className="vaultify-message-actions">
        <button type="button" onClick={() => onResend(message.key)}>
          {labels.resend}
        </button>
        <button type="button" onClick={() => onDiscard(message.key)}>
          {labels.discard}
        </button>
      </span>
    );
  }
  const { id, sender, content, type } = message;
  if (!onReply || id === null || message.deletedAt !== null) return null;
  return (
    <span className="vaultify-message-actions">
      <button type="button" onClick={() => onReply({ id, sender, content, type })}>
        {labels.reply}
      </button>
    </span>
  );
}
