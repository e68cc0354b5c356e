/** The types that both documents share. */
import type { OpenApi } from './documents';
import type { Group } from './entry';
import { schemaView, typeAnchor } from './schema';

export function typeGroup(document: OpenApi): Group {
  const entries = Object.entries(document.components.schemas).map(([name, schema]) => ({
    id: typeAnchor(name),
    badge: '',
    name,
    summary: schema.description ?? '',
    body: [schemaView(schema.properties ? 'Members' : 'One of', schema)],
  }));
  return { id: 'types', title: 'Types', entries };
}
