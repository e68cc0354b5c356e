/** The people whom a server in demo mode offers to be. */
import type { Role } from '@vaultify/messaging';

export interface DemoUser {
  user_id: string;
  first_name: string;
  last_name: string;
  role: Role;
  estate_id: string;
  estate_name: string;
  token: string;
}

/** Null: this server runs no demo. */
export async function fetchDemoUsers(signal: AbortSignal): Promise<readonly DemoUser[] | null> {
  const answer = await fetch('/demo/users', { signal, headers: { accept: 'application/json' } });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`GET /demo/users: ${answer.status}`);
  const { data } = (await answer.json()) as { data: readonly DemoUser[] };
  return data;
}

/** In the order in which the server names them. */
export function byEstate(users: readonly DemoUser[]): readonly { name: string; users: readonly DemoUser[] }[] {
  const estates = new Map<string, { name: string; users: DemoUser[] }>();
  for (const user of users) {
    const estate = estates.get(user.estate_id) ?? { name: user.estate_name, users: [] };
    estate.users.push(user);
    estates.set(user.estate_id, estate);
  }
  return [...estates.values()];
}
