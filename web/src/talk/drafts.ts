/** Texts that somebody has begun to write, kept in this tab over a reload; signing out removes them. */

/** Begins like all that belongs to a user: see session.ts. */
const PREFIX = 'vaultify.draft.';
/** UTF-16 units; longer texts could not be sent. */
const LENGTH_MAX = 16 * 1024;
/** Of one tab; those that come later are not kept. */
const DRAFTS_MAX = 50;

/** `place`: a conversation's id, or another place where one writes. */
const keyOf = (userId: string, place: string) => `${PREFIX}${userId}.${place}`;

export function readDraft(userId: string, place: string): string {
  try {
    return sessionStorage.getItem(keyOf(userId, place)) ?? '';
  } catch {
    return ''; // forbidden
  }
}

/** An empty text removes it. */
export function writeDraft(userId: string, place: string, text: string): void {
  const key = keyOf(userId, place);
  try {
    if (text === '' || text.length > LENGTH_MAX) sessionStorage.removeItem(key);
    else if (sessionStorage.getItem(key) !== null || count() < DRAFTS_MAX) sessionStorage.setItem(key, text);
  } catch {
    // Full or forbidden: it stays as long as the page does.
  }
}

const count = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).length;
