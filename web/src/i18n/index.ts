/** Texts, formats and direction, for every component of the page. */
export { LanguageProvider, loadLanguage, useFormats, useLanguage, useText } from './LanguageProvider';
export type { TextKey, Translate } from './LanguageProvider';
export type { Formats } from './formats';
export { chosenLanguage, languages, type Language } from './languages';
