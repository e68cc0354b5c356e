/** Shows a schema: the type in words, and the members of an object as a table. */
import { nameOf, type Schema } from './documents';
import { code, element, prose, type Child } from './element';

export const typeAnchor = (name: string): string => `type-${name}`;

const typeLink = (name: string): HTMLElement => element('a', { href: `#${typeAnchor(name)}` }, code(name));

const FORMATS: Record<string, string> = { uuid: 'UUID', 'date-time': 'time' };

/** `allOf` holds one reference: descriptions may not stand beside it. */
function inner(schema: Schema): Schema {
  return schema.allOf?.[0] ?? schema;
}

const isNull = (schema: Schema): boolean => schema.type === 'null';

function basicType(schema: Schema): string {
  const types = [schema.type ?? 'anything'].flat();
  return types.map((type) => (type === 'string' ? (FORMATS[schema.format ?? ''] ?? type) : type)).join(' or ');
}

function listed(words: readonly string[]): Child[] {
  return words.flatMap((word, i) => (i ? [', ', code(word)] : [code(word)]));
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (most === undefined) return '';
  return least ? `, ${least} to ${most}${unit}` : `, at most ${most}${unit}`;
}

function limits(schema: Schema): string {
  return (
    range(schema.minimum, schema.maximum, '') +
    range(schema.minLength, schema.maxLength, ' bytes') +
    range(schema.minItems, schema.maxItems, ' items')
  );
}

export function typeInWords(schema: Schema): Child[] {
  const value = inner(schema);
  if (value.$ref !== undefined) return [typeLink(nameOf(value.$ref))];
  if (value.anyOf) return [...typeInWords(value.anyOf.find((one) => !isNull(one)) ?? {}), ' or null'];
  if (value.enum) return listed(value.enum);
  if (value.const !== undefined) return [code(String(value.const))];
  if (value.items) return ['list of ', ...typeInWords(value.items)];
  return [basicType(value) + limits(value)];
}

function memberRow(name: string, schema: Schema, required: boolean): HTMLElement {
  const mark = required ? null : element('span', { class: 'optional' }, ' optional');
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, code(name), mark),
    element('td', {}, ...typeInWords(schema)),
    element('td', {}, ...prose(schema.description ?? '')),
  );
}

/** A table that scrolls on its own where the screen is narrow. */
function table(caption: string, rows: readonly HTMLElement[]): HTMLElement {
  const heads = ['Name', 'Type', 'Meaning'].map((text) => element('th', { scope: 'col' }, text));
  const whole = element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  );
  return element('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': caption }, whole);
}

/** The members of an object; of anything else its type. */
export function schemaView(caption: string, schema: Schema): HTMLElement {
  const { properties, required = [] } = schema;
  if (!properties) return element('p', {}, `${caption}: `, ...typeInWords(schema));
  const rows = Object.entries(properties).map(([name, value]) => memberRow(name, value, required.includes(name)));
  return rows.length ? table(caption, rows) : element('p', {}, `${caption}: nothing`);
}

export interface Row {
  name: string;
  schema: Schema;
  required: boolean;
}

export function rowsView(caption: string, rows: readonly Row[]): HTMLElement | null {
  if (rows.length === 0) return null;
  return table(
    caption,
    rows.map(({ name, schema, required }) => memberRow(name, schema, required)),
  );
}
