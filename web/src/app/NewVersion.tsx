/** Says that a newer page waits, and takes it when one likes: what is being written is not lost unasked. */
import { useEffect, useState } from 'react';
import { useText } from '../i18n';
import { Button } from '../ui';
import { registerServiceWorker, takeNewVersion } from './serviceWorker';

export function NewVersion() {
  const t = useText();
  const [waits, setWaits] = useState(false);
  useEffect(() => {
    // Without it there are no notifications and no page without network; everything else is as ever.
    registerServiceWorker(() => setWaits(true)).catch((error: unknown) => console.warn('service worker:', error));
  }, []);
  if (!waits) return null;
  return (
    <div className="new-version" role="status">
      <p>{t('app.newVersion')}</p>
      <Button look="quiet" onClick={() => void takeNewVersion()}>
        {t('app.reload')}
      </Button>
    </div>
  );
}
