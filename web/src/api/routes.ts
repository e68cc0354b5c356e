/** The routes of OpenAPI, by what they are about. */
import type { OpenApi, Operation, Parameter, Schema } from './documents';
import { code, element, paragraphs, type Child } from './element';
import type { Entry, Group } from './entry';
import { rowsView, schemaView, typeInWords } from './schema';

const PLACES = { path: 'Parameters of the path', query: 'Query', header: 'Headers' } as const;

const isSuccess = (status: string): boolean => Number(status) < 400;

function parametersView(parameters: readonly Parameter[], place: keyof typeof PLACES): HTMLElement | null {
  const rows = parameters
    .filter((parameter) => parameter.in === place)
    .map(({ name, required, schema, description }) => ({ name, required, schema: { ...schema, description } }));
  return rowsView(PLACES[place], rows);
}

function contentOf(content: Record<string, { schema: Schema }>): { type: string; schema: Schema } {
  const [type = '', media] = Object.entries(content)[0] ?? [];
  return { type, schema: media?.schema ?? {} };
}

function answerView(status: string, schema: Schema): HTMLElement {
  if (schema.properties) return schemaView(`Answer ${status}`, schema);
  return element('p', { class: 'answer' }, element('strong', {}, `Answer ${status}: `), ...typeInWords(schema));
}

/** What refuses: a status each, and the codes that it can have. */
function refusalsView(operation: Operation): HTMLElement | null {
  const rows = Object.entries(operation.responses)
    .filter(([, { content }]) => contentOf(content).schema.properties?.code?.enum)
    .map(([status, { description, content }]) => {
      const codes = contentOf(content).schema.properties?.code?.enum ?? [];
      return [
        element('dt', {}, `${status} ${description}`),
        element('dd', {}, ...codes.flatMap((word, i): Child[] => (i ? [', ', code(word)] : [code(word)]))),
      ];
    });
  if (rows.length === 0) return null;
  return element('div', {}, element('h3', {}, 'Refusals'), element('dl', { class: 'refusals' }, ...rows.flat()));
}

function accessOf(operation: Operation): string {
  if (operation.security.some((scheme) => 'accessToken' in scheme)) return 'Needs an access token.';
  if (operation.security.some((scheme) => 'metricsToken' in scheme))
    return 'Needs the operator’s token, if there is one.';
  return 'Needs no token.';
}

function bodyOf(operation: Operation): Child[] {
  const answers = Object.entries(operation.responses).filter(
    ([status, { content }]) => isSuccess(status) || !contentOf(content).schema.properties?.code,
  );
  return [
    ...paragraphs(`${accessOf(operation)} ${operation.description ?? ''}`),
    parametersView(operation.parameters, 'path'),
    parametersView(operation.parameters, 'query'),
    parametersView(operation.parameters, 'header'),
    operation.requestBody ? schemaView('Body', contentOf(operation.requestBody.content).schema) : null,
    ...answers.map(([status, { content }]) => answerView(status, contentOf(content).schema)),
    refusalsView(operation),
  ];
}

interface Tagged {
  tag: string;
  entry: Entry;
}

function entriesOf(document: OpenApi): Tagged[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      tag: operation.tags[0] ?? '',
      entry: {
        id: `${method}${path.replace(/[{}]/g, '').replaceAll('/', '-')}`,
        badge: method.toUpperCase(),
        name: path,
        summary: operation.summary,
        body: bodyOf(operation),
      },
    })),
  );
}

const titleOf = (tag: string): string => `Routes: ${tag}`;

export function routeGroups(document: OpenApi): Group[] {
  const all = entriesOf(document);
  return [...new Set(all.map(({ tag }) => tag))].map((tag) => ({
    id: `routes-${tag}`,
    title: titleOf(tag),
    entries: all.filter((one) => one.tag === tag).map(({ entry }) => entry),
  }));
}
