/** Marks a conversation as read while its end is seen: in a window that the reader is at, not behind another one. */
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
      if (document.visibilityState === 'visible' && document.hasFocus()) client.markRead(conversationId);
    };
    read();
    document.addEventListener('visibilitychange', read);
    window.addEventListener('focus', read);
    return () => {
      document.removeEventListener('visibilitychange', read);
      window.removeEventListener('focus', read);
    };
  }, [client, conversationId, newestSeq, atEnd, isOnline]);
}
