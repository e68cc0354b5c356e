/** The page's first moment: its language and theme, then everything else. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { applyTheme, chosenTheme } from './app/theme';
import { chosenLanguage, LanguageProvider, loadLanguage } from './i18n';
import { SessionProvider } from './session/SessionProvider';
import { ToastProvider } from './ui';
import './style/tokens.css';
import './style/base.css';

async function start(root: Element): Promise<void> {
  applyTheme(chosenTheme());
  const language = await loadLanguage(chosenLanguage());
  createRoot(root).render(
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

const root = document.getElementById('root');
if (root) void start(root);
