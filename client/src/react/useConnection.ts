/** Whether the server is reached, who is signed in, and another try at once. */
import { useMemo } from 'react';
import type { Connection } from '../core/index.js';
import { CONNECTION_AT_FIRST } from './atFirst.js';
import { useReadable } from './useReadable.js';
import { useVaultify } from './VaultifyProvider.js';

export interface UseConnection extends Connection {
  /** Tries at once: after `refused`, or instead of waiting. */
  retry: () => void;
}

export function useConnection(): UseConnection {
  const client = useVaultify();
  const connection = useReadable(client.connection, CONNECTION_AT_FIRST);
  return useMemo(() => ({ ...connection, retry: () => client.retry() }), [client, connection]);
}
