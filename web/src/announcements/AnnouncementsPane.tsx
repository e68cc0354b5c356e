/** The estate's announcements. */
export function AnnouncementsPane() {
  return null;
}
