// Estates with people in them, as values and as lines for `vaultify import`.
import { randomUUID } from 'node:crypto';

export const uuid = () => randomUUID();

export const ROLES = { resident: 'Residence', security: 'Security Personnel', admin: 'Admin', superAdmin: 'Super Admin' };

let people = 0;
export function makeUser(estateId, role, more = {}) {
  const n = ++people;
  const id = uuid();
  return { id, email: `${id}@example.org`, first: `First${n}`, last: `Last${n}`, role, status: 'active', picture: n % 2 ? `https://example.org/${n}.png` : null, estateId, ...more };
}

/** {id, name, admin, security, superAdmin, residents[], suspended, pending, users[]}. Without `pictures` nobody has one. */
export function makeEstate({ residents = 3, name, pictures = true } = {}) {
  const id = uuid();
  const estate = { id, name: name || `Estate ${id.slice(0, 8)}` };
  estate.admin = makeUser(id, ROLES.admin);
  estate.security = makeUser(id, ROLES.security);
  estate.superAdmin = makeUser(id, ROLES.superAdmin);
  estate.suspended = makeUser(id, ROLES.resident, { status: 'suspended' });
  estate.pending = makeUser(id, ROLES.resident, { status: 'pending' });
  estate.residents = Array.from({ length: residents }, () => makeUser(id, ROLES.resident));
  estate.active = [estate.admin, estate.security, estate.superAdmin, ...estate.residents];
  estate.users = [...estate.active, estate.suspended, estate.pending];
  if (!pictures) for (const user of estate.users) user.picture = null;
  return estate;
}

export const makeEstates = (count, options) => Array.from({ length: count }, () => makeEstate(options));

export const estateRecord = (estate) => ({ estate: { estate_id: estate.id, name: estate.name } });

export const userRecord = (user) => ({
  user: {
    user_id: user.id,
    email: user.email,
    first_name: user.first,
    last_name: user.last,
    status: user.status,
    role: user.role,
    estate_id: user.estateId,
    profile_picture_url: user.picture,
  },
});

export const estateRecords = (estates) => estates.flatMap((e) => [estateRecord(e), ...e.users.map(userRecord)]);
export const importText = (estates) => estateRecords(estates).map((r) => JSON.stringify(r) + '\n').join('');
