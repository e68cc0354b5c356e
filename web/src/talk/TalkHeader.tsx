/** Above a conversation: with whom it is, whether they are here, and the way back. */
import { useIsOnline, usePresence, type ConversationView } from '@vaultify/messaging';
import { useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { href } from '../router';
import { Avatar, EstateMark } from '../ui';
import './talk-header.css';

/** Null while it is being loaded: the way back is there from the beginning. */
export function TalkHeader({ conversation }: { conversation: ConversationView | null }) {
  const t = useText();
  return (
    <header className="talk-header">
      <a
        className="talk-back button button--icon button--quiet"
        href={href({ name: 'list' })}
        aria-label={t('action.back')}
      >
        <Icon name="back" />
      </a>
      {conversation && <Known conversation={conversation} />}
    </header>
  );
}

function Known({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const { id, title, pictureUrl, isEstateGroup, type } = conversation;
  const online = useIsOnline(conversation.other?.id ?? '');
  return (
    <>
      <Avatar name={title} pictureUrl={pictureUrl} online={online} icon={iconOf(isEstateGroup, type)} />
      <div className="talk-title">
        <div className="talk-title-line">
          <h2 dir="auto">{title}</h2>
          {isEstateGroup && <EstateMark what="group" named />}
        </div>
        <p>{conversation.other ? <One conversation={conversation} /> : <Many conversation={conversation} />}</p>
      </div>
      <a
        className="button button--icon button--quiet"
        href={href({ name: 'info', conversationId: id })}
        aria-label={t('talk.info')}
        title={t('talk.info')}
      >
        <Icon name="info" />
      </a>
    </>
  );
}

const iconOf = (isEstateGroup: boolean, type: ConversationView['type']) =>
  isEstateGroup ? 'estate' : type === 'group' ? 'people' : undefined;

/** When somebody was last here nobody knows, so nothing is said of it. */
function One({ conversation: { other } }: { conversation: ConversationView }) {
  const t = useText();
  const online = useIsOnline(other?.id ?? '');
  return (
    <>
      {other?.role && other.role !== 'Residence' && <span>{t(`role.${other.role}`)}</span>}
      <span data-online={online}>{online ? t('talk.online') : t('talk.offline')}</span>
    </>
  );
}

/** The estate's presence is exact by number; of another group it is what its first hundred people are. */
function Many({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const { count, online } = usePresence();
  const { participants, participantCount, isEstateGroup } = conversation;
  const here = isEstateGroup ? count : participants.filter((person) => online.has(person.id)).length;
  return (
    <>
      <span>{t('talk.people', { count: participantCount })}</span>
      {here > 0 && <span data-online="true">{t('talk.peopleOnline', { count: here })}</span>}
    </>
  );
}
