/** Who of the estate is online. */
import { useMemo } from 'react';
import type { Presence } from '../core/index.js';
import { PRESENCE_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export interface UsePresence extends Presence {
  isOnline: (userId: string) => boolean;
}

export function usePresence(): UsePresence {
  const presence = useReadable(useVaultify().presence, PRESENCE_AT_FIRST);
  return useMemo(() => ({ ...presence, isOnline: (userId) => presence.online.has(userId) }), [presence]);
}

/** Renders again only when this one comes or goes. */
export function useIsOnline(userId: string): boolean {
  return useReadable(useVaultify().presence, PRESENCE_AT_FIRST, ({ online }) => online.has(userId));
}
