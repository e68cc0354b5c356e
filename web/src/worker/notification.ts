/** What a push becomes: what is shown, and where it leads. */

/** As the server sends it; whatever is missing or of another kind is done without. */
export interface PushData {
  title?: unknown;
  body?: unknown;
  type?: unknown;
  conversationId?: unknown;
  messageId?: unknown;
  seq?: unknown;
  badge?: unknown;
}

/** In the DOM's types there is less than browsers take. */
interface ShownOptions extends NotificationOptions {
  renotify?: boolean;
  vibrate?: number[];
}

const NAME = 'Vaultify Messaging';
const ICON = '/icons/icon-192.png';
const BADGE = '/icons/badge-96.png';
const ALARM_MS = [400, 150, 400, 150, 800];
const ID = /^[0-9a-f-]{36}$/;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && ID.test(value) ? value : undefined;
}

/** One notification a conversation; an emergency is one of its own, and stays until somebody has seen it. */
export function notificationOf(data: PushData): { title: string; options: ShownOptions } {
  const isEmergency = data.type === 'emergency';
  const tag = isEmergency ? idOf(data.messageId) : idOf(data.conversationId);
  return {
    title: textOf(data.title) ?? NAME,
    options: {
      body: textOf(data.body),
      data,
      tag,
      icon: ICON,
      badge: BADGE,
      dir: 'auto',
      // Without a tag there is nothing that could be shown again.
      renotify: tag !== undefined,
      requireInteraction: isEmergency,
      ...(isEmergency && { vibrate: ALARM_MS }),
    },
  };
}

/** Behind the `#` of the page's address. */
export function placeOf(data: PushData | null): string {
  if (data?.type === 'broadcast' || data?.type === 'emergency') return '#/announcements';
  const conversationId = idOf(data?.conversationId);
  return conversationId === undefined ? '#/' : `#/c/${conversationId}`;
}
