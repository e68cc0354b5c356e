// A server's own documents, to hold its answers against: closed, so that what they say nothing of is found, too.
import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { request } from './rest.mjs';

export async function fetchDocument(server, path) {
  const answer = await request(server, 'GET', path);
  assert.equal(answer.status, 200, path);
  assert.match(answer.headers['content-type'], /^application\/json/);
  return answer.json;
}

/** A copy in which no object of a listed shape may have other members. What only refines a $ref stays open. */
function closed(value) {
  if (Array.isArray(value)) return value.map(closed);
  if (value === null || typeof value !== 'object') return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  if (copy.type === 'object' && copy.properties && !copy.$ref) copy.additionalProperties = false;
  return copy;
}

const pointer = (parts) => parts.map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

/** check(value, label, …place): throws unless the value is what the schema at that place says. */
export function checker(document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ ...closed(document), $id: 'document' });
  const compiled = new Map();
  return (value, label, ...place) => {
    const ref = `document#${pointer(place)}`;
    if (!compiled.has(ref)) compiled.set(ref, ajv.compile({ $ref: ref }));
    const validate = compiled.get(ref);
    if (!validate(value)) assert.fail(`${label}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 2000)}`);
  };
}
