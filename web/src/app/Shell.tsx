/** The page of somebody who is signed in: the list at the start of the line, what was chosen from it beside. */
import { useRef, useState } from 'react';
import { AnnouncementBanner } from '../announcements/AnnouncementBanner';
import { AnnouncementsPane } from '../announcements/AnnouncementsPane';
import { EmergencyDialog } from '../announcements/EmergencyDialog';
import { ConnectionBar } from '../connection/ConnectionBar';
import { useText } from '../i18n';
import { goTo, replaceWith, useRoute, type Route } from '../router';
import type { Session } from '../session/session';
import { ConversationPane } from '../talk/ConversationPane';
import { Notice } from '../ui';
import { later } from './later';
import { NewVersion } from './NewVersion';
import { Sidebar } from './Sidebar';
import { useRouteFocus } from './useRouteFocus';
import { useTitle } from './useTitle';
import './shell.css';

const NewConversation = later(async () => (await import('../people/NewConversation')).NewConversation);
const ConversationInfo = later(async () => (await import('../info/ConversationInfo')).ConversationInfo);
const Settings = later(async () => (await import('../settings/Settings')).Settings);

type Opened = 'new' | 'settings' | null;

export function Shell({ session }: { session: Session }) {
  const t = useText();
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const [opened, setOpened] = useState<Opened>(null);
  const close = () => setOpened(null);
  useRouteFocus(route, main);
  useTitle(route);

  return (
    <div className="shell" data-view={route.name === 'list' ? 'list' : 'content'}>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {t('app.skip')}
      </button>
      <h1 className="visually-hidden">{t('app.name')}</h1>
      <div className="shell-top">
        <ConnectionBar />
        <NewVersion />
        <AnnouncementBanner />
      </div>
      <Sidebar
        session={session}
        route={route}
        onNew={() => setOpened('new')}
        onSettings={() => setOpened('settings')}
      />
      <main className="content" ref={main} tabIndex={-1}>
        <Content route={route} />
      </main>
      {opened === 'new' && <NewConversation onClose={close} onOpen={openConversation} />}
      {opened === 'settings' && <Settings session={session} onClose={close} />}
      {route.name === 'info' && (
        <ConversationInfo
          key={route.conversationId}
          conversationId={route.conversationId}
          onClose={() => replaceWith({ name: 'conversation', conversationId: route.conversationId })}
        />
      )}
      <EmergencyDialog />
    </div>
  );
}

const openConversation = (conversationId: string) => goTo({ name: 'conversation', conversationId });

function Content({ route }: { route: Route }) {
  const t = useText();
  switch (route.name) {
    case 'list':
      return (
        <Notice icon="people" title={t('app.choose.title')}>
          {t('app.choose.text')}
        </Notice>
      );
    case 'announcements':
      return <AnnouncementsPane />;
    case 'conversation':
    case 'info':
      return <ConversationPane key={route.conversationId} conversationId={route.conversationId} />;
  }
}
