/** What somebody has begun to write in each conversation, for as long as the page is open. */
import type { VaultifyClient } from '../core/index.js';

const byClient = new WeakMap<VaultifyClient, Map<string, string>>();

export function draftOf(client: VaultifyClient, conversationId: string): string {
  return byClient.get(client)?.get(conversationId) ?? '';
}

export function keepDraft(client: VaultifyClient, conversationId: string, text: string): void {
  const drafts = byClient.get(client) ?? new Map<string, string>();
  byClient.set(client, drafts);
  if (text) drafts.set(conversationId, text);
  else drafts.delete(conversationId);
}
