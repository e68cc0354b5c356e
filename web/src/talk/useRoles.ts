/** The roles of a conversation's people, by id: what is fetched of a message says who sent it, and not as what. */
import { useMemo } from 'react';
import type { ConversationView, Role } from '@vaultify/messaging';

/** The same map until a role has changed: positions of participants change with each message that is read. */
export function useRoles(conversation: ConversationView | null): ReadonlyMap<string, Role> {
  const entries = (conversation?.participants ?? []).flatMap(({ id, role }) => (role ? [[id, role] as const] : []));
  const written = JSON.stringify(entries);
  return useMemo(() => new Map(JSON.parse(written) as [string, Role][]), [written]);
}
