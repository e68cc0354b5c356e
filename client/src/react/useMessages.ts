/** The messages of one conversation, those that wait to be sent included. */
import { useMemo } from 'react';
import type { OutgoingMessage, Thread, VaultifyClient } from '../core/index.js';
import { THREAD_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export interface MessageActions {
  /** Shows it at once, and sends it when it can; the answer is its `key`. */
  send: (message: string | OutgoingMessage) => string;
  /** Resolves when the page stands in `messages`. */
  loadOlder: () => Promise<void>;
  /** A failed one, once more. */
  resend: (key: string) => void;
  /** A failed or waiting one goes without having been sent. */
  discard: (key: string) => void;
}

export interface UseMessages extends Thread, MessageActions {}

export function useMessages(conversationId: string): UseMessages {
  const client = useVaultify();
  const thread = useReadable(
    useMemo(() => client.thread(conversationId), [client, conversationId]),
    THREAD_AT_FIRST,
  );
  const actions = useMemo(() => actionsOf(client, conversationId), [client, conversationId]);
  return useMemo(() => ({ ...thread, ...actions }), [thread, actions]);
}

const actionsOf = (client: VaultifyClient, conversationId: string): MessageActions => ({
  send: (message) => client.send(conversationId, typeof message === 'string' ? { content: message } : message),
  loadOlder: () => client.loadOlder(conversationId),
  resend: (key) => client.resend(key),
  discard: (key) => client.discard(key),
});
