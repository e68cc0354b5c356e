// A file of tests: they are registered with test(), run a few at a time (most of them wait), and are reported one a line.
import { setTimeout as delay } from 'node:timers/promises';

/** How much slower than a release build the server may be (sanitizers: 5 to 10). Every deadline is multiplied. */
export const slowness = Number(process.env.VAULTIFY_TEST_SLOWNESS || 1);
export const within = (ms) => ms * slowness;
export const sleep = (ms) => delay(ms);

const tests = [];
const finals = [];
const skipped = [];

/** Registers a test. `alone`: nothing else of the file runs beside it. `limitMs`: its deadline before scaling. */
export function test(name, options, fn) {
  if (typeof options === 'function') [options, fn] = [{}, options];
  tests.push({ name, fn, alone: false, limitMs: 60_000, ...options });
}

/** Says that something could not be tested here, and why. */
export function skip(name, why) {
  skipped.push({ name, skipped: why });
}

/** Runs when all tests of the file are done, the last registered first; a failure counts as a failed test. */
export function finally_(name, fn) {
  finals.push({ name, fn });
}

class Context {
  #cleanups = [];
  after(fn) {
    this.#cleanups.push(fn);
  }
  async end() {
    for (const fn of this.#cleanups.reverse()) await fn();
  }
}

async function runOne(item, report) {
  const context = new Context();
  const started = Date.now();
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${within(item.limitMs)} ms`)), within(item.limitMs));
  });
  let error = null;
  const work = (async () => item.fn(context))();
  work.catch(() => {}); // reported by the race, or too late to matter
  try {
    await Promise.race([work, deadline]);
  } catch (e) {
    error = e ?? new Error('rejected with nothing');
  }
  clearTimeout(timer);
  try {
    await context.end();
  } catch (e) {
    error ??= e;
  }
  report({ name: item.name, ok: !error, ms: Date.now() - started, error: error && describe(error) });
}

function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const stack = (error.stack || '').split('\n').filter((line) => /\/(cases|protocol|interop|harness)\//.test(line));
  return [error.message, ...stack.slice(0, 6)].join('\n');
}

/** Runs everything that was registered; `report` gets one result a test. */
export async function runSuite(report, { concurrency = 6, only = null } = {}) {
  for (const item of skipped) report(item);
  const chosen = only ? tests.filter((t) => t.name.includes(only)) : tests;
  const together = chosen.filter((t) => !t.alone);
  const workers = Array.from({ length: Math.min(concurrency, together.length) }, async () => {
    for (let item = together.shift(); item; item = together.shift()) await runOne(item, report);
  });
  await Promise.all(workers);
  for (const item of chosen.filter((t) => t.alone)) await runOne(item, report);
  for (const item of finals.reverse()) await runOne({ ...item, limitMs: 60_000 }, report);
}

/** Waits until `condition` returns something true, which it returns. Rejects with `what` at the deadline. */
export async function until(condition, what, ms = 10_000) {
  const deadline = Date.now() + within(ms);
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${within(ms)} ms for ${typeof what === 'function' ? what() : what}`);
    await delay(10);
  }
}

/** The promise's value, or an error that names what was waited for. */
export async function soon(promise, what, ms = 10_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${within(ms)} ms for ${what}`)), within(ms));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
