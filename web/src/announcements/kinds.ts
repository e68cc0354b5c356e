/** How each kind of announcement is told apart: by an icon, a colour, and its name. */
import type { BroadcastType } from '@vaultify/messaging';
import type { TextKey } from '../i18n';
import type { IconName } from '../icons/Icon';

interface KindRow {
  icon: IconName;
  look: 'plain' | 'warn' | 'danger';
  name: TextKey & `kind.${BroadcastType}`;
}

/** In the order in which they are offered: what is announced every day first, what alarms last. */
export const kinds: Readonly<Record<BroadcastType, KindRow>> = {
  announcement: { icon: 'announcement', look: 'plain', name: 'kind.announcement' },
  general: { icon: 'info', look: 'plain', name: 'kind.general' },
  maintenance: { icon: 'tools', look: 'warn', name: 'kind.maintenance' },
  utility: { icon: 'utility', look: 'warn', name: 'kind.utility' },
  security: { icon: 'security', look: 'warn', name: 'kind.security' },
  emergency: { icon: 'emergency', look: 'danger', name: 'kind.emergency' },
};

export const kindNames = Object.keys(kinds) as readonly BroadcastType[];

/** The page is older than a server that knows more kinds. */
export function kindOf(type: string): KindRow {
  return Object.hasOwn(kinds, type) ? kinds[type as BroadcastType] : kinds.announcement;
}
