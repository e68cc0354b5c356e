/** Asks the server whose a token is. */
import { createClient, legible } from '@vaultify/messaging';
import type { Session } from '../session/session';

/** What people copy along with a token. */
export function cleaned(pasted: string): string {
  return pasted
    .trim()
    .replace(/^bearer\s+/i, '')
    .replace(/^["']|["']$/g, '')
    .replace(/\s+/g, '');
}

/** Rejects with the server's refusal. */
export async function askWhose(token: string, stay: boolean): Promise<Session> {
  const client = createClient({ url: '', token, storage: null });
  const me = await client.rest.request('GET /messaging/me');
  return { token, stay, userId: me.user_id, name: legible(`${me.first_name} ${me.last_name}`) };
}
