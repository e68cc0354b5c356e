// A fetch whose answers can be held on their way: the server has given them, and the client has not got them yet.
import { until } from './suite.mjs';

export class SlowAnswers {
  #held = [];
  #pattern = null;
  #breaking = null;
  #broken = 0;

  /** `delayMs`: of each answer. */
  constructor(delayMs = () => 0) {
    this.fetch = async (url, init) => {
      const line = `${init.method} ${url}`;
      const held = this.#pattern?.test(line);
      if (this.#broken > 0 && this.#breaking.test(line)) {
        this.#broken--;
        throw new TypeError('no network');
      }
      const response = await fetch(url, init);
      const text = await response.text();
      if (held) await new Promise((go) => this.#held.push(go));
      const ms = delayMs();
      if (ms > 0) await new Promise((go) => setTimeout(go, ms));
      return new Response(text, response);
    };
  }

  /** Of the requests from now on whose method and URL match; resolves when the server has answered one. */
  async hold(pattern, act) {
    this.#pattern = pattern;
    const before = this.#held.length;
    act();
    await until(() => this.#held.length > before, () => `an answer to ${pattern}`);
    this.#pattern = null;
  }

  letGo() {
    for (const go of this.#held.splice(0)) go();
  }

  /** The next `count` requests that match fail, as without a network. */
  break(pattern, count) {
    this.#breaking = pattern;
    this.#broken = count;
  }

  get broken() {
    return this.#broken;
  }
}
