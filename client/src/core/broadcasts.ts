/** Announcements: those that come, those of the estate group's recent history, and the emergencies nobody here has seen to. */
import { Cell, type Pulse } from './cell.js';
import type * as wire from './generated.js';
import { messageOf } from './message.js';
import { personOf, personOfEvent } from './person.js';
import type { Rest } from './rest.js';
import type { Self } from './self.js';
import type { Drawer } from './storage.js';
import type { Broadcast, Broadcasts as BroadcastsView } from './types.js';

const KEPT_MAX = 200;
/** How far the group's history is looked through at first, for announcements at all and for emergencies. */
const PAGE = 100;
const PAGES_MAX = 10;
const EMERGENCY_AGE_MAX_MS = 48 * 3600 * 1000;
const ACKNOWLEDGED_MAX = 500;
const THE_END = Number.MAX_SAFE_INTEGER;

const ANNOUNCES: ReadonlySet<wire.Role> = new Set<wire.Role>(['Admin', 'Security Personnel', 'Super Admin']);

export class Broadcasts {
  readonly cell: Cell<BroadcastsView>;
  /** The newest first. */
  private all: readonly Broadcast[] = [];
  private acknowledged = new Set<string>();
  private key: string | null = null;
  /** Up to where the group's history was looked through; 0: not at all. */
  private seenSeq = 0;

  constructor(
    pulse: Pulse,
    private readonly rest: Rest,
    private readonly self: Self,
    private readonly drawer: Drawer,
  ) {
    const empty: BroadcastsView = { broadcasts: [], emergencies: [], canBroadcast: false };
    this.cell = new Cell(pulse, empty, (previous) => this.build(previous));
  }

  /** Whose acknowledgements are read and kept from now on. */
  open(key: string): void {
    this.key = key;
    for (const id of readIds(this.drawer.get(key))) this.acknowledged.add(id);
    this.cell.touch();
  }

  /** Another tab has acknowledged something. */
  otherTab(key: string, value: string | null): void {
    if (key !== this.key) return;
    for (const id of readIds(value)) this.acknowledged.add(id);
    this.cell.touch();
  }

  heard(event: wire.EstateBroadcastEvent): void {
    this.add([broadcastOfEvent(event)]);
  }

  /** What the group's history has that was not looked at yet. */
  async refresh(groupId: string): Promise<void> {
    if (this.seenSeq > 0) await this.lookAhead(groupId);
    else await this.lookBack(groupId);
    this.cell.touch();
  }

  acknowledge(messageId: string): void {
    this.acknowledged.add(messageId);
    const ids = [...this.acknowledged].slice(-ACKNOWLEDGED_MAX);
    this.acknowledged = new Set(ids);
    if (this.key !== null) this.drawer.set(this.key, JSON.stringify(ids));
    this.cell.touch();
  }

  /** What was acknowledged on this device is no longer kept. */
  clear(): void {
    if (this.key !== null) this.drawer.remove(this.key);
  }

  add(broadcasts: readonly Broadcast[]): void {
    const known = new Set(this.all.map(({ messageId }) => messageId));
    const fresh = broadcasts.filter(({ messageId }) => !known.has(messageId));
    if (fresh.length === 0) return;
    this.all = [...this.all, ...fresh].sort((a, b) => b.seq - a.seq).slice(0, KEPT_MAX);
    this.cell.touch();
  }

  /** One page for what was announced lately, more only while they may hold an emergency that still matters. */
  private async lookBack(groupId: string): Promise<void> {
    const oldest = new Date(Date.now() - EMERGENCY_AGE_MAX_MS).toISOString();
    let before = THE_END;
    let newest = 0;
    for (let n = 0; n < PAGES_MAX; n++) {
      const page = await this.page(groupId, { beforeSeq: before, limit: PAGE });
      const [first] = page.data;
      newest = Math.max(newest, page.data.at(-1)?.seq ?? 0);
      if (!first || first.seq === 1 || first.created_at < oldest) break;
      before = first.seq;
    }
    this.seenSeq = newest;
  }

  private async lookAhead(groupId: string): Promise<void> {
    for (let n = 0; n < PAGES_MAX; n++) {
      const page = await this.page(groupId, { afterSeq: this.seenSeq, limit: PAGE });
      this.seenSeq = page.data.at(-1)?.seq ?? this.seenSeq;
      if (!page.hasMore || page.data.length === 0) return;
    }
    await this.lookBack(groupId);
  }

  private async page(id: string, query: Record<string, number>): Promise<wire.HistoryPage> {
    const route = 'GET /messaging/conversations/:id/messages';
    const page = await this.rest.request(route, { params: { id }, query });
    this.add(page.data.flatMap((row) => broadcastOfMessage(row, this.self) ?? []));
    return page;
  }

  private build(previous: BroadcastsView): BroadcastsView {
    const canBroadcast = this.self.me !== null && ANNOUNCES.has(this.self.me.role);
    const emergencies = this.all.filter((one) => this.isUnseenEmergency(one));
    const same =
      previous.broadcasts === this.all &&
      previous.canBroadcast === canBroadcast &&
      previous.emergencies.length === emergencies.length &&
      previous.emergencies.every((one, i) => one === emergencies[i]);
    return same ? previous : { broadcasts: this.all, emergencies, canBroadcast };
  }

  /** What I announced myself I have seen. */
  private isUnseenEmergency({ type, messageId, from, timestamp }: Broadcast): boolean {
    if (type !== 'emergency' || from.id === this.self.id || this.acknowledged.has(messageId)) return false;
    return Date.parse(timestamp) > Date.now() - EMERGENCY_AGE_MAX_MS;
  }
}

const broadcastOfEvent = (event: wire.EstateBroadcastEvent): Broadcast => ({
  messageId: event.messageId,
  conversationId: event.conversationId,
  estateId: event.estateId,
  seq: event.seq,
  type: event.type,
  message: event.message,
  from: personOfEvent(event.from),
  timestamp: event.timestamp,
});

/** Null: it is no announcement. */
export function broadcastOfMessage(row: wire.Message, self: Self): Broadcast | null {
  const type = messageOf(row, self.id).broadcastType;
  if (type === null || !row.sender || row.deleted_at !== null) return null;
  return {
    messageId: row.message_id,
    conversationId: row.conversation_id,
    estateId: self.estateId ?? '',
    seq: row.seq,
    type,
    message: row.content ?? '',
    from: personOf(row.sender),
    timestamp: row.created_at,
  };
}

function readIds(text: string | null): string[] {
  try {
    const ids: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
  } catch {
    return []; // not ours, or cut off: those emergencies are shown once more
  }
}
