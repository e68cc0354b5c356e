/** One message that waits to be sent, and how it is written down. */
import type { OutgoingMessage, VaultifyError } from './types.js';

export interface OutboxEntry {
  /** Its clientMessageId: the server stores it once, however often it is sent. */
  key: string;
  conversationId: string;
  message: OutgoingMessage;
  createdAt: string;
  /** Grows: messages of a conversation go out in this order. */
  order: number;
  /** Set: it was refused for good. */
  error: VaultifyError | null;
  /** The tab that sends it now, and until when the others leave it to that one (ms since 1970). */
  claimedBy: string | null;
  claimedUntil: number;
}

/** What was written down, by whatever version and whoever writes there; null: it is not an entry. */
export function readEntry(text: string | null): OutboxEntry | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is OutboxEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<keyof OutboxEntry, unknown>;
  return (
    typeof entry.key === 'string' &&
    typeof entry.conversationId === 'string' &&
    typeof entry.message === 'object' &&
    entry.message !== null &&
    typeof entry.createdAt === 'string' &&
    typeof entry.order === 'number' &&
    typeof entry.claimedUntil === 'number'
  );
}

/** A random UUID; where there is no `crypto.randomUUID` (pages without TLS, older apps) made of what there is. */
export function newId(): string {
  const { crypto } = globalThis;
  if (typeof crypto?.randomUUID === 'function') return crypto.randomUUID();
  const bytes = new Uint8Array(16);
  if (typeof crypto?.getRandomValues === 'function') crypto.getRandomValues(bytes);
  else for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
