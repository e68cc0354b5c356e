/** Arabic: conversations and announcements. */
import type { Translation } from '../text';
import type { talk as english } from '../en/talk';

export const talk: Translation<typeof english> = {
  'talk.messages': 'الرسائل',
};
