/** The messages of a conversation: a log that keeps its place, of which only what is near is in the document. */
import { useCallback, useMemo, useRef } from 'react';
import type { CSSProperties, ReactElement, ReactNode, Ref } from 'react';
import type { ChatMessage, QuotedMessage } from '../core/index.js';
import { useMessages } from '../react/useMessages.js';
import type { UseMessages } from '../react/useMessages.js';
import { classes } from './classes.js';
import { MESSAGE_LIST_LABELS } from './labels.js';
import type { MessageListLabels } from './labels.js';
import { ChunkBox } from './messages/ChunkBox.js';
import { MessageRow } from './messages/MessageRow.js';
import { PlainMessage } from './messages/PlainMessage.js';
import { chunksOf } from './messages/rows.js';
import type { Chunk, MessagePlace, Row } from './messages/rows.js';
import { newestSeqOf, useNewCount, useSpokenArrivals } from './messages/useArrivals.js';
import { useReading } from './messages/useReading.js';
import { useScroll } from './messages/useScroll.js';
import { useShown } from './messages/useShown.js';
import type { MessageListHandle } from './messages/useShown.js';
import { Spoken } from './Spoken.js';

/** What the list needs to work, whatever a style sheet makes of it. */
const FRAME: CSSProperties = { display: 'flex', flexDirection: 'column', minBlockSize: 0, position: 'relative' };
const SCROLLER: CSSProperties = { flex: '1 1 auto', minBlockSize: 0, overflowY: 'auto', overflowAnchor: 'none' };

export interface MessageListProps {
  conversationId: string;
  /** For what an app tells the list to do. */
  handle?: Ref<MessageListHandle>;
  /** What stands in a message's article; give the same function at each render, or all are rendered again. */
  renderMessage?: (message: ChatMessage, place: MessagePlace) => ReactNode;
  /** With it, and without `renderMessage`, each message has a button "Reply". */
  onReply?: (quoted: QuotedMessage) => void;
  className?: string;
  /** The same object at each render, too. */
  labels?: Partial<MessageListLabels>;
}

export function MessageList(props: MessageListProps): ReactElement {
  // One for each conversation: the place in it is its own.
  return <Log key={props.conversationId} {...props} />;
}

function Log(props: MessageListProps): ReactElement {
  const { conversationId, handle, renderMessage, onReply, className, labels: given } = props;
  const labels = useMemo(() => ({ ...MESSAGE_LIST_LABELS, ...given }), [given]);
  const thread = useMessages(conversationId);
  const { messages, resend, discard } = thread;
  const { scroller, content, nearness, atEnd, toEnd, toElement } = useScroll(thread);
  const shownId = useShown(handle, messages, content, toElement);
  const newCount = useNewCount(messages, atEnd);
  useReading(conversationId, newestSeqOf(messages), atEnd);
  const spoken = useSpokenArrivals(messages, thread.status !== 'loading', (m) =>
    labels.incoming(m.sender?.name ?? labels.somebody, m.content ?? labels.attachment),
  );

  const renderRow = useCallback(
    (row: Row) => (
      <MessageRow key={row.message.key} row={row} labels={labels}>
        {renderMessage?.(row.message, row.place) ?? (
          <PlainMessage {...row} labels={labels} onReply={onReply} onResend={resend} onDiscard={discard} />
        )}
      </MessageRow>
    ),
    [labels, renderMessage, onReply, resend, discard],
  );

  return (
    <div className={classes('messages', className)} style={FRAME} data-at-end={atEnd}>
      <div
        ref={scroller}
        role="log"
        // What comes is spoken below; what is fetched or scrolled into sight is not.
        aria-live="off"
        aria-label={labels.messages}
        aria-busy={thread.status === 'loading' || thread.status === 'loading-older'}
        tabIndex={0}
        className="vaultify-messages-scroller"
        style={SCROLLER}
      >
        <Top thread={thread} labels={labels} />
        <div ref={content}>
          <Chunks thread={thread} shownId={shownId} nearness={nearness} renderRow={renderRow} />
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="vaultify-to-latest" data-new={newCount > 0} onClick={toEnd}>
          {labels.toLatest(newCount)}
        </button>
      )}
      <Spoken live>{spoken}</Spoken>
    </div>
  );
}

interface ChunksProps {
  thread: UseMessages;
  shownId: string | null;
  nearness: ReturnType<typeof useScroll>['nearness'];
  renderRow: (row: Row) => ReactNode;
}

function Chunks({ thread, shownId, nearness, renderRow }: ChunksProps): ReactElement {
  const { messages, firstUnreadSeq, hasOlder } = thread;
  const before = useRef<readonly Chunk[]>([]);
  const isFirst = before.current.length === 0;
  const chunks = useMemo(
    () => chunksOf({ messages, firstUnreadSeq, hasOlder }, before.current),
    [messages, firstUnreadSeq, hasOlder],
  );
  before.current = chunks;
  return (
    <>
      {chunks.map((chunk, i) => (
        <ChunkBox
          key={chunk.key}
          chunk={chunk}
          isShown={shownId !== null && chunk.rows.some((row) => row.message.id === shownId)}
          nearness={nearness}
          // Of a long history that is known already only what will be seen; later ones as they come.
          nearAtFirst={!isFirst || i >= chunks.length - 2 || chunk.rows.some((row) => row.place.firstUnread)}
          renderRow={renderRow}
        />
      ))}
    </>
  );
}

/** Above the oldest message that is here. */
function Top({ thread, labels }: { thread: UseMessages; labels: MessageListLabels }): ReactElement | null {
  const { status, error, messages, loadOlder } = thread;
  if (status === 'error' || (status === 'ready' && error)) {
    return (
      <p className="vaultify-note" role="alert">
        {labels.failed}{' '}
        {status === 'ready' && (
          <button type="button" onClick={() => void loadOlder()}>
            {labels.again}
          </button>
        )}
      </p>
    );
  }
  if (status === 'loading' || status === 'loading-older') return <p className="vaultify-note">{labels.loading}</p>;
  return messages.length === 0 ? <p className="vaultify-note">{labels.empty}</p> : null;
}
