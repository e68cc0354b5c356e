/** Light, dark, or as the system has it. */
import { recall, remember } from './deviceMemory';

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];

const KEY = 'vaultify.page.theme';

export function chosenTheme(): Theme {
  const stored = recall(KEY);
  return themes.find((theme) => theme === stored) ?? 'system';
}

export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
  colourBrowser(theme);
}

export function chooseTheme(theme: Theme): void {
  remember(KEY, theme === 'system' ? null : theme);
  applyTheme(theme);
}

/** The browser's own edges take the page's colour; of the two that the page brings, `system` leaves the choice to it. */
function colourBrowser(theme: Theme): void {
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const scheme = meta.dataset.scheme ?? 'light';
    meta.media = theme === 'system' ? `(prefers-color-scheme: ${scheme})` : theme === scheme ? 'all' : 'not all';
  }
}
