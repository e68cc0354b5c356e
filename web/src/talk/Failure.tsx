/** Below a message that was not sent: why, and what can be done. */
import type { ChatMessage } from '@vaultify/messaging';
import { useText, type TextKey } from '../i18n';
import { Icon } from '../icons/Icon';
import { Button } from '../ui';
import type { MessageActions } from './Message';

/** What the reader can understand or change; everything else is "not sent". */
const REASONS: Readonly<Record<string, TextKey & `talk.failed.${string}`>> = {
  rate_limited: 'talk.failed.rate',
  conversation_not_found: 'talk.failed.gone',
  forbidden: 'talk.failed.gone',
  message_not_found: 'talk.failed.quoted',
  content_too_large: 'talk.failed.long',
  outbox_full: 'talk.failed.full',
  network: 'talk.failed.network',
  timeout: 'talk.failed.network',
};

export function Failure({ message, actions }: { message: ChatMessage; actions: MessageActions }) {
  const t = useText();
  const reason = REASONS[message.error?.code ?? ''] ?? 'talk.failed.other';
  return (
    <div className="failure">
      <p className="failure-reason">
        <Icon name="failed" />
        {t(reason)}
      </p>
      <Button look="quiet" icon="retry" onClick={() => actions.resend(message.key)}>
        {t('talk.failed.again')}
      </Button>
      <Button look="quiet" onClick={() => actions.discard(message.key)}>
        {t('talk.failed.discard')}
      </Button>
    </div>
  );
}
