/** What a message answers: pressed, it leads to the original. */
import type { QuotedMessage } from '@vaultify/messaging';
import { useText } from '../i18n';
import { excerptOf } from './excerpt';
import './quote.css';

export function Quote({ quoted, onSeek }: { quoted: QuotedMessage; onSeek: (messageId: string) => void }) {
  const t = useText();
  return (
    <button type="button" className="quote" onClick={() => onSeek(quoted.id)}>
      <span className="visually-hidden">{t('talk.quote.reply')}</span>
      <span className="quote-sender" dir="auto">
        {quoted.sender?.name ?? t('talk.somebody')}
      </span>
      <span className="quote-text" dir="auto">
        {excerptOf(quoted, t)}
      </span>
    </button>
  );
}
