/** One conversation: its state as it is kept, and the view of it that the app gets. */
import type * as wire from './generated.js';
import { legible } from './legible.js';
import { messageOf } from './message.js';
import { personOf } from './person.js';
import type { ChatMessage, ConversationView, DeliveryState, Participant } from './types.js';

/** Above it the server tells nobody how far each of the many has read; and so many are named at most, I among them. */
export const LARGE_CONVERSATION = 100;
/** Names in the title of a group without one. */
const NAMES_IN_TITLE = 3;

/** Counts the requests that were begun, so that an answer can be told from what came after it was asked for. */
export interface Clock {
  readonly now: number;
}

interface Member extends Participant {
  joinedAt: string;
}

export class Conversation {
  unread = 0;
  lastSeq = 0;
  /** My own position. */
  readSeq = 0;
  isMuted = false;
  mutedUntil: string | null = null;
  lastMessage: ChatMessage | null = null;
  /** When the latest request that brought a row was begun. */
  askedAt = 0;
  private row: wire.Conversation;
  private members: readonly Member[] = [];
  private participants: readonly Participant[] = [];
  private shown: ConversationView | null = null;
  private activityAt = '';
  /** When my own position moved, here or elsewhere, or was told to the server: no answer of before knows of it. */
  private readAt = 0;
  /** The last message that came without the one in front of it. */
  private gapAt = 0;
  private guessed = false;
  /** When it was muted here, or no longer: no answer of before knows of it. */
  private mutedAt = 0;

  constructor(
    row: wire.Conversation,
    private readonly myId: string | null,
    private readonly clock: Clock,
  ) {
    this.row = row;
  }

  get id(): string {
    return this.row.conversation_id;
  }
  get isEstateGroup(): boolean {
    return this.row.is_estate_group;
  }
  get isLarge(): boolean {
    return this.row.participant_count > LARGE_CONVERSATION;
  }
  get lastActivityAt(): string {
    return this.activityAt;
  }
  /** What my devices have told to have got; null: the server named so few of so many that I was not among them. */
  get deliveredSeq(): number | null {
    return this.own(this.row)?.last_delivered_seq ?? null;
  }

  /** `unread` may be wrong, until a row comes that knows all that is known here. */
  get isGuessed(): boolean {
    return this.guessed;
  }

  // ---- what the server tells ----

  /**
   * The row of a request that was begun at `begun`. `readWaits`: what I read is still to be told to the server. `live`: seqs
   * of others' messages that came while it was on its way, and may not be counted in it.
   */
  update(row: wire.Conversation, begun: number, readWaits: boolean, live: ReadonlySet<number>): void {
    this.askedAt = Math.max(this.askedAt, begun);
    if (row.last_seq < this.row.last_seq) return; // it was overtaken by a later answer
    this.row = row;
    const own = this.own(row);
    if (begun > this.mutedAt) this.isMuted = own?.is_muted ?? this.isMuted;
    this.mutedUntil = this.isMuted ? this.mutedUntil : null;
    this.setMembers(named(row.participants, own));
    if (row.last_activity_at > this.activityAt) this.activityAt = row.last_activity_at;
    const isAhead = row.last_seq > this.lastSeq;
    if (row.last_seq >= this.lastSeq) {
      this.lastSeq = row.last_seq;
      this.lastMessage = row.last_message ? this.stated(messageOf(row.last_message, this.myId)) : null;
    }
    const readSeq = own?.last_read_seq ?? this.readSeq;
    const isBehind = readSeq < this.readSeq && (readWaits || begun <= this.readAt);
    // What is exact already cannot get better by a row that does not know how far I have read.
    if (!isBehind || isAhead || this.guessed) this.count(row, readSeq, isBehind, live);
    this.changed();
  }

  /** The server's count is exact for its own position; a row that knows mine decides, also when that was never taken. */
  private count(row: wire.Conversation, readSeq: number, isBehind: boolean, live: ReadonlySet<number>): void {
    if (readSeq > this.readSeq) this.readAt = this.clock.now;
    if (!isBehind) this.readSeq = readSeq;
    const left = Math.max(0, row.last_seq - this.readSeq);
    const since = [...live].filter((seq) => seq > row.last_seq && seq > this.readSeq).length;
    this.unread = since + Math.min(left, row.unread_count);
    this.guessed = (isBehind && left > 0) || row.last_seq < this.gapAt - 1;
  }

  /** A message that is newer than all that are known. */
  add(message: ChatMessage, seq: number): void {
    if (seq <= this.lastSeq) return;
    if (seq > this.lastSeq + 1) {
      this.gapAt = seq;
      this.guessed = true;
    }
    this.lastSeq = seq;
    this.lastMessage = this.stated(message);
    if (message.createdAt > this.activityAt) this.activityAt = message.createdAt;
    if (isCounted(message) && seq > this.readSeq) this.unread++;
    this.changed();
  }

  /** Up to where I have read, here or elsewhere. `others`: how many of others' are behind it, where that is known. */
  readByMe(seq: number, others: number | null): void {
    if (seq <= this.readSeq) return;
    this.readSeq = seq;
    this.readAt = this.clock.now;
    const left = Math.max(0, this.lastSeq - seq);
    this.unread = others ?? Math.min(this.unread, left);
    if (others === null && left > 0) this.guessed = true;
    this.changed();
  }

  /** The server knows by now how far I have read, or has refused to hear of it. */
  readTold(): void {
    this.readAt = this.clock.now;
  }

  /** How far somebody else has got. */
  moved(userId: string, field: 'lastReadSeq' | 'lastDeliveredSeq', seq: number): void {
    const at = this.members.findIndex((member) => member.id === userId);
    const member = this.members[at];
    if (!member || member[field] >= seq) return;
    const members = [...this.members];
    members[at] = { ...member, [field]: seq };
    this.members = members;
    this.participants = members;
    if (this.lastMessage) this.lastMessage = this.stated(this.lastMessage);
    this.changed();
  }

  mute(isMuted: boolean, until: string | null): void {
    this.isMuted = isMuted;
    this.mutedUntil = until;
    this.mutedAt = this.clock.now;
    this.changed();
  }

  // ---- what the app sees ----

  get view(): ConversationView {
    this.shown ??= this.build();
    return this.shown;
  }

  /** The state of a message of mine, never back from the one that it has. */
  stated(message: ChatMessage): ChatMessage {
    if (!message.mine || message.seq === null || message.state === 'read') return message;
    const state = this.stateAt(message.seq, message.createdAt);
    return STATE_ORDER[state] > STATE_ORDER[message.state] ? { ...message, state } : message;
  }

  private stateAt(seq: number, createdAt: string): DeliveryState {
    if (this.isLarge) return 'sent';
    let state: DeliveryState = 'read';
    let others = 0;
    for (const member of this.members) {
      if (member.id === this.myId || member.joinedAt > createdAt) continue;
      others++;
      if (member.lastReadSeq >= seq) continue;
      if (member.lastDeliveredSeq < seq) return 'sent';
      state = 'delivered';
    }
    return others > 0 ? state : 'sent';
  }

  private build(): ConversationView {
    const { row } = this;
    const other = row.type === 'direct' ? (this.participants.find(({ id }) => id !== this.myId) ?? null) : null;
    return {
      id: row.conversation_id,
      type: row.type,
      isEstateGroup: row.is_estate_group,
      title: other?.name || legible(row.title ?? '') || this.titleOfNames(),
      pictureUrl: other?.pictureUrl ?? row.photo_url,
      other,
      participants: this.participants,
      participantCount: row.participant_count,
      lastMessage: this.lastMessage,
      lastActivityAt: this.activityAt,
      unread: this.unread,
      isMuted: this.isMuted && !(this.mutedUntil !== null && Date.parse(this.mutedUntil) <= Date.now()),
      mutedUntil: this.mutedUntil,
    };
  }

  private titleOfNames(): string {
    const others = this.participants.filter(({ id }) => id !== this.myId);
    const more = this.row.participant_count - 1 - NAMES_IN_TITLE;
    const names = others.slice(0, NAMES_IN_TITLE).map(({ name }) => name);
    return names.join(', ') + (more > 0 ? ` +${more}` : '');
  }

  private setMembers(rows: readonly wire.Participant[]): void {
    const before = new Map(this.members.map((member) => [member.id, member]));
    const members = rows.map((row) => memberOf(row, before.get(row.user_id)));
    const same = members.length === this.members.length && members.every((member, i) => member === this.members[i]);
    if (same) return;
    this.members = members;
    this.participants = members;
  }

  private own(row: wire.Conversation): wire.Participant | undefined {
    return row.participants.find(({ user_id }) => user_id === this.myId);
  }

  private changed(): void {
    this.shown = null;
  }
}

/** As the server names them in lists, however many it has named now: the first ones, and me in the last one's place. */
function named(rows: readonly wire.Participant[], own: wire.Participant | undefined): readonly wire.Participant[] {
  const first = rows.slice(0, LARGE_CONVERSATION);
  return own === undefined || first.includes(own) ? first : [...first.slice(0, -1), own];
}

/** As the server counts: what others have written, and not taken back. */
export const isCounted = (message: ChatMessage) => !message.mine && message.deletedAt === null;

const STATE_ORDER: Record<DeliveryState, number> = { failed: 0, queued: 1, sent: 2, delivered: 3, read: 4 };

/** Positions never move back; who has not changed stays the same object. */
function memberOf(row: wire.Participant, before: Member | undefined): Member {
  const member: Member = {
    ...personOf({ ...row.user, user_id: row.user_id }),
    isAdmin: row.is_admin,
    lastReadSeq: Math.max(row.last_read_seq, before?.lastReadSeq ?? 0),
    lastDeliveredSeq: Math.max(row.last_delivered_seq, row.last_read_seq, before?.lastDeliveredSeq ?? 0),
    joinedAt: row.joined_at,
  };
  return before && sameMember(before, member) ? before : member;
}

const MEMBER_FIELDS = ['name', 'pictureUrl', 'role', 'isAdmin', 'lastReadSeq', 'lastDeliveredSeq', 'joinedAt'] as const;
const sameMember = (a: Member, b: Member) => MEMBER_FIELDS.every((field) => a[field] === b[field]);
