/**
 * Who types where: mine goes out thinned, that of others ends by itself when its end was lost. A message ends nothing here:
 * the server tells the end before it stores the message, and its sender may type again before that has come.
 */
import { Cell, type Pulse } from './cell.js';
import type { UserTypingEvent } from './generated.js';
import { personOfEvent } from './person.js';
import type { Person, Readable } from './types.js';

/** The server ends it 3 s after the last word, so one in 2 s keeps it alive. */
const SAY_AGAIN_MS = 2_000;
/** The server tells the start and the end, and nothing between them, however long somebody types: so this is long. */
const SHOWN_MAX_MS = 30_000;
/** Conversations in which typing is followed though nobody looks. */
const PLACES_MAX = 200;
const PEOPLE_MAX = 50;

interface Typist {
  person: Person;
  timer: ReturnType<typeof setTimeout>;
}

interface Place {
  typists: Map<string, Typist>;
  /** Null: somebody began or ended since it was read. */
  shown: readonly Person[] | null;
}

const NOBODY: readonly Person[] = [];

export class Typing {
  private readonly cells = new Map<string, Cell<readonly Person[]>>();
  private readonly places = new Map<string, Place>();
  /** When my own was said last, by conversation (ms since 1970). */
  private readonly said = new Map<string, number>();

  constructor(
    private readonly pulse: Pulse,
    private readonly tell: (event: string, payload: object) => void,
  ) {}

  // ---- others' ----

  readable(conversationId: string): Readable<readonly Person[]> {
    return {
      get: () => this.people(conversationId),
      subscribe: (listener) => this.cell(conversationId).subscribe(listener),
    };
  }

  heard(event: UserTypingEvent): void {
    const { conversationId: id, userId } = event;
    this.end(id, userId);
    const place = this.places.get(id) ?? { typists: new Map<string, Typist>(), shown: null };
    const full = place.typists.size >= PEOPLE_MAX || (place.typists.size === 0 && this.places.size >= PLACES_MAX);
    if (!event.isTyping || full) return;
    const timer = setTimeout(() => this.end(id, userId), SHOWN_MAX_MS);
    place.typists.set(userId, { person: personOfEvent(event), timer });
    this.places.set(id, place);
    this.changed(id, place);
  }

  private end(conversationId: string, userId: string): void {
    const place = this.places.get(conversationId);
    const typist = place?.typists.get(userId);
    if (!place || !typist) return;
    clearTimeout(typist.timer);
    place.typists.delete(userId);
    if (place.typists.size === 0) this.places.delete(conversationId);
    this.changed(conversationId, place);
  }

  /** The connection is gone: nobody would tell of an end. */
  endAll(): void {
    for (const [id, { typists }] of [...this.places]) for (const userId of [...typists.keys()]) this.end(id, userId);
    this.said.clear();
  }

  private changed(id: string, place: Place): void {
    place.shown = null;
    this.cells.get(id)?.touch();
  }

  close(): void {
    this.endAll();
  }

  private cell(id: string): Cell<readonly Person[]> {
    const known = this.cells.get(id);
    if (known) return known;
    const onWatched = (watched: boolean) => void (watched || this.cells.delete(id));
    const cell = new Cell(this.pulse, NOBODY, () => this.people(id), onWatched);
    this.cells.set(id, cell);
    return cell;
  }

  private people(id: string): readonly Person[] {
    const place = this.places.get(id);
    if (!place) return NOBODY;
    place.shown ??= [...place.typists.values()].map(({ person }) => person);
    return place.shown;
  }

  // ---- mine ----

  set(conversationId: string, isTyping: boolean): void {
    const last = this.said.get(conversationId);
    const now = Date.now();
    if (isTyping && last !== undefined && now - last < SAY_AGAIN_MS) return;
    if (!isTyping && last === undefined) return;
    if (isTyping) this.said.set(conversationId, now);
    else this.said.delete(conversationId);
    this.tell('typing', { conversationId, isTyping });
  }
}
