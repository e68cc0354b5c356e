/** What there is to choose from. */

/** In which the server has texts of its own; an operator may have added others. */
const PUSH_LANGUAGES = ['en', 'fr', 'ar'];

/** Where this device says it is. */
export function deviceZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** This device's first; the one that is set is always among them. */
export function zoneOptions(current: string | null): readonly string[] {
  const set = current === null ? [] : [current];
  return [...new Set([deviceZone(), ...set, ...Intl.supportedValuesOf('timeZone')])];
}

/** Each by its own name. */
export function languageOptions(current: string | null): readonly { tag: string; name: string }[] {
  const set = current === null ? [] : [current];
  return [...new Set([...PUSH_LANGUAGES, ...set])].map((tag) => ({ tag, name: nameOf(tag) }));
}

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag; // the server takes tags that this browser does not know
  }
}
