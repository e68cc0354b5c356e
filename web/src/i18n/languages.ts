/** The languages that the page speaks, and which of them this device has chosen. */
import { recall, remember } from '../app/deviceMemory';
import { en } from './en';
import type { Translation } from './text';

export type Dictionary = Translation<typeof en>;
export type Language = 'en' | 'ar';

interface LanguageRow {
  /** In the language itself. */
  name: string;
  direction: 'ltr' | 'rtl';
  load: () => Promise<Dictionary>;
}

/** English comes with the page; every other one when it is asked for. */
export const languages: Readonly<Record<Language, LanguageRow>> = {
  en: { name: 'English', direction: 'ltr', load: async () => en },
  ar: { name: 'العربية', direction: 'rtl', load: async () => (await import('./ar')).ar },
};

const KEY = 'vaultify.page.language';

function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(languages, value);
}

/** What was chosen on this device; else the first language of the browser that the page speaks. */
export function chosenLanguage(): Language {
  const stored = recall(KEY);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

export function rememberLanguage(language: Language): void {
  remember(KEY, language);
}

/** With the region that the browser names, so that times and numbers look as they do elsewhere on this device. */
export function localeOf(language: Language): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}
