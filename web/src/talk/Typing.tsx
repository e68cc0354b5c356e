/** The line that says who types; its place is kept while nobody does. */
import { useMemo } from 'react';
import { TypingIndicator, type Person } from '@vaultify/messaging';
import { useText } from '../i18n';
import './typing.css';

export function Typing({ conversationId }: { conversationId: string }) {
  const t = useText();
  const labels = useMemo(
    () => ({
      typing: ([first, second, ...others]: readonly Person[]) => {
        if (!first) return '';
        if (!second) return t('talk.typing.one', { name: first.name });
        if (others.length === 0) return t('talk.typing.two', { first: first.name, second: second.name });
        return t('talk.typing.many', { count: others.length + 2 });
      },
    }),
    [t],
  );
  return <TypingIndicator conversationId={conversationId} className="talk-typing" labels={labels} />;
}
