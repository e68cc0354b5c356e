/** What a message says of its attachment. Apps describe it in `metadata`, each in its own words: nothing of it is trusted. */
import type { ChatMessage } from '@vaultify/messaging';
import { safeAddress } from './links';

export interface Attachment {
  name: string | null;
  sizeBytes: number | null;
  durationS: number | null;
  /** Where it lies; null where that is not given, or not to be followed. */
  address: { host: string; href: string } | null;
}

const NAME_LENGTH_MAX = 200;
const SIZE_BYTES_MAX = 2 ** 50;
const DURATION_S_MAX = 24 * 60 * 60;

const NAMES = ['name', 'fileName', 'file_name', 'filename', 'title'] as const;
const SIZES = ['size', 'sizeBytes', 'fileSize', 'file_size'] as const;
const DURATIONS = ['duration', 'durationSeconds', 'duration_seconds'] as const;
const ADDRESSES = ['url', 'fileUrl', 'file_url', 'href'] as const;

export function attachmentOf(metadata: ChatMessage['metadata']): Attachment {
  const first = <T>(names: readonly string[], read: (value: unknown) => T | null): T | null => {
    for (const name of names) {
      const value = metadata && Object.hasOwn(metadata, name) ? read(metadata[name]) : null;
      if (value !== null) return value;
    }
    return null;
  };
  return {
    name: first(NAMES, readName),
    sizeBytes: first(SIZES, (value) => readNumber(value, SIZE_BYTES_MAX)),
    durationS: first(DURATIONS, (value) => readNumber(value, DURATION_S_MAX)),
    address: first(ADDRESSES, safeAddress),
  };
}

function readName(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  return value.length > NAME_LENGTH_MAX ? `${value.slice(0, NAME_LENGTH_MAX)}…` : value;
}

function readNumber(value: unknown, max: number): number | null {
  return typeof value === 'number' && value > 0 && value <= max ? value : null;
}
