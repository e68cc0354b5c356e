/** The page. */
import { useText } from '../i18n';

export function App() {
  const t = useText();
  return <h1>{t('app.name')}</h1>;
}
