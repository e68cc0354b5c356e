/** The events of AsyncAPI, by whom they come from. */
import { nameOf, type AsyncApi, type EventOperation, type Message, type Schema } from './documents';
import { element, paragraphs, type Child } from './element';
import type { Entry, Group } from './entry';
import { schemaView, typeInWords } from './schema';

function messageOf(document: AsyncApi, reference: string): Message | undefined {
  return document.components.messages[nameOf(reference)];
}

/** A payload that is a type of its own is shown with its members: one need not go there. */
function resolved(document: AsyncApi, schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (document.components.schemas[nameOf(schema.$ref)] ?? schema);
}

function replyView(document: AsyncApi, reply: Message): Child[] {
  const [success, refusal] = reply.payload.oneOf ?? [];
  if (!success || !refusal) return [schemaView('Refused with', resolved(document, reply.payload))];
  const codes = refusal.properties?.error?.properties?.code ?? {};
  return [
    schemaView('Acknowledged with', success),
    element('h3', {}, 'Refusals'),
    element('p', {}, ...typeInWords(codes)),
  ];
}

function bodyOf(document: AsyncApi, operation: EventOperation, message: Message): Child[] {
  const reply = operation.reply?.messages[0];
  const answer = reply && messageOf(document, reply.$ref);
  return [
    ...paragraphs(operation.description ?? ''),
    schemaView('Payload', resolved(document, message.payload)),
    ...(answer ? replyView(document, answer) : []),
  ];
}

function entriesOf(document: AsyncApi, action: EventOperation['action']): Entry[] {
  return Object.entries(document.operations).flatMap(([key, operation]) => {
    const message = operation.action === action ? messageOf(document, operation.messages[0]?.$ref ?? '') : undefined;
    if (!message) return [];
    const body = bodyOf(document, operation, message);
    return [{ id: `event-${key}`, badge: '', name: message.name, summary: operation.summary, body }];
  });
}

export function eventGroups(document: AsyncApi): Group[] {
  return [
    { id: 'events-client', title: 'Events from clients', entries: entriesOf(document, 'receive') },
    { id: 'events-server', title: 'Events from the server', entries: entriesOf(document, 'send') },
  ];
}
