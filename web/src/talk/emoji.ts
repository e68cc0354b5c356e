/** Tells messages of a few emoji and nothing else, which are shown large. */

const EMOJI_MAX = 4;
/** UTF-16 units; a family of four with skin tones has some 20. */
const LENGTH_MAX = EMOJI_MAX * 30;

/** A flag of letters, a keycap, or pictures joined to one, with their skin tones and the letters of a region's flag. */
const PICTURE = String.raw`\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?[\u{E0020}-\u{E007F}]{0,8}`;
const EMOJI = String.raw`(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F\u20E3|${PICTURE}(?:\u200D${PICTURE}){0,6})`;
const EMOJI_ONLY = new RegExp(`^\\s*(?:${EMOJI}\\s*){1,${EMOJI_MAX}}$`, 'u');
/** Signs such as © are letters unless they are told to be pictures. */
const LETTERLIKE = /[©®™‼⁉ℹ](?!\uFE0F)/u;

export function isEmojiOnly(text: string): boolean {
  return text.length <= LENGTH_MAX && EMOJI_ONLY.test(text) && !LETTERLIKE.test(text);
}
