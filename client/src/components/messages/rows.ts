/** Where each message stands: what begins a day, a group of one sender's, or what is new; in chunks that keep still. */
import type { ChatMessage, Thread } from '../../core/index.js';

export interface MessagePlace {
  firstOfDay: boolean;
  /** Of messages of one sender that follow each other closely. */
  firstOfGroup: boolean;
  lastOfGroup: boolean;
  /** What stands above has been read before. */
  firstUnread: boolean;
}

export interface Row {
  message: ChatMessage;
  place: MessagePlace;
}

/** Messages that are rendered or not rendered together. */
export interface Chunk {
  key: number;
  rows: readonly Row[];
}

/** So few that rendering one takes less than a frame, so many that ten thousand messages make some hundred chunks. */
const CHUNK_MESSAGES = 24;
/** A pause so long begins a new group. */
const GROUP_PAUSE_MS = 5 * 60_000;

/**
 * What has not changed since `before` is the same object again, so that it need not be rendered again. A chunk's bounds
 * follow from `seq` alone: older messages in front move nobody from one chunk to another.
 */
export function chunksOf(
  { messages, firstUnreadSeq, hasOlder }: Pick<Thread, 'messages' | 'firstUnreadSeq' | 'hasOlder'>,
  before: readonly Chunk[],
): readonly Chunk[] {
  const rows = rowsOf(messages, firstUnreadAt(messages, firstUnreadSeq, hasOlder), before);
  const known = new Map(before.map((chunk) => [chunk.key, chunk]));
  const chunks: Chunk[] = [];
  let from = 0;
  for (let to = 1; to <= rows.length; to++) {
    const key = rows[from]?.number ?? 0;
    if (to < rows.length && rows[to]?.number === key) continue;
    chunks.push(sameOr(known.get(key), { key, rows: rows.slice(from, to).map(({ row }) => row) }));
    from = to;
  }
  return chunks;
}

function sameOr(before: Chunk | undefined, now: Chunk): Chunk {
  const same = before?.rows.length === now.rows.length && now.rows.every((row, i) => row === before.rows[i]);
  return same ? before : now;
}

function rowsOf(messages: readonly ChatMessage[], unread: number, before: readonly Chunk[]) {
  const known = new Map(before.flatMap((chunk) => chunk.rows.map((row) => [row.message, row])));
  const begins = messages.map((message, i) => beginsGroup(messages[i - 1], message, i === unread));
  let seq = 0;
  return messages.map((message, i) => {
    // What waits gets its number here as it will get it from the server, and stays in its chunk then.
    seq = message.seq ?? seq + 1;
    const place = {
      firstOfDay: beginsDay(messages[i - 1], message),
      firstOfGroup: begins[i] === true,
      lastOfGroup: begins[i + 1] !== false,
      firstUnread: i === unread,
    };
    return { number: Math.floor((seq - 1) / CHUNK_MESSAGES), row: rowOf(known.get(message), message, place) };
  });
}

function rowOf(before: Row | undefined, message: ChatMessage, place: MessagePlace): Row {
  const keys = Object.keys(place) as (keyof MessagePlace)[];
  return before && keys.every((key) => before.place[key] === place[key]) ? before : { message, place };
}

/** -1: there is none, or what stands before it has not been fetched. */
function firstUnreadAt(messages: readonly ChatMessage[], firstUnreadSeq: number | null, hasOlder: boolean): number {
  const at =
    firstUnreadSeq === null ? -1 : messages.findIndex((m) => !m.mine && m.seq !== null && m.seq >= firstUnreadSeq);
  return at === 0 && hasOlder ? -1 : at;
}

function beginsGroup(before: ChatMessage | undefined, message: ChatMessage, isFirstUnread: boolean): boolean {
  if (!before || isFirstUnread || beginsDay(before, message)) return true;
  const anotherOne = before.mine !== message.mine || before.sender?.id !== message.sender?.id;
  const isSpecial = before.broadcastType !== null || message.broadcastType !== null;
  return anotherOne || isSpecial || timeOf(message) - timeOf(before) > GROUP_PAUSE_MS;
}

const beginsDay = (before: ChatMessage | undefined, message: ChatMessage) =>
  !before || dayOf(before) !== dayOf(message);

// ---- times, read once a message ----

interface Moment {
  time: number;
  /** Of the reader's own calendar. */
  day: string;
}
const moments = new WeakMap<ChatMessage, Moment>();

function momentOf(message: ChatMessage): Moment {
  const known = moments.get(message);
  if (known) return known;
  const date = new Date(message.createdAt);
  const moment = { time: date.getTime(), day: date.toDateString() };
  moments.set(message, moment);
  return moment;
}

const timeOf = (message: ChatMessage) => momentOf(message).time;
const dayOf = (message: ChatMessage) => momentOf(message).day;
