/** A text with places for values, and with a form for each number that the language tells apart. */

/** By the categories of `Intl.PluralRules`; the parameter `count` chooses. */
export type Plural = { other: string } & Partial<Record<Exclude<Intl.LDMLPluralRule, 'other'>, string>>;
export type Text = string | Plural;

type PlacesOf<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | PlacesOf<Rest> : never;
/** The names between braces. */
export type Places<T> = T extends { other: infer S } ? PlacesOf<S> | 'count' : PlacesOf<T>;

export type Parameters = Record<string, string | number>;

/** What a translation of `T` has to have: the same keys. */
export type Translation<T> = { readonly [K in keyof T]: Text };

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const ISOLATE = '\u2068';
const END_OF_ISOLATE = '\u2069';

/** A name in another script does not turn the sentence around it. */
function isolated(value: string, direction: 'ltr' | 'rtl'): string {
  const mixes = direction === 'rtl' || RIGHT_TO_LEFT.test(value);
  return mixes ? ISOLATE + value + END_OF_ISOLATE : value;
}

function formOf(text: Text, locale: string, parameters: Parameters): string {
  if (typeof text === 'string') return text;
  const form = new Intl.PluralRules(locale).select(Number(parameters.count));
  return text[form] ?? text.other;
}

export function fill(text: Text, locale: string, direction: 'ltr' | 'rtl', parameters: Parameters = {}): string {
  return formOf(text, locale, parameters).replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = parameters[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : isolated(value, direction);
  });
}
