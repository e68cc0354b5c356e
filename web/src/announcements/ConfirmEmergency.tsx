/** Before everyone is alarmed: what will be said, to whom, and that it is meant. */
import { useConversations } from '@vaultify/messaging';
import { useText } from '../i18n';
import { MessageText } from '../talk/MessageText';
import { Button, Dialog } from '../ui';

interface ConfirmEmergencyProps {
  text: string;
  estateName: string | null;
  onConfirm: () => void;
  onCancel: () => void;
}

export function ConfirmEmergency({ text, estateName, onConfirm, onCancel }: ConfirmEmergencyProps) {
  const t = useText();
  const { conversations } = useConversations();
  const people = conversations.find((c) => c.isEstateGroup)?.participantCount ?? null;
  const place = estateName ?? t('announce.confirm.estate');
  return (
    <Dialog
      role="alertdialog"
      className="confirm-emergency dialog--compact"
      title={t('announce.confirm.title')}
      onClose={onCancel}
      footer={
        <>
          <Button autoFocus onClick={onCancel}>
            {t('action.cancel')}
          </Button>
          <Button look="danger" icon="emergency" onClick={onConfirm}>
            {t('announce.confirm.send')}
          </Button>
        </>
      }
    >
      <p>
        {people === null
          ? t('announce.confirm.all', { estate: place })
          : t('announce.confirm.people', { estate: place, count: people })}
      </p>
      <blockquote className="confirm-emergency-text">
        <MessageText text={text.trim()} />
      </blockquote>
    </Dialog>
  );
}
