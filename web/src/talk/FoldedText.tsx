/** The text of a message; of a very long one the beginning, until somebody wants all. */
import { useState, type ReactNode } from 'react';
import { useText } from '../i18n';
import { foldedOf } from './fold';
import { MessageText } from './MessageText';

export function FoldedText({ text, children }: { text: string; children: ReactNode }) {
  const t = useText();
  const [all, setAll] = useState(false);
  const folded = all ? null : foldedOf(text);
  return (
    <MessageText text={folded ?? text}>
      {folded !== null && (
        <button type="button" className="message-all" onClick={() => setAll(true)}>
          {t('talk.showAll')}
        </button>
      )}
      {children}
    </MessageText>
  );
}
