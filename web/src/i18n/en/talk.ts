/** English: conversations and announcements. */
export const talk = {
  'talk.messages': 'Messages',
} as const;
