/** What is known about a conversation, and what one can do with it: who is in it, muting, leaving. */
import { useState } from 'react';
import { useConnection, useConversation, useConversations, type ConversationView } from '@vaultify/messaging';
import { useErrorText } from '../connection/useErrorText';
import { useFormats, useText } from '../i18n';
import { replaceWith } from '../router';
import { Avatar, Button, Dialog, EstateMark, Notice, Switch, useToast } from '../ui';
import { Participants } from './Participants';
import './info.css';

interface ConversationInfoProps {
  conversationId: string;
  onClose(): void;
}

export function ConversationInfo({ conversationId, onClose }: ConversationInfoProps) {
  const t = useText();
  const conversation = useConversation(conversationId);
  const { status } = useConnection();
  return (
    <Dialog title={t('info.title')} shape="sheet" onClose={onClose}>
      {conversation ? (
        <Known conversation={conversation} />
      ) : (
        status !== 'connecting' && <Notice icon="info" title={t('info.error')} />
      )}
    </Dialog>
  );
}

function Known({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const { title, type, isEstateGroup, pictureUrl, participantCount } = conversation;
  const icon = isEstateGroup ? 'estate' : type === 'group' ? 'people' : undefined;
  return (
    <div className="info">
      <div className="info-head">
        <Avatar name={title} pictureUrl={pictureUrl} icon={icon} size="l" />
        <h3 className="info-title" dir="auto">
          {title}
        </h3>
        {type === 'group' && <p className="muted">{t('info.people', { count: participantCount })}</p>}
        {isEstateGroup && <EstateMark what="group" named />}
        {isEstateGroup && <p className="muted">{t('info.estateGroup')}</p>}
      </div>
      <Mute conversation={conversation} />
      <Participants conversation={conversation} />
      {type === 'group' && !isEstateGroup && <Leave conversation={conversation} />}
    </div>
  );
}

function Mute({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const formats = useFormats();
  const errorText = useErrorText();
  const showToast = useToast();
  const { mute } = useConversations();
  const until = conversation.isMuted && conversation.mutedUntil !== null ? new Date(conversation.mutedUntil) : null;
  return (
    <Switch
      label={t('info.mute')}
      hint={until ? t('info.mutedUntil', { time: formats.full(until) }) : t('info.muteHint')}
      checked={conversation.isMuted}
      onChange={(muted) => {
        mute(conversation.id, muted).catch((error: unknown) => showToast(errorText(error), 'error'));
      }}
    />
  );
}

/** Asked once more: one does not come back by oneself. */
function Leave({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button icon="leave" className="info-leave" onClick={() => setAsking(true)}>
        {t('info.leave')}
      </Button>
      {asking && <AskLeave conversation={conversation} onClose={() => setAsking(false)} />}
    </>
  );
}

function AskLeave({ conversation, onClose }: { conversation: ConversationView; onClose: () => void }) {
  const t = useText();
  const errorText = useErrorText();
  const showToast = useToast();
  const { leave } = useConversations();
  const [leaving, setLeaving] = useState(false);
  const { id, title } = conversation;

  const leaveIt = async () => {
    setLeaving(true);
    try {
      await leave(id);
      showToast(t('info.left', { title }));
      replaceWith({ name: 'list' });
    } catch (error) {
      showToast(errorText(error), 'error');
      onClose();
    }
  };
  return (
    <Dialog
      title={t('info.leave')}
      role="alertdialog"
      className="dialog--compact"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="danger" busy={leaving} onClick={() => void leaveIt()}>
            {t('info.leave')}
          </Button>
        </>
      }
    >
      <p>{t('info.leave.ask', { title })}</p>
    </Dialog>
  );
}
