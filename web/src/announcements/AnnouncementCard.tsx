/** An announcement: its kind, what it says, who said so and when. */
import type { BroadcastType, Person } from '@vaultify/messaging';
import type { ReactNode } from 'react';
import { useFormats, useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { MessageText } from '../talk/MessageText';
import { kindOf } from './kinds';
import './announcement-card.css';

interface AnnouncementCardProps {
  kind: BroadcastType;
  text: string;
  from: Person | null;
  /** ISO 8601. */
  at: string;
  /** In a list of several days the day is said as well. */
  withDay?: boolean;
  /** Behind the time. */
  children?: ReactNode;
}

export function AnnouncementCard({ kind, text, from, at, withDay = false, children }: AnnouncementCardProps) {
  const t = useText();
  const formats = useFormats();
  const { icon, look, name } = kindOf(kind);
  const date = new Date(at);
  return (
    <div className={`announcement announcement--${look}`}>
      <p className="announcement-kind">
        <Icon name={icon} />
        {t(name)}
      </p>
      <MessageText text={text} className="announcement-text" />
      <p className="announcement-from">
        <bdi>{from?.name ?? t('talk.somebody')}</bdi>
        {from?.role && <span>{t(`role.${from.role}`)}</span>}
        <time dateTime={at} title={formats.full(date)}>
          {withDay ? t('announcements.when', { day: formats.day(date), time: formats.time(date) }) : formats.time(date)}
        </time>
        {children}
      </p>
    </div>
  );
}
