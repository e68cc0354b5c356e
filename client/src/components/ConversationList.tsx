/** The list of conversations: links or buttons, with what is unread and who is online. */
import type { KeyboardEvent, MouseEvent, ReactElement, ReactNode } from 'react';
import type { ConversationView } from '../core/index.js';
import { useConversations } from '../react/useConversations.js';
import { useIsOnline } from '../react/usePresence.js';
import { classes } from './classes.js';
import { CONVERSATION_LIST_LABELS } from './labels.js';
import type { ConversationListLabels } from './labels.js';
import { Spoken } from './Spoken.js';
import { useSeen } from './useSeen.js';

export interface ConversationListProps {
  /** The one that is open. */
  current?: string | null;
  /** With it the items are links, else buttons. */
  href?: (conversation: ConversationView) => string;
  onSelect?: (conversation: ConversationView, event: MouseEvent) => void;
  /** What stands in an item; it should begin with the title. */
  renderItem?: (conversation: ConversationView, place: { online: boolean; current: boolean }) => ReactNode;
  className?: string;
  labels?: Partial<ConversationListLabels>;
}

export function ConversationList(props: ConversationListProps): ReactElement {
  const { conversations, status, hasMore, loadMore } = useConversations();
  const labels = { ...CONVERSATION_LIST_LABELS, ...props.labels };
  const more = () => void loadMore().catch(() => {}); // the list's own `status` says it
  const sentinel = useSeen<HTMLButtonElement>(more, conversations.length);
  return (
    <nav
      aria-label={labels.conversations}
      aria-busy={status === 'loading'}
      className={classes('conversations', props.className)}
      onKeyDown={moveFocus}
    >
      <ul role="list">
        {conversations.map((conversation) => (
          <Item key={conversation.id} conversation={conversation} {...props} labels={labels} />
        ))}
      </ul>
      {conversations.length === 0 && <p className="vaultify-note">{noteOf(status, labels)}</p>}
      {(hasMore || (status === 'error' && conversations.length > 0)) && (
        <button ref={sentinel} type="button" className="vaultify-more" onClick={more}>
          {labels.more}
        </button>
      )}
    </nav>
  );
}

const noteOf = (status: 'loading' | 'ready' | 'error', labels: ConversationListLabels) =>
  ({ loading: labels.loading, ready: labels.empty, error: labels.failed })[status];

interface ItemProps extends ConversationListProps {
  conversation: ConversationView;
  labels: ConversationListLabels;
}

function Item({ conversation, current, href, onSelect, renderItem, labels }: ItemProps): ReactElement {
  const online = useIsOnline(conversation.other?.id ?? '');
  const isCurrent = conversation.id === current;
  const content = renderItem?.(conversation, { online, current: isCurrent }) ?? (
    <Plain conversation={conversation} online={online} labels={labels} />
  );
  const common = {
    className: 'vaultify-conversation',
    'data-conversation-id': conversation.id,
    'data-unread': conversation.unread > 0,
    'aria-current': isCurrent ? ('page' as const) : undefined,
    onClick: (event: MouseEvent) => onSelect?.(conversation, event),
  };
  return (
    <li>
      {href ? (
        <a href={href(conversation)} {...common}>
          {content}
        </a>
      ) : (
        <button type="button" {...common}>
          {content}
        </button>
      )}
    </li>
  );
}

function Plain(props: {
  conversation: ConversationView;
  online: boolean;
  labels: ConversationListLabels;
}): ReactElement {
  const { title, lastMessage, unread } = props.conversation;
  return (
    <>
      <span className="vaultify-conversation-title" dir="auto">
        {title}
      </span>
      {props.online && <Spoken>{props.labels.online}</Spoken>}
      {lastMessage?.content && (
        <span className="vaultify-conversation-last" dir="auto">
          {lastMessage.content}
        </span>
      )}
      {unread > 0 && (
        <span className="vaultify-conversation-unread">
          <span aria-hidden="true">{unread}</span>
          <Spoken>{props.labels.unread(unread)}</Spoken>
        </span>
      )}
    </>
  );
}

// ---- the keyboard: arrows, Home and End go through the items; Tab does as well ----

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('.vaultify-conversation')];
  const at = items.findIndex((item) => item === document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  items[step(at, items.length)]?.focus();
}
