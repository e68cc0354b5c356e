/** The estate's announcements: the newest first, and for who may a place to make one. */
import { useConnection, useConversations, useEstateBroadcasts } from '@vaultify/messaging';
import { useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { href } from '../router';
import { useRoles } from '../talk/useRoles';
import { Avatar, EstateMark, Notice } from '../ui';
import { AnnouncementCard } from './AnnouncementCard';
import { AnnouncementComposer } from './AnnouncementComposer';
import './announcements.css';

export function AnnouncementsPane() {
  const t = useText();
  const { me } = useConnection();
  const { broadcasts, canBroadcast } = useEstateBroadcasts();
  const { conversations } = useConversations();
  const roles = useRoles(conversations.find(({ isEstateGroup }) => isEstateGroup) ?? null);
  return (
    <section className="announcements" aria-labelledby="announcements-title">
      <header className="talk-header">
        <a
          className="talk-back button button--icon button--quiet"
          href={href({ name: 'list' })}
          aria-label={t('action.back')}
        >
          <Icon name="back" />
        </a>
        <Avatar name="" icon="announcement" />
        <div className="talk-title">
          <div className="talk-title-line">
            <h2 id="announcements-title">{t('announcements.title')}</h2>
            <EstateMark what="announcements" named />
          </div>
          {me?.estate_name && (
            <p>
              <bdi>{me.estate_name}</bdi>
            </p>
          )}
        </div>
      </header>
      <div className="announcements-scroller">
        <div className="announcements-column">
          {canBroadcast && <AnnouncementComposer estateName={me?.estate_name ?? null} />}
          {broadcasts.length === 0 ? (
            <Notice icon="announcement" title={t('announcements.none')}>
              {t('announcements.noneYet')}
            </Notice>
          ) : (
            <ol className="announcements-list" aria-label={t('announcements.title')}>
              {broadcasts.map((broadcast) => (
                <li key={broadcast.messageId}>
                  <AnnouncementCard
                    kind={broadcast.type}
                    text={broadcast.message}
                    from={{ ...broadcast.from, role: broadcast.from.role ?? roles.get(broadcast.from.id) ?? null }}
                    at={broadcast.timestamp}
                    withDay
                  />
                </li>
              ))}
            </ol>
          )}
        </div>
      </div>
    </section>
  );
}
