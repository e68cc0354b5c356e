/** What of a very long text is shown at first. */

/** UTF-16 units, and lines: more would fill several screens. */
const LENGTH_MAX = 2000;
const LINES_MAX = 40;

/** The beginning of a text that is too long; null: it is not. */
export function foldedOf(text: string): string | null {
  const lines = text.split('\n', LINES_MAX + 1);
  if (text.length <= LENGTH_MAX && lines.length <= LINES_MAX) return null;
  const beginning = lines.slice(0, LINES_MAX).join('\n').slice(0, LENGTH_MAX);
  return `${beginning.replace(/[\uD800-\uDBFF]$/, '').trimEnd()}…`; // no half of a pair at the cut
}
