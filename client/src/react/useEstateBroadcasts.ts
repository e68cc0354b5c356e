/** The estate's announcements, and making one. */
import { useMemo } from 'react';
import type { Broadcast, Broadcasts, BroadcastType, VaultifyClient } from '../core/index.js';
import { BROADCASTS_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export interface BroadcastActions {
  /** To everybody in the estate; for whom `canBroadcast` is true. */
  broadcast: (message: string, type?: BroadcastType) => Promise<Broadcast>;
  /** This user has seen the emergency, on this device. */
  acknowledge: (messageId: string) => void;
}

export interface UseEstateBroadcasts extends Broadcasts, BroadcastActions {}

export function useEstateBroadcasts(): UseEstateBroadcasts {
  const client = useVaultify();
  const broadcasts = useReadable(client.broadcasts, BROADCASTS_AT_FIRST);
  const actions = useMemo(() => actionsOf(client), [client]);
  return useMemo(() => ({ ...broadcasts, ...actions }), [broadcasts, actions]);
}

const actionsOf = (client: VaultifyClient): BroadcastActions => ({
  broadcast: (message, type) => client.broadcast(message, type),
  acknowledge: (messageId) => client.acknowledgeEmergency(messageId),
});
