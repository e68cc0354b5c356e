/** Who of the estate is online: everybody at first, then each change; asked for again when a digest counts otherwise. */
import { Cell, type Pulse } from './cell.js';
import type { PresenceDigestEvent } from './generated.js';
import type { Rest } from './rest.js';
import type { Self } from './self.js';
import type { Presence as PresenceView } from './types.js';

/** Ids that are kept; in a larger crowd the count stays exact. */
const IDS_MAX = 10_000;
/** In a large estate every digest may count more than it names: it is asked for this often at most. */
const ASK_AGAIN_MS = 30_000;

export class Presence {
  readonly cell: Cell<PresenceView>;
  private online = new Set<string>();
  /** What is shown is a copy, made once for all that a task changes: a digest names hundreds. */
  private isCopied = true;
  private count = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private askedAt = 0;
  private refreshing: Promise<void> | null = null;
  /** What events said while an answer was on its way, which may be older or newer than they are: the events win. */
  private meanwhile = new Map<string, boolean>();

  constructor(
    pulse: Pulse,
    private readonly rest: Rest,
    private readonly self: Self,
    private readonly connected: () => boolean,
  ) {
    this.cell = new Cell<PresenceView>(pulse, { online: new Set(), count: 0 }, (previous) => this.build(previous));
  }

  refresh(): Promise<void> {
    this.refreshing ??= this.askNow().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  private async askNow(): Promise<void> {
    const { estateId } = this.self;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.askedAt = Date.now();
    if (!estateId) return this.set([], 0);
    this.meanwhile.clear();
    const users = await this.rest.request('GET /messaging/estate/:estateId/online-users', { params: { estateId } });
    const ids = users.map(({ user_id }) => user_id);
    this.set(ids, ids.length);
    for (const [id, isOnline] of this.meanwhile) this.mark(id, isOnline);
  }

  heard(userId: string, isOnline: boolean): void {
    if (this.refreshing) this.meanwhile.set(userId, isOnline);
    this.mark(userId, isOnline);
  }

  digest({ online, offline, count }: PresenceDigestEvent): void {
    for (const id of online) this.heard(id, true);
    for (const id of offline) this.heard(id, false);
    const differs = this.count !== count;
    this.count = count;
    this.cell.touch();
    if (differs) this.askLater();
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Without a connection everybody is asked for at the next one, and there may be none any more. */
  private askLater(): void {
    if (!this.connected()) return;
    const ms = Math.max(0, this.askedAt + ASK_AGAIN_MS - Date.now());
    this.timer ??= setTimeout(() => void this.refresh().catch(() => this.askLater()), ms);
  }

  private set(ids: string[], count: number): void {
    this.online = new Set(ids.slice(0, IDS_MAX));
    this.isCopied = false;
    this.count = count;
    this.cell.touch();
  }

  private mark(id: string, isOnline: boolean): void {
    if (this.online.has(id) === isOnline) return;
    if (isOnline && this.online.size >= IDS_MAX) return;
    if (isOnline) this.online.add(id);
    else this.online.delete(id);
    this.count += isOnline ? 1 : -1;
    this.isCopied = false;
    this.cell.touch();
  }

  private build(previous: PresenceView): PresenceView {
    const online = this.isCopied ? previous.online : new Set(this.online);
    this.isCopied = true;
    const { count } = this;
    return previous.online === online && previous.count === count ? previous : { online, count };
  }
}
