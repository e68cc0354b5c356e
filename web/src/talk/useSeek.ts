/** Goes to a message that may not be loaded yet: older pages are fetched until it is there, up to a limit. */
import { useCallback, type RefObject } from 'react';
import { useVaultify, type MessageListHandle } from '@vaultify/messaging';
import { useText } from '../i18n';
import { useToast } from '../ui';

const PAGES_MAX = 20;

export function useSeek(
  conversationId: string,
  list: RefObject<MessageListHandle | null>,
): (messageId: string) => void {
  const client = useVaultify();
  const t = useText();
  const toast = useToast();
  return useCallback(
    (messageId: string) => {
      const thread = client.thread(conversationId);
      const search = async () => {
        for (let page = 0; page < PAGES_MAX; page++) {
          const { messages, hasOlder, status } = thread.get();
          if (messages.some(({ id }) => id === messageId)) return list.current?.show(messageId);
          if (!hasOlder || status === 'error') break;
          await client.loadOlder(conversationId);
        }
        toast(t('talk.quote.tooFar'));
      };
      void search();
    },
    [client, conversationId, list, t, toast],
  );
}
