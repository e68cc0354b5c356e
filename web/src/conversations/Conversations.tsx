/** The list of conversations: found by name, loaded as one scrolls, honest when it cannot be shown. */
import { useMemo, useState } from 'react';
import { useConversations, usePresence, type ConversationView } from '@vaultify/messaging';
import { useText } from '../i18n';
import { SearchBox } from '../ui';
import { ConversationRow } from './ConversationRow';
import { EndOfList } from './EndOfList';
import './conversations.css';

interface ConversationsProps {
  currentId: string | null;
  onNew(): void;
}

/** The estate's group first: it is where one looks in an emergency. */
function estateGroupFirst(conversations: readonly ConversationView[]): readonly ConversationView[] {
  const isFirst = (conversation: ConversationView) => conversation.isEstateGroup;
  return [...conversations.filter(isFirst), ...conversations.filter((conversation) => !isFirst(conversation))];
}

function matches(title: string, search: string): boolean {
  return title.toLocaleLowerCase().includes(search.toLocaleLowerCase());
}

export function Conversations({ currentId, onNew }: ConversationsProps) {
  const t = useText();
  const list = useConversations();
  const [typed, setTyped] = useState('');
  const search = typed.trim();
  const shown = useMemo(
    () => estateGroupFirst(list.conversations).filter(({ title }) => matches(title, search)),
    [list.conversations, search],
  );
  return (
    <>
      <div className="list-search" role="search">
        <SearchBox label={t('list.search')} value={typed} onChange={setTyped} />
      </div>
      <nav className="list" aria-label={t('list.label')}>
        <Rows shown={shown} currentId={currentId} />
        <EndOfList list={list} search={search} found={shown.length} onNew={onNew} />
      </nav>
    </>
  );
}

function Rows({ shown, currentId }: { shown: readonly ConversationView[]; currentId: string | null }) {
  const { isOnline } = usePresence();
  if (shown.length === 0) return null;
  return (
    <ul>
      {shown.map((conversation) => (
        <ConversationRow
          key={conversation.id}
          conversation={conversation}
          current={conversation.id === currentId}
          online={conversation.other !== null && isOnline(conversation.other.id)}
        />
      ))}
    </ul>
  );
}
