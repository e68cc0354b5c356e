/** Names days and times as a reader says them, in the reader's own time zone. */

export interface DayWords {
  today: string;
  yesterday: string;
}

/** Days back that are called by their weekday alone: with seven, it would be today's own name. */
const WEEKDAY_ALONE_MAX = 6;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Calendar days from `then` to `now`; a day of 23 or 25 hours counts as one. */
export function daysBetween(then: Date, now: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day(now) - day(then)) / DAY_MS);
}

export function dayLabel(then: Date, now: Date, locale: string, words: DayWords): string {
  const ago = daysBetween(then, now);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  if (ago > 1 && ago <= WEEKDAY_ALONE_MAX) return formatted(locale, { weekday: 'long' }, then);
  if (then.getFullYear() === now.getFullYear())
    return formatted(locale, { weekday: 'long', day: 'numeric', month: 'long' }, then);
  return formatted(locale, { day: 'numeric', month: 'long', year: 'numeric' }, then);
}

export function timeLabel(then: Date, locale: string): string {
  return formatted(locale, { hour: 'numeric', minute: '2-digit' }, then);
}

/** Date and time in full, for tooltips. */
export function momentLabel(then: Date, locale: string): string {
  return formatted(locale, { dateStyle: 'full', timeStyle: 'short' }, then);
}

/** Until the day changes, in ms: labels are then out of date. */
export function untilMidnight(now: Date): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - now.getTime();
}

/** Making a format costs a hundred times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatted(locale: string, options: Intl.DateTimeFormatOptions, date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  const key = `${locale} ${Object.entries(options).join(' ')}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, format);
  return format.format(date);
}
