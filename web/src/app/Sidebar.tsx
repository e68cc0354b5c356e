/** The start of the line: whose page it is, and where one can go. */
import { useConnection } from '@vaultify/messaging';
import { Conversations } from '../conversations/Conversations';
import { useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { href, type Route } from '../router';
import type { Session } from '../session/session';
import { Avatar, Button, EstateMark, IconButton } from '../ui';

interface SidebarProps {
  session: Session;
  route: Route;
  onNew(): void;
  onSettings(): void;
}

export function Sidebar({ session, route, onNew, onSettings }: SidebarProps) {
  const t = useText();
  const currentId = 'conversationId' in route ? route.conversationId : null;
  return (
    <div className="sidebar">
      <header className="sidebar-head">
        <Whose session={session} />
        <IconButton icon="settings" label={t('list.settings')} onClick={onSettings} />
        <Button look="primary" icon="compose" className="sidebar-new" aria-label={t('list.new')} onClick={onNew}>
          <span className="sidebar-new-text">{t('list.new')}</span>
        </Button>
      </header>
      <a
        className="sidebar-link"
        href={href({ name: 'announcements' })}
        aria-current={route.name === 'announcements' ? 'page' : undefined}
      >
        <Avatar name="" icon="announcement" />
        <span className="sidebar-link-line">
          {t('list.announcements')}
          <EstateMark what="announcements" />
        </span>
        <Icon name="chevron" className="muted" />
      </a>
      <Conversations currentId={currentId} onNew={onNew} />
    </div>
  );
}

function Whose({ session }: { session: Session }) {
  const t = useText();
  const { me } = useConnection();
  return (
    <div className="whose">
      <Avatar name={session.name} pictureUrl={me?.profile_picture_url} />
      <p className="whose-estate" dir="auto">
        {me?.estate_name ?? t('app.name')}
      </p>
      <p className="whose-name">
        <bdi>{session.name}</bdi>
        {me && ` · ${t(`role.${me.role}`)}`}
      </p>
    </div>
  );
}
