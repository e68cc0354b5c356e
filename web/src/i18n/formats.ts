/** Numbers, times and days as the language writes them. */

export interface Formats {
  number(value: number): string;
  /** 14:05 */
  time(date: Date): string;
  /** Today, Yesterday, a weekday, or a date: what a line between two days says. */
  day(date: Date): string;
  /** The shortest that tells: a time today, else a day. For lists. */
  brief(date: Date): string;
  /** Everything: for `title` and for reading aloud. */
  full(date: Date): string;
  /** 1.2 MB */
  size(bytes: number): string;
  /** 1:05 */
  duration(seconds: number): string;
}

const SIZE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const SIZE_STEP = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_BY_NAME = 6;

/** How many midnights lie between then and now, by the device's calendar. */
function daysAgo(date: Date, now: Date): number {
  const midnight = (d: Date) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate());
  return Math.round((midnight(now) - midnight(date)) / DAY_MS);
}

function capitalized(text: string, locale: string): string {
  return text.slice(0, 1).toLocaleUpperCase(locale) + text.slice(1);
}

export function makeFormats(locale: string, now: () => Date = () => new Date()): Formats {
  const dates = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const number = new Intl.NumberFormat(locale);
  const time = dates({ hour: 'numeric', minute: '2-digit' });
  const weekday = dates({ weekday: 'long' });
  const shortWeekday = dates({ weekday: 'short' });
  const dayOfYear = dates({ weekday: 'long', day: 'numeric', month: 'long' });
  const date = dates({ day: 'numeric', month: 'long', year: 'numeric' });
  const numeric = dates({ day: 'numeric', month: 'numeric', year: '2-digit' });
  const dayAndMonth = dates({ day: 'numeric', month: 'short' });
  const full = dates({ dateStyle: 'full', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const isThisYear = (d: Date) => d.getFullYear() === now().getFullYear();

  function day(d: Date): string {
    const ago = daysAgo(d, now());
    if (ago === 0 || ago === 1) return capitalized(relative.format(-ago, 'day'), locale);
    if (ago > 1 && ago <= DAYS_BY_NAME) return weekday.format(d);
    return (isThisYear(d) ? dayOfYear : date).format(d);
  }

  function brief(d: Date): string {
    const ago = daysAgo(d, now());
    if (ago === 0) return time.format(d);
    if (ago === 1) return capitalized(relative.format(-1, 'day'), locale);
    if (ago > 1 && ago <= DAYS_BY_NAME) return shortWeekday.format(d);
    return (isThisYear(d) ? dayAndMonth : numeric).format(d);
  }

  function size(bytes: number): string {
    let step = 0;
    let value = bytes;
    for (; value >= SIZE_STEP && step < SIZE_UNITS.length - 1; step++) value /= SIZE_STEP;
    const unit = { style: 'unit', unit: SIZE_UNITS[step], unitDisplay: 'short', maximumFractionDigits: 1 } as const;
    return new Intl.NumberFormat(locale, unit).format(value);
  }

  function duration(seconds: number): string {
    const two = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
    return `${number.format(Math.floor(seconds / 60))}:${two.format(Math.floor(seconds % 60))}`;
  }

  return {
    number: (value) => number.format(value),
    time: (d) => time.format(d),
    day,
    brief,
    full: (d) => full.format(d),
    size,
    duration,
  };
}
