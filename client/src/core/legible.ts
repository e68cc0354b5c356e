/** Names and titles as they may be shown: without what turns a line around or cannot be seen. */

/** What letters and emoji are joined, shaped and flagged with stays: U+200C, U+200D, U+FE0E, U+FE0F and the tags. */
const UNSEEN = /(?![\u200c\u200d\ufe0e\ufe0f\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/gu;

/** Joiners and tags alone join nothing. */
const EMPTY = /^[\p{Default_Ignorable_Code_Point}\s]*$/u;

export function legible(text: string): string {
  const seen = text
    .replace(UNSEEN, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return EMPTY.test(seen) ? '' : seen;
}
