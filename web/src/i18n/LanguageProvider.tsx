/** The language of the page: its texts, its direction, its formats. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { en } from './en';
import { makeFormats, type Formats } from './formats';
import { languages, localeOf, rememberLanguage, type Dictionary, type Language } from './languages';
import { fill, type Parameters, type Places } from './text';

export type TextKey = keyof typeof en;
type PlacesOfKey<K extends TextKey> = Places<(typeof en)[K]>;

/** The text of a key; one with places wants a value for each. */
export type Translate = <K extends TextKey>(
  key: K,
  ...parameters: [PlacesOfKey<K>] extends [never] ? [] : [Record<PlacesOfKey<K>, string | number>]
) => string;

interface Spoken {
  language: Language;
  setLanguage(language: Language): Promise<void>;
  direction: 'ltr' | 'rtl';
  t: Translate;
  formats: Formats;
}

const LanguageContext = createContext<Spoken | null>(null);

function useSpoken(): Spoken {
  const spoken = useContext(LanguageContext);
  if (spoken === null) throw new Error('useText needs <LanguageProvider> above it');
  return spoken;
}

export function useText(): Translate {
  return useSpoken().t;
}

export function useFormats(): Formats {
  return useSpoken().formats;
}

export function useLanguage(): Pick<Spoken, 'language' | 'setLanguage' | 'direction'> {
  return useSpoken();
}

function translator(dictionary: Dictionary, language: Language): Translate {
  const locale = localeOf(language);
  return (key, ...[parameters]) =>
    fill(dictionary[key], locale, languages[language].direction, parameters as Parameters | undefined);
}

interface Loaded {
  language: Language;
  dictionary: Dictionary;
}

/** What the page begins with; `main` loads it before the first render, so that no text is shown in two languages. */
export async function loadLanguage(language: Language): Promise<Loaded> {
  return { language, dictionary: await languages[language].load() };
}

export function LanguageProvider({ initial, children }: { initial: Loaded; children: ReactNode }) {
  const [{ language, dictionary }, setLoaded] = useState(initial);

  const setLanguage = useCallback(async (next: Language) => {
    setLoaded(await loadLanguage(next));
    rememberLanguage(next);
  }, []);

  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = languages[language].direction;
  }, [language]);

  const spoken = useMemo(
    () => ({
      language,
      setLanguage,
      direction: languages[language].direction,
      t: translator(dictionary, language),
      formats: makeFormats(localeOf(language)),
    }),
    [language, dictionary, setLanguage],
  );
  return <LanguageContext.Provider value={spoken}>{children}</LanguageContext.Provider>;
}
