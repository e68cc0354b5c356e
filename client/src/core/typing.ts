/** Who types where: mine goes out thinned, that of others ends by itself when its end was lost. */
import { Cell, type Pulse } from './cell.js';
import type { UserTypingEvent } from './generated.js';
import { personOfEvent } from './person.js';
import type { Person, Readable } from './types.js';

/** The server ends it 3 s after the last word, so one in 2 s keeps it alive. */
const SAY_AGAIN_MS = 2_000;
/** The server tells the start and the end, and nothing between them, however long somebody types: so this is long. */
const SHOWN_MAX_MS = 30_000;
/** Conversations in which typing is followed though nobody looks. */
const CONVERSATIONS_MAX = 200;
const PEOPLE_MAX = 50;

interface Typist {
  person: Person;
  timer: ReturnType<typeof setTimeout>;
}

const NOBODY: readonly Person[] = [];

export class Typing {
  private readonly cells = new Map<string, Cell<readonly Person[]>>();
  private readonly typists = new Map<string, Map<string, Typist>>();
  /** When my own was said last, by conversation (ms since 1970). */
  private readonly said = new Map<string, number>();

  constructor(
    private readonly pulse: Pulse,
    private readonly tell: (event: string, payload: object) => void,
  ) {}

  // ---- others' ----

  readable(conversationId: string): Readable<readonly Person[]> {
    return {
      get: () => this.cells.get(conversationId)?.get() ?? this.people(conversationId, NOBODY),
      subscribe: (listener) => this.cell(conversationId).subscribe(listener),
    };
  }

  heard(event: UserTypingEvent): void {
    this.end(event.conversationId, event.userId);
    if (!event.isTyping) return;
    const typists = this.typists.get(event.conversationId) ?? new Map<string, Typist>();
    if (typists.size >= PEOPLE_MAX || (typists.size === 0 && this.typists.size >= CONVERSATIONS_MAX)) return;
    const timer = setTimeout(() => this.end(event.conversationId, event.userId), SHOWN_MAX_MS);
    typists.set(event.userId, { person: personOfEvent(event), timer });
    this.typists.set(event.conversationId, typists);
    this.cells.get(event.conversationId)?.touch();
  }

  /** They have sent something, or said so. */
  end(conversationId: string, userId: string | undefined): void {
    const typists = this.typists.get(conversationId);
    const typist = userId === undefined ? undefined : typists?.get(userId);
    if (!typists || !typist || userId === undefined) return;
    clearTimeout(typist.timer);
    typists.delete(userId);
    if (typists.size === 0) this.typists.delete(conversationId);
    this.cells.get(conversationId)?.touch();
  }

  /** The connection is gone: nobody would tell of an end. */
  endAll(): void {
    for (const [id, typists] of [...this.typists]) for (const userId of [...typists.keys()]) this.end(id, userId);
    this.said.clear();
  }

  close(): void {
    this.endAll();
  }

  private cell(id: string): Cell<readonly Person[]> {
    const known = this.cells.get(id);
    if (known) return known;
    const onWatched = (watched: boolean) => void (watched || this.cells.delete(id));
    const cell = new Cell(this.pulse, this.people(id, NOBODY), (previous) => this.people(id, previous), onWatched);
    this.cells.set(id, cell);
    return cell;
  }

  private people(id: string, previous: readonly Person[]): readonly Person[] {
    const typists = this.typists.get(id);
    if (!typists) return NOBODY;
    const people = [...typists.values()].map(({ person }) => person);
    const same = people.length === previous.length && people.every((person, i) => person === previous[i]);
    return same ? previous : people;
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
