/** One conversation; renders again only when this one changes. */
import { useEffect, useState } from 'react';
import type { ConversationList, ConversationView } from '../core/index.js';
import { CONVERSATIONS_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

/** Null until it is known, and where there is none, or none for me. The list need not have reached it. */
export function useConversation(conversationId: string): ConversationView | null {
  const client = useVaultify();
  const find = (list: ConversationList) => list.conversations.find((c) => c.id === conversationId) ?? null;
  const listed = useReadable(client.conversations, CONVERSATIONS_AT_FIRST, find);
  const [fetched, setFetched] = useState<ConversationView | null>(null);

  const online = useReadable(client.connection, undefined, (c) => c.status === 'online');
  useEffect(() => {
    if (!online) return;
    let wanted = true;
    client.loadConversation(conversationId).then(
      (conversation) => wanted && setFetched(conversation),
      () => wanted && setFetched(null), // not mine, or no network: null says so, and each reconnect asks again
    );
    return () => {
      wanted = false;
    };
  }, [client, conversationId, online]);

  return listed ?? (fetched?.id === conversationId ? fetched : null);
}
