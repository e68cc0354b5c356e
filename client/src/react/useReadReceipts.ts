/** Who has a message, and who has read it; and that I have. */
import { useCallback, useMemo } from 'react';
import type { Participant } from '../core/index.js';
import { CONNECTION_AT_FIRST } from './atFirst.js';
import { useConversation } from './useConversation.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export interface UseReadReceipts {
  /** The others who have read up to this message. */
  readBy: (seq: number) => readonly Participant[];
  /** The others on whose devices this message is, read or not. */
  deliveredTo: (seq: number) => readonly Participant[];
  /** Up to the newest message, or to this one; only ever forward. */
  markRead: (messageId?: string) => void;
}

const NOBODY: readonly Participant[] = [];

export function useReadReceipts(conversationId: string): UseReadReceipts {
  const client = useVaultify();
  const me = useReadable(client.connection, CONNECTION_AT_FIRST, (c) => c.me?.user_id ?? null);
  const participants = useConversation(conversationId)?.participants ?? NOBODY;
  const markRead = useCallback(
    (messageId?: string) => client.markRead(conversationId, messageId),
    [client, conversationId],
  );
  return useMemo(() => {
    const others = participants.filter((p) => p.id !== me);
    return {
      readBy: (seq: number) => others.filter((p) => p.lastReadSeq >= seq),
      deliveredTo: (seq: number) => others.filter((p) => Math.max(p.lastDeliveredSeq, p.lastReadSeq) >= seq),
      markRead,
    };
  }, [participants, me, markRead]);
}
