/** What is left when the page has failed: the truth, and a way on. */
import { useText } from '../i18n';
import { Button, Notice } from '../ui';

export function Broken() {
  const t = useText();
  return (
    <main>
      <Notice
        look="error"
        icon="failed"
        title={t('app.broken.title')}
        action={
          <Button look="primary" onClick={() => location.reload()}>
            {t('app.reload')}
          </Button>
        }
      >
        {t('app.broken.text')}
      </Notice>
    </main>
  );
}
