/** Who I am, from a server that has no route for it yet. */
import type { Me } from './generated.js';
import type { Rest } from './rest.js';
import type { Tokens } from './token.js';
import type { Route } from './types.js';

export async function fetchMe(rest: Rest, tokens: Tokens): Promise<Me> {
  try {
    return (await rest.request('GET /messaging/me' as Route)) as unknown as Me;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'route_not_found') throw error;
  }
  const { data } = await rest.request('GET /messaging/conversations', { query: { limit: 1 } });
  const [first] = data;
  const own = first?.participants.find(({ user_id }) => user_id === tokens.userId)?.user;
  return {
    user_id: tokens.userId ?? '',
    first_name: own?.first_name ?? '',
    last_name: own?.last_name ?? '',
    email: null,
    role: own?.role ?? 'Residence',
    status: 'active',
    estate_id: first?.estate_id ?? null,
    estate_name: null,
    profile_picture_url: own?.profile_picture_url ?? null,
  };
}
