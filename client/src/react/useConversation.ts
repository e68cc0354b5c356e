/** One conversation; renders again only when this one changes. */
import { useEffect } from 'react';
import type { ConversationList, ConversationView } from '../core/index.js';
import { CONVERSATIONS_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

/** Null until it is known, and where there is none, or none for me. The list need not have reached it. */
export function useConversation(conversationId: string): ConversationView | null {
  const client = useVaultify();
  const find = (list: ConversationList) => list.conversations.find((c) => c.id === conversationId) ?? null;
  const conversation = useReadable(client.conversations, CONVERSATIONS_AT_FIRST, find);
  const isOnline = useReadable(client.connection, undefined, (c) => c.status === 'online');
  const isMissing = conversation === null;
  useEffect(() => {
    // It then stands in the list. Not mine, or no network: null says so, and each reconnect asks again.
    if (isOnline && isMissing) client.loadConversation(conversationId).catch(() => {});
  }, [client, conversationId, isOnline, isMissing]);
  return conversation;
}
