/** Who is signed in: known by the token at first, in full once the server has said so. */
import type { Me } from './generated.js';
import { personOf } from './person.js';
import type { Tokens } from './token.js';
import type { Person } from './types.js';

export class Self {
  me: Me | null = null;
  person: Person | null = null;

  constructor(private readonly tokens: Tokens) {}

  get id(): string | null {
    return this.me?.user_id ?? this.tokens.userId;
  }

  get estateId(): string | null {
    return this.me?.estate_id ?? null;
  }

  /** The same object until something in it has changed. */
  set(me: Me): void {
    if (JSON.stringify(me) === JSON.stringify(this.me)) return;
    this.me = me;
    this.person = personOf(me);
  }
}
