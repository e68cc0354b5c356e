/** The page before somebody is signed in. */
import { useState } from 'react';
import { languages, useLanguage, useText, type Language } from '../i18n';
import { Icon } from '../icons/Icon';
import { useSession } from '../session/SessionProvider';
import { Button } from '../ui';
import { DemoUsers } from './DemoUsers';
import { TokenForm } from './TokenForm';
import './signIn.css';

export function SignIn() {
  const t = useText();
  const { signIn } = useSession();
  const [stay, setStay] = useState(false);
  return (
    <main className="sign-in">
      <header className="sign-in-head">
        <span className="brand-mark">
          <Icon name="estate" />
        </span>
        <h1>{t('app.name')}</h1>
        <p className="muted">{t('app.tagline')}</p>
      </header>
      <div className="sign-in-ways">
        <DemoUsers stay={stay} onSession={signIn} />
        <section className="sign-in-token">
          <h2>{t('signIn.title')}</h2>
          <TokenForm stay={stay} onSession={signIn}>
            <StaySignedIn stay={stay} onChange={setStay} />
          </TokenForm>
        </section>
      </div>
      <OtherLanguages />
    </main>
  );
}

function StaySignedIn({ stay, onChange }: { stay: boolean; onChange: (stay: boolean) => void }) {
  const t = useText();
  return (
    <div>
      <label className="check">
        <input
          type="checkbox"
          checked={stay}
          aria-describedby="stay-hint"
          onChange={(event) => onChange(event.target.checked)}
        />
        {t('signIn.stay')}
      </label>
      <p className="field-hint" id="stay-hint">
        {t('signIn.stayHint')}
      </p>
    </div>
  );
}

/** Whoever cannot read the page has to find their own language in it. */
function OtherLanguages() {
  const { language, setLanguage } = useLanguage();
  const others = (Object.keys(languages) as Language[]).filter((other) => other !== language);
  return (
    <footer className="sign-in-languages">
      {others.map((other) => (
        <Button key={other} look="quiet" lang={other} onClick={() => void setLanguage(other)}>
          {languages[other].name}
        </Button>
      ))}
    </footer>
  );
}
