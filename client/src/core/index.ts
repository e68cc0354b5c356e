/** The client without React: for every other framework, Node.js and React Native. */
export { createClient } from './client.js';
export { VaultifyRequestError } from './error.js';
export type * as wire from './generated.js';
export { legible } from './legible.js';
export type {
  BroadcastType,
  ConversationType,
  ErrorCode,
  Me,
  MessageType,
  Preferences,
  Reaction,
  Role,
} from './generated.js';
export type * from './types.js';
