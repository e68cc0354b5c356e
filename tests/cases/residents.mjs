// Who lives in an estate: by name, page by page, for its own people alone.
import assert from 'node:assert/strict';
import { makeEstate, makeUser, ROLES, estateRecords, userRecord } from '../harness/estate.mjs';
import { request, rest } from '../harness/rest.mjs';
import { importRecords, SECRET, startServer } from '../harness/server.mjs';
import { isRestError, keys } from '../harness/shape.mjs';
import { signToken } from '../harness/jwt.mjs';
import { test } from '../harness/suite.mjs';

const server = await startServer({ estates: 8, residents: 2 });
const path = (estate, query = {}) => `/messaging/estate/${estate.id}/residents?${new URLSearchParams(query)}`;
const names = (page) => page.data.map((u) => `${u.first_name} ${u.last_name}`);

/** An estate of people with these names, and one of them who asks. */
async function named(...people) {
  const estate = makeEstate({ residents: 0 });
  estate.users = people.map(([first, last, more]) => makeUser(estate.id, ROLES.resident, { first, last, ...more }));
  const done = await importRecords(server.data, estateRecords([estate]));
  assert.equal(done.code, 0, done.stderr);
  for (const user of estate.users) user.token = signToken(SECRET, { sub: user.id });
  const ask = (query) => rest(server, estate.users[0], 'GET', path(estate, query));
  return { estate, ask };
}

test('everybody who is active, with what neighbours may see', async () => {
  const estate = server.estate();
  const page = await rest(server, estate.residents[0], 'GET', path(estate));
  keys(page, ['data', 'page', 'limit', 'total', 'totalPages'], 'the page');
  assert.deepEqual([page.page, page.limit, page.total, page.totalPages], [1, 50, estate.active.length, 1]);
  for (const user of page.data) {
    keys(user, ['user_id', 'first_name', 'last_name', 'role', 'profile_picture_url'], 'a resident');
    const known = estate.active.find((u) => u.id === user.user_id);
    assert.deepEqual(user, { user_id: known.id, first_name: known.first, last_name: known.last, role: known.role, profile_picture_url: known.picture });
  }
  assert.equal(new Set(page.data.map((u) => u.user_id)).size, estate.active.length);
});

test('by first and last name, whatever capitals they have; pages hold together', async () => {
  const { ask } = await named(['émile', 'Zola'], ['ben', 'Abe'], ['ANN', 'zed'], ['Ann', 'Young'], ['Ben', 'abel']);
  const all = ['Ann Young', 'ANN zed', 'ben Abe', 'Ben abel', 'émile Zola'];
  assert.deepEqual(names(await ask({})), all);
  const pages = [];
  for (let page = 1; page <= 3; page++) {
    const answer = await ask({ page, limit: 2 });
    assert.deepEqual([answer.page, answer.limit, answer.total, answer.totalPages], [page, 2, 5, 3]);
    pages.push(...names(answer));
  }
  assert.deepEqual(pages, all);
  assert.deepEqual((await ask({ page: 4, limit: 2 })).data, []);
});

test('search: part of the first, the last or the full name, in any case and script', async () => {
  const { ask } = await named(['Ada', 'Lovelace'], ['Ọlá', 'Ṣónúgà'], ['Иван', 'Петров'], ['محمد', 'علي'], ['100%', 'a_b\\c']);
  const found = async (search) => names(await ask({ search }));
  assert.deepEqual(await found('LACE'), ['Ada Lovelace']);
  assert.deepEqual(await found('ada l'), ['Ada Lovelace']);
  assert.deepEqual(await found(' ada '), ['Ada Lovelace']);
  assert.deepEqual(await found('ỌLÁ ṣ'), ['Ọlá Ṣónúgà']);
  assert.deepEqual(await found('ПЕТР'), ['Иван Петров']);
  assert.deepEqual(await found('محم'), ['محمد علي']);
  assert.deepEqual(await found('%'), ['100% a_b\\c']);
  assert.deepEqual(await found('_'), ['100% a_b\\c']);
  assert.deepEqual(await found("' OR 1=1 --"), []);
  assert.deepEqual(await found('lovelace ada'), []);
  assert.equal((await ask({ search: '' })).total, 5);
});

test('who is renamed, suspended or moves away', async () => {
  const { estate, ask } = await named(['Ada', 'One'], ['Ben', 'Two'], ['Cid', 'Three'], ['Dan', 'Four']);
  const other = server.estate();
  const [, ben, cid, dan] = estate.users;
  const changes = [{ ...ben, first: 'ZOË' }, { ...cid, status: 'suspended' }, { ...dan, estateId: other.id }];
  assert.equal((await importRecords(server.data, changes.map(userRecord))).code, 0);
  assert.deepEqual(names(await ask({})), ['Ada One', 'ZOË Two']);
  assert.deepEqual(names(await ask({ search: 'zoë' })), ['ZOË Two']);
  assert.ok(names(await rest(server, other.admin, 'GET', path(other, { search: 'dan f' }))).includes('Dan Four'));
});

test('refused: other estates as those that do not exist, and what no list takes', async () => {
  const [estate, other] = [server.estate(), server.estate()];
  const ask = (of, query, token = estate.superAdmin.token) => request(server, 'GET', path(of, query), { token });
  isRestError(await ask(other, {}), 403, { code: 'forbidden' });
  isRestError(await ask({ id: '00000000-0000-4000-8000-000000000000' }, {}), 403, { code: 'forbidden' });
  isRestError(await ask(estate, {}, null), 401);
  for (const query of [{ page: 0 }, { limit: 0 }, { limit: 101 }, { page: 'x' }, { search: 'x'.repeat(201) }]) {
    isRestError(await ask(estate, query), 400, { code: 'invalid_payload' });
  }
  const bad = await request(server, 'GET', `/messaging/estate/${estate.id}/residents?search=%ff`, { token: estate.admin.token });
  isRestError(bad, 400, { code: 'invalid_payload' });
});
