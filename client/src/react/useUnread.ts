/** How many messages are unread: in all, and by conversation. */
import type { Unread } from '../core/index.js';
import { UNREAD_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export function useUnread(): Unread {
  return useReadable(useVaultify().unread, UNREAD_AT_FIRST);
}

/** Renders again only when the number of this conversation changes. */
export function useUnreadOf(conversationId: string): number {
  return useReadable(useVaultify().unread, UNREAD_AT_FIRST, (u) => u.byConversation.get(conversationId) ?? 0);
}
