/** Who else types in a conversation, and that I do. */
import { useCallback, useMemo } from 'react';
import type { Person } from '../core/index.js';
import { TYPING_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export interface UseTyping {
  typing: readonly Person[];
  /** At each key press: what goes out is thinned. False: stopped. */
  setTyping: (isTyping: boolean) => void;
}

export function useTyping(conversationId: string): UseTyping {
  const client = useVaultify();
  const typing = useReadable(
    useMemo(() => client.typing(conversationId), [client, conversationId]),
    TYPING_AT_FIRST,
  );
  const setTyping = useSetTyping(conversationId);
  return useMemo(() => ({ typing, setTyping }), [typing, setTyping]);
}

/** For a composer, which need not render when others type. */
export function useSetTyping(conversationId: string): (isTyping: boolean) => void {
  const client = useVaultify();
  return useCallback((isTyping: boolean) => client.setTyping(conversationId, isTyping), [client, conversationId]);
}
