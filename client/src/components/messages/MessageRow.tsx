/** One message with what stands above it: the day, and where the new ones begin. */
import { Fragment } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { ChatMessage } from '../../core/index.js';
import type { MessageListLabels } from '../labels.js';
import type { MessagePlace, Row } from './rows.js';

export interface MessageRowProps {
  row: Row;
  labels: MessageListLabels;
  children: ReactNode;
}

export function MessageRow({ row, labels, children }: MessageRowProps): ReactElement {
  const { message, place } = row;
  return (
    <Fragment>
      {place.firstOfDay && <Day message={message} labels={labels} />}
      {place.firstUnread && (
        <div role="separator" className="vaultify-new" data-new-messages="">
          {labels.newMessages}
        </div>
      )}
      <article
        className="vaultify-message"
        tabIndex={-1}
        aria-label={nameOf(message, labels)}
        {...attributesOf(message, place)}
      >
        {children}
      </article>
    </Fragment>
  );
}

function Day({ message, labels }: { message: ChatMessage; labels: MessageListLabels }): ReactElement {
  return (
    <div role="separator" className="vaultify-day">
      <time dateTime={message.createdAt}>{labels.day(new Date(message.createdAt))}</time>
    </div>
  );
}

function nameOf(message: ChatMessage, labels: MessageListLabels): string {
  const sender = message.mine ? labels.me : (message.sender?.name ?? labels.somebody);
  return `${sender}, ${labels.time(new Date(message.createdAt))}`;
}

/** For style sheets and tests. */
const attributesOf = (message: ChatMessage, place: MessagePlace) => ({
  'data-message-key': message.key,
  'data-message-id': message.id ?? '',
  'data-seq': message.seq ?? '',
  'data-state': message.state,
  'data-mine': message.mine,
  'data-type': message.type,
  'data-broadcast': message.broadcastType ?? undefined,
  'data-first-of-group': place.firstOfGroup,
  'data-last-of-group': place.lastOfGroup,
});
