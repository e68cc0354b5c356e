/** How it stands with the connection, across the page, whenever it is not simply good. */
import { useState } from 'react';
import { useConnection, type ConnectionStatus } from '@vaultify/messaging';
import { later } from '../app/later';
import { useText, type TextKey } from '../i18n';
import { Icon, type IconName } from '../icons/Icon';
import { useSession } from '../session/SessionProvider';
import { useErrorText } from './useErrorText';
import './connection.css';

const SignInAgain = later(async () => (await import('../signin/SignInAgain')).SignInAgain);

type Look = 'calm' | 'warn' | 'danger';
type Action = 'retry' | 'signIn';
type StateKey = Exclude<Extract<TextKey, `connection.${ConnectionStatus}`>, 'connection.refused'>;

const looks: Record<ConnectionStatus, { look: Look; icon: IconName; action: Action | null }> = {
  connecting: { look: 'calm', icon: 'retry', action: null },
  online: { look: 'calm', icon: 'check', action: null },
  syncing: { look: 'calm', icon: 'retry', action: null },
  reconnecting: { look: 'warn', icon: 'retry', action: 'retry' },
  offline: { look: 'warn', icon: 'offline', action: null },
  refused: { look: 'danger', icon: 'failed', action: 'signIn' },
  closed: { look: 'calm', icon: 'offline', action: 'retry' },
};

export function ConnectionBar() {
  const t = useText();
  const errorText = useErrorText();
  const { session } = useSession();
  const { status, error, retry } = useConnection();
  const [asking, setAsking] = useState(false);
  const { look, icon, action } = looks[status];
  const act = action === 'signIn' ? () => setAsking(true) : retry;

  return (
    <div className={`connection connection--${look}`} data-connection={status}>
      <div className="connection-row">
        <div className="connection-inside">
          <Icon name={icon} />
          <p role="status">
            {status === 'refused'
              ? t('connection.refused', { reason: errorText(error) })
              : t(`connection.${status}` satisfies StateKey)}
          </p>
          {action && (
            <button type="button" className="connection-action" onClick={act}>
              {t(`connection.${action}`)}
            </button>
          )}
        </div>
      </div>
      {asking && session && <SignInAgain session={session} onClose={() => setAsking(false)} />}
    </div>
  );
}
