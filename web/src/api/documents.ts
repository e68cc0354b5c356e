/** The server's two documents: what the page reads of them. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: string[];
  const?: boolean;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

type Schemas = Record<string, Schema>;

interface Info {
  title: string;
  version: string;
  description: string;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: Schema;
}

type Content = Record<string, { schema: Schema }>;

export interface Operation {
  tags: string[];
  summary: string;
  description?: string;
  parameters: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content: Content }>;
  security: Record<string, unknown>[];
}

export interface OpenApi {
  info: Info;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Schemas };
}

interface Reference {
  $ref: string;
}

export interface EventOperation {
  action: 'send' | 'receive';
  summary: string;
  description?: string;
  messages: Reference[];
  reply?: { messages: Reference[] };
}

export interface Message {
  name: string;
  summary?: string;
  payload: Schema;
}

export interface AsyncApi {
  info: Info;
  operations: Record<string, EventOperation>;
  components: { messages: Record<string, Message>; schemas: Schemas };
}

/** The last part of a reference: a name. */
export const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

async function load(path: string): Promise<unknown> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export const loadOpenApi = async (): Promise<OpenApi> => (await load('/openapi.json')) as OpenApi;
export const loadAsyncApi = async (): Promise<AsyncApi> => (await load('/asyncapi.json')) as AsyncApi;
