/** My conversations, the latest activity first, and what can be done with the list. */
import { useMemo } from 'react';
import type { ConversationList, ConversationView, VaultifyClient } from '../core/index.js';
import { CONVERSATIONS_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export interface ConversationActions {
  loadMore: () => Promise<void>;
  /** The same conversation again where there is one with this person. */
  createDirect: (userId: string) => Promise<ConversationView>;
  createGroup: (title: string, userIds: readonly string[]) => Promise<ConversationView>;
  leave: (conversationId: string) => Promise<void>;
  /** Until a time (ISO 8601), for good (true), or not (false). */
  mute: (conversationId: string, until: string | boolean) => Promise<void>;
}

export interface UseConversations extends ConversationList, ConversationActions {}

export function useConversations(): UseConversations {
  const client = useVaultify();
  const list = useReadable(client.conversations, CONVERSATIONS_AT_FIRST);
  const actions = useMemo(() => actionsOf(client), [client]);
  return useMemo(() => ({ ...list, ...actions }), [list, actions]);
}

const actionsOf = (client: VaultifyClient): ConversationActions => ({
  loadMore: () => client.loadMoreConversations(),
  createDirect: (userId) => client.createDirect(userId),
  createGroup: (title, userIds) => client.createGroup(title, userIds),
  leave: (conversationId) => client.leave(conversationId),
  mute: (conversationId, until) => client.mute(conversationId, until),
});
