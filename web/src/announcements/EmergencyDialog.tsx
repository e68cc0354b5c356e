/** An emergency stands in front of everything until it has been seen; several are seen one by one. */
import { useEffect, useRef } from 'react';
import { useEstateBroadcasts, type Broadcast } from '@vaultify/messaging';
import { useFormats, useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { MessageText } from '../talk/MessageText';
import { Button } from '../ui';
import './emergency.css';

/** Three long, as an alarm is. A browser does it only where somebody has touched the page before. */
const VIBRATION_MS = [600, 200, 600, 200, 600];

export function EmergencyDialog() {
  const { emergencies, acknowledge } = useEstateBroadcasts();
  const [emergency] = emergencies;
  if (!emergency) return null;
  return (
    <Emergency
      key={emergency.messageId}
      emergency={emergency}
      waiting={emergencies.length - 1}
      onSeen={() => acknowledge(emergency.messageId)}
    />
  );
}

interface EmergencyProps {
  emergency: Broadcast;
  waiting: number;
  onSeen: () => void;
}

function Emergency({ emergency, waiting, onSeen }: EmergencyProps) {
  const t = useText();
  const formats = useFormats();
  const dialog = useRef<HTMLDialogElement>(null);
  const { from, timestamp } = emergency;
  const date = new Date(timestamp);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    navigator.vibrate?.(VIBRATION_MS);
    return () => element?.close();
  }, []);
  // A browser closes a dialog at the second Escape without asking.
  const closed = () => dialog.current?.isConnected && dialog.current.showModal();

  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-modal="true"
      aria-labelledby="emergency-title"
      aria-describedby="emergency-text"
      className="emergency"
      onCancel={(event) => event.preventDefault()}
      onClose={closed}
    >
      {/* The focus is on the words, not on the button: who was typing does not acknowledge by the next key. */}
      <div className="emergency-body" tabIndex={-1} autoFocus>
        <h2 id="emergency-title" className="emergency-title">
          <Icon name="emergency" />
          {t('kind.emergency')}
        </h2>
        <div id="emergency-text" className="emergency-text">
          <MessageText text={emergency.message} />
        </div>
        <p className="emergency-from">
          <bdi>{from.name}</bdi>
          {from.role && ` · ${t(`role.${from.role}`)}`}
          {' · '}
          <time dateTime={timestamp} title={formats.full(date)}>
            {t('announcements.when', { day: formats.day(date), time: formats.time(date) })}
          </time>
        </p>
      </div>
      <footer className="emergency-foot">
        <Button look="plain" className="emergency-seen" onClick={onSeen}>
          {t('emergency.seen')}
        </Button>
        {waiting > 0 && <p className="emergency-waiting">{t('emergency.waiting', { count: waiting })}</p>}
      </footer>
    </dialog>
  );
}
