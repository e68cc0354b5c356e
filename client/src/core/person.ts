/** People as the server names them in its several ways, as the app sees them. */
import type * as wire from './generated.js';
import { legible } from './legible.js';
import type { Person } from './types.js';

interface Named {
  user_id: string;
  first_name: string;
  last_name: string;
  profile_picture_url?: string | null;
  role?: wire.Role;
}

export function personOf(row: Named): Person {
  const firstName = legible(row.first_name);
  const lastName = legible(row.last_name);
  return {
    id: row.user_id,
    firstName,
    lastName,
    name: `${firstName} ${lastName}`.trim(),
    pictureUrl: row.profile_picture_url ?? null,
    role: row.role ?? null,
  };
}

interface NamedInEvent {
  userId: string;
  firstName: string;
  lastName: string;
  role?: wire.Role;
}

export const personOfEvent = ({ userId, firstName, lastName, role }: NamedInEvent): Person =>
  personOf({ user_id: userId, first_name: firstName, last_name: lastName, role });
