/** The tab says where one is and how much is unread: in its title, its icon, and on the app's own icon. */
import { useEffect } from 'react';
import { useReadable, useUnread, useVaultify } from '@vaultify/messaging';
import { useFormats, useText } from '../i18n';
import type { Route } from '../router';

const ICON = '/icons/icon.svg';
const ICON_UNREAD = '/icons/icon-unread.svg';

/** Not in TypeScript's DOM yet for every browser that is built for. */
interface BadgedNavigator {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

function badgeApp(count: number): void {
  const badged: BadgedNavigator = navigator;
  const done = count > 0 ? badged.setAppBadge?.(count) : badged.clearAppBadge?.();
  // Only an ornament, and refused to a page that is not installed.
  done?.catch(() => undefined);
}

export function useTitle(route: Route): void {
  const t = useText();
  const formats = useFormats();
  const { total } = useUnread();
  const place = usePlace(route);

  useEffect(() => {
    const name = place === null ? t('app.name') : `${place} – ${t('app.name')}`;
    document.title = total > 0 ? `(${formats.number(total)}) ${name}` : name;
  }, [place, total, t, formats]);

  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link) link.href = total > 0 ? ICON_UNREAD : ICON;
    badgeApp(total);
  }, [total]);
}

/** Only what the list knows: the view itself asks for more. */
function usePlace(route: Route): string | null {
  const t = useText();
  const id = 'conversationId' in route ? route.conversationId : null;
  const title = useReadable(
    useVaultify().conversations,
    undefined,
    ({ conversations }) => conversations.find((conversation) => conversation.id === id)?.title ?? null,
  );
  return route.name === 'announcements' ? t('list.announcements') : title;
}
