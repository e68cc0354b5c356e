/** Names and titles as they may be shown: without what turns a line around or cannot be seen. */

/** What letters and emoji are joined, shaped and flagged with stays: U+200C, U+200D, U+FE0E, U+FE0F and the tags. */
const UNSEEN = /(?![\u200c\u200d\ufe0e\ufe0f\u{e0020}-\u{e007f}])\p{Default_Ignorable_Code_Point}|\p{Bidi_Control}/gu;

export const legible = (text: string): string =>
  text
    .replace(UNSEEN, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
