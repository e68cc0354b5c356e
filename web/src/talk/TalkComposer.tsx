/** Where one writes. Without a network one goes on writing: what waits is kept on the device, and this is said. */
import { useMemo } from 'react';
import { Composer, useConnection, type ConnectionStatus, type QuotedMessage } from '@vaultify/messaging';
import { useFormats, useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { useSession } from '../session/SessionProvider';
import { readDraft, writeDraft } from './drafts';
import { excerptOf } from './excerpt';
import './composer.css';

interface TalkComposerProps {
  conversationId: string;
  replyTo: QuotedMessage | null;
  onCancelReply: () => void;
}

/** While the connection is only late, nobody need be told. */
const AWAY: ReadonlySet<ConnectionStatus> = new Set(['offline', 'reconnecting']);

export function TalkComposer({ conversationId, replyTo, onCancelReply }: TalkComposerProps) {
  const t = useText();
  const formats = useFormats();
  const { status } = useConnection();
  const userId = useSession().session?.userId ?? '';
  const labels = useMemo(
    () => ({
      message: t('talk.composer.message'),
      placeholder: t('talk.composer.placeholder'),
      send: t('talk.composer.send'),
      replyingTo: (name: string) => t('talk.composer.replyingTo', { name }),
      cancelReply: t('talk.composer.cancelReply'),
      tooLong: (bytes: number) => t('talk.composer.tooLong', { size: formats.size(bytes) }),
      somebody: t('talk.somebody'),
    }),
    [t, formats],
  );
  // A quote of an image has no text of its own.
  const shown = useMemo(() => replyTo && { ...replyTo, content: excerptOf(replyTo, t) }, [replyTo, t]);
  return (
    <>
      {AWAY.has(status) && (
        <p className="composer-away">
          <Icon name="clock" />
          {t('talk.composer.away')}
        </p>
      )}
      <Composer
        conversationId={conversationId}
        replyTo={shown}
        onCancelReply={onCancelReply}
        initialText={readDraft(userId, conversationId)}
        onText={(text) => writeDraft(userId, conversationId, text)}
        autoFocus={hasKeyboard()}
        className="composer"
        labels={labels}
        sendIcon={<Icon name="send" />}
      />
    </>
  );
}

/** On a touch screen the focus would bring up the keyboard, and hide half of what one came to read. */
const hasKeyboard = () => matchMedia('(hover: hover) and (pointer: fine)').matches;
