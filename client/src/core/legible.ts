/** Names and titles as they may be shown: what turns a line around, or cannot be seen at all, does not make one. */

/** Embeddings, overrides and isolates; controls; blanks without a width. Joiners stay: letters and emoji need them. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

export const legible = (text: string): string => text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
