/** Marks a conversation as read while its end is seen. */
import { useEffect } from 'react';
import { useReadable } from '../../react/useReadable.js';
import { useVaultify } from '../../react/VaultifyProvider.js';

/** `newestSeq` of 0: nothing to read yet. */
export function useReading(conversationId: string, newestSeq: number, atEnd: boolean): void {
  const client = useVaultify();
  const isOnline = useReadable(client.connection, undefined, (c) => c.status === 'online');
  useEffect(() => {
    if (!atEnd || newestSeq === 0 || !isOnline) return;
    const read = () => {
      if (document.visibilityState === 'visible') client.markRead(conversationId);
    };
    read();
    document.addEventListener('visibilitychange', read);
    return () => document.removeEventListener('visibilitychange', read);
  }, [client, conversationId, newestSeq, atEnd, isOnline]);
}
