/** One conversation. */
import { useText } from '../i18n';

export function ConversationPane({ conversationId }: { conversationId: string }) {
  const t = useText();
  return <div data-conversation={conversationId} role="log" aria-label={t('talk.messages')} />;
}
