/** How long to wait before the next attempt: longer each time, and never all clients at once. */
export interface Waits {
  firstMs: number;
  maxMs: number;
}

export class Backoff {
  private failures = 0;

  constructor(private readonly waits: Waits) {}

  /** Between half and the whole of a time that doubles. */
  next(): number {
    const whole = Math.min(this.waits.maxMs, this.waits.firstMs * 2 ** Math.min(this.failures++, 30));
    return whole * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.failures = 0;
  }
}
