/** An announcement that comes while one looks elsewhere: a strip above the page that leads to it. */
import { useState } from 'react';
import { useEstateBroadcasts, type Broadcast } from '@vaultify/messaging';
import { useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { href, useRoute } from '../router';
import { excerptOf } from '../talk/excerpt';
import { IconButton } from '../ui';
import { kindOf } from './kinds';
import './announcement-banner.css';

export function AnnouncementBanner() {
  const news = useNews();
  return (
    <div role="status" className="announcement-banner-place">
      {news.latest && <Banner key={news.latest.messageId} broadcast={news.latest} onDismiss={news.dismiss} />}
    </div>
  );
}

/** The newest that came since the page was opened, unless it has been closed, or its place is open. */
function useNews(): { latest: Broadcast | null; dismiss: () => void } {
  const { broadcasts } = useEstateBroadcasts();
  const route = useRoute();
  const [seen, setSeen] = useState(() => new Date().toISOString());
  const newest = broadcasts.find(({ type }) => type !== 'emergency');
  const isNew = newest !== undefined && newest.timestamp > seen;
  const isOpen =
    route.name === 'announcements' ||
    (route.name === 'conversation' && route.conversationId === newest?.conversationId);
  if (isNew && isOpen) setSeen(newest.timestamp);
  return {
    latest: isNew && !isOpen ? newest : null,
    dismiss: () => newest && setSeen(newest.timestamp),
  };
}

function Banner({ broadcast, onDismiss }: { broadcast: Broadcast; onDismiss: () => void }) {
  const t = useText();
  const { icon, look, name } = kindOf(broadcast.type);
  return (
    <div className={`announcement-banner announcement-banner--${look}`}>
      <Icon name={icon} />
      <a href={href({ name: 'announcements' })}>
        <strong>{t(name)}</strong>
        <span dir="auto">{excerptOf({ content: broadcast.message, type: 'text' }, t)}</span>
      </a>
      <IconButton icon="close" label={t('action.close')} onClick={onDismiss} />
    </div>
  );
}
