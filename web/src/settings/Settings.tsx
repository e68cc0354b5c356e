/** What one can set: how the page looks and speaks, when it calls, and signing out. */
import { useState } from 'react';
import { useConnection, useNotifications } from '@vaultify/messaging';
import { version } from '../../package.json';
import { chooseTheme, chosenTheme, themes } from '../app/theme';
import { languages, useLanguage, useText, type Language } from '../i18n';
import type { Session } from '../session/session';
import { useSession } from '../session/SessionProvider';
import { Avatar, Button, Choice, Dialog, useToast } from '../ui';
import { NotificationSwitch } from './NotificationSwitch';
import { Preferences } from './Preferences';
import './settings.css';

interface SettingsProps {
  session: Session;
  onClose(): void;
}

export function Settings({ session, onClose }: SettingsProps) {
  const t = useText();
  return (
    <Dialog title={t('settings.title')} className="settings-dialog" onClose={onClose}>
      <div className="settings">
        <Account session={session} />
        <section className="settings-part">
          <h3>{t('settings.appearance')}</h3>
          <ThemeChoice />
          <LanguageChoice />
        </section>
        <section className="settings-part">
          <h3>{t('settings.notifications')}</h3>
          <NotificationSwitch />
          <Preferences />
        </section>
        <SignOut />
        <footer className="settings-about">
          <span>{t('settings.about', { version })}</span>
          <a href="/api/docs">{t('settings.api')}</a>
        </footer>
      </div>
    </Dialog>
  );
}

function Account({ session }: { session: Session }) {
  const t = useText();
  const { me } = useConnection();
  return (
    <section className="settings-account">
      <Avatar name={session.name} pictureUrl={me?.profile_picture_url} />
      <p className="settings-account-name">
        <bdi>{session.name}</bdi>
      </p>
      {me && (
        <p className="muted">
          {t(`role.${me.role}`)}
          {me.estate_name && (
            <>
              {' · '}
              <bdi>{me.estate_name}</bdi>
            </>
          )}
        </p>
      )}
    </section>
  );
}

function ThemeChoice() {
  const t = useText();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Choice
      label={t('settings.theme')}
      options={themes.map((value) => ({ value, text: t(`settings.theme.${value}`) }))}
      value={theme}
      onChange={(next) => {
        chooseTheme(next);
        setTheme(next);
      }}
    />
  );
}

function LanguageChoice() {
  const t = useText();
  const showToast = useToast();
  const { language, setLanguage } = useLanguage();
  // Shown as chosen while its texts are on their way.
  const [wanted, setWanted] = useState(language);
  const choose = (next: Language) => {
    setWanted(next);
    setLanguage(next).catch(() => {
      setWanted(language);
      showToast(t('settings.language.failed'), 'error');
    });
  };
  const options = (Object.keys(languages) as Language[]).map((value) => ({
    value,
    text: languages[value].name,
    lang: value,
  }));
  return <Choice label={t('settings.language')} options={options} value={wanted} onChange={choose} />;
}

/** So long the server gets to forget this device; then it is forgotten here alone, and by itself there later. */
const FAREWELL_MS = 3000;

function SignOut() {
  const t = useText();
  const { signOut } = useSession();
  const { disable } = useNotifications();
  const [leaving, setLeaving] = useState(false);

  const leave = async () => {
    setLeaving(true);
    const waited = new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    // What the server has not heard it finds out: a subscription that has ended is answered as gone.
    await Promise.race([disable().catch(() => undefined), waited]);
    signOut();
  };
  return (
    <section className="settings-part">
      <h3>{t('settings.account')}</h3>
      <p className="muted">{t('settings.signOut.hint')}</p>
      <Button icon="leave" className="settings-sign-out" busy={leaving} onClick={() => void leave()}>
        {t('settings.signOut')}
      </Button>
    </section>
  );
}
