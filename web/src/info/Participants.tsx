/** Who is in a conversation, and who of them is here now. */
import { useConnection, usePresence, type ConversationView, type Participant } from '@vaultify/messaging';
import { useText } from '../i18n';
import { Avatar } from '../ui';

/** Who is here goes first; otherwise as the server names them. */
function onlineFirst(participants: readonly Participant[], isOnline: (id: string) => boolean): readonly Participant[] {
  return [...participants.filter(({ id }) => isOnline(id)), ...participants.filter(({ id }) => !isOnline(id))];
}

export function Participants({ conversation }: { conversation: ConversationView }) {
  const t = useText();
  const { me } = useConnection();
  const { isOnline } = usePresence();
  const participants = onlineFirst(conversation.participants, isOnline);
  const unnamed = conversation.participantCount - participants.length;
  return (
    <section className="participants" aria-labelledby="participants-title">
      <h3 id="participants-title">{t('info.participants')}</h3>
      <ul>
        {participants.map((person) => (
          <ParticipantRow
            key={person.id}
            person={person}
            online={isOnline(person.id)}
            isMe={person.id === me?.user_id}
            inGroup={conversation.type === 'group'}
          />
        ))}
      </ul>
      {unnamed > 0 && <p className="muted">{t('info.more', { count: unnamed })}</p>}
    </section>
  );
}

interface ParticipantRowProps {
  person: Participant;
  online: boolean;
  isMe: boolean;
  inGroup: boolean;
}

function ParticipantRow({ person, online, isMe, inGroup }: ParticipantRowProps) {
  const t = useText();
  const facts = [
    person.role && t(`role.${person.role}`),
    inGroup && person.isAdmin && t('info.admin'),
    online ? t('info.online') : t('info.offline'),
  ];
  return (
    <li className="participant">
      <Avatar name={person.name} pictureUrl={person.pictureUrl} online={online} />
      <p className="participant-name">
        <bdi>{person.name}</bdi>
        {isMe && <span className="muted"> ({t('info.you')})</span>}
      </p>
      <p className="participant-facts">{facts.filter(Boolean).join(' · ')}</p>
    </li>
  );
}
