/** The page's first moment: its language and theme, then everything else. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { Broken } from './app/Broken';
import { applyTheme, chosenTheme } from './app/theme';
import { followVisibleHeight } from './app/visibleHeight';
import { chosenLanguage, LanguageProvider, loadLanguage } from './i18n';
import { SessionProvider } from './session/SessionProvider';
import { ToastProvider } from './ui';
import './style/tokens.css';
import './style/base.css';

/** English is always there: a page in the wrong language is better than none. */
async function loadChosenLanguage() {
  try {
    return await loadLanguage(chosenLanguage());
  } catch {
    return loadLanguage('en');
  }
}

async function start(place: Element): Promise<void> {
  applyTheme(chosenTheme());
  followVisibleHeight();
  const language = await loadChosenLanguage();
  const broken = (error: unknown) => {
    console.error(error);
    const again = document.createElement('div');
    place.replaceWith(again);
    createRoot(again).render(
      <LanguageProvider initial={language}>
        <Broken />
      </LanguageProvider>,
    );
  };
  createRoot(place, { onUncaughtError: broken }).render(
    <StrictMode>
      <LanguageProvider initial={language}>
        <ToastProvider>
          <SessionProvider>
            <App />
          </SessionProvider>
        </ToastProvider>
      </LanguageProvider>
    </StrictMode>,
  );
}

const place = document.getElementById('root');
if (place) void start(place);
