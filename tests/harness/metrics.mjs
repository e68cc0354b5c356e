// The page of /metrics, read as Prometheus' text format 0.0.4 prescribes it: whatever is not exactly so is an error.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { request } from './rest.mjs';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;
const SUFFIXES = ['_bucket', '_sum', '_count'];

function parseLabels(text, line) {
  const labels = {};
  for (let rest = text; rest; ) {
    const found = LABEL.exec(rest);
    assert.ok(found, `labels: ${line}`);
    assert.ok(!(found[1] in labels), `a label twice: ${line}`);
    labels[found[1]] = found[2].replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
    rest = rest.slice(found[0].length);
    assert.ok(rest || !found[3], `a comma too many: ${line}`);
  }
  return labels;
}

function parseSample(line) {
  const found = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)$`).exec(line);
  assert.ok(found, `a sample: ${line}`);
  return { name: found[1], labels: parseLabels(found[2] ?? '', line), value: Number(found[3].replace('Inf', 'Infinity')) };
}

const without = (labels, name) => JSON.stringify(Object.entries(labels).filter(([key]) => key !== name).sort());

/** Buckets are cumulative, end with +Inf, and agree with _count; _sum is there. */
function checkHistogram(family) {
  const sets = new Map();
  for (const s of family.samples) sets.set(without(s.labels, 'le'), [...(sets.get(without(s.labels, 'le')) ?? []), s]);
  for (const samples of sets.values()) {
    const buckets = samples.filter((s) => s.name === `${family.name}_bucket`);
    const bounds = buckets.map((b) => Number(b.labels.le.replace('Inf', 'Infinity')));
    const one = (suffix) => {
      const found = samples.filter((s) => s.name === family.name + suffix);
      assert.equal(found.length, 1, family.name + suffix);
      return found[0].value;
    };
    assert.equal(bounds.at(-1), Infinity, family.name);
    for (let i = 1; i < buckets.length; i++) {
      assert.ok(bounds[i] > bounds[i - 1], `${family.name}: bounds grow`);
      assert.ok(buckets[i].value >= buckets[i - 1].value, `${family.name}: buckets are cumulative`);
    }
    assert.equal(one('_count'), buckets.at(-1).value, family.name);
    assert.ok(one('_sum') >= 0);
    assert.equal(samples.length, buckets.length + 2, family.name);
  }
}

export class Metrics {
  families = new Map();

  constructor(text) {
    assert.ok(text.endsWith('\n') && !text.includes('\n\n') && !text.includes('\r'), 'lines');
    let family;
    for (const line of text.slice(0, -1).split('\n')) {
      const help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
      const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line);
      if (help) {
        assert.ok(!this.families.has(help[1]), `twice: ${line}`);
        family = { name: help[1], type: null, samples: [] };
        this.families.set(family.name, family);
      } else if (type) {
        assert.ok(family.name === type[1] && !family.type && !family.samples.length, `out of place: ${line}`);
        family.type = type[2];
      } else this.#add(family, parseSample(line), line);
    }
    for (const f of this.families.values()) if (f.type === 'histogram') checkHistogram(f);
  }

  #add(family, sample, line) {
    const names = family?.type === 'histogram' ? SUFFIXES.map((s) => family.name + s) : [family?.name];
    assert.ok(family?.type && names.includes(sample.name), `not of its family: ${line}`);
    if (family.type === 'counter') assert.match(sample.name, /_total$/);
    if (family.type !== 'gauge') assert.ok(sample.value >= 0, line);
    const key = sample.name + without(sample.labels);
    assert.ok(!family.samples.some((s) => s.name + without(s.labels) === key), `twice: ${line}`);
    family.samples.push(sample);
  }

  /** The value of the sample with these labels; 0 when there is none. */
  value(name, labels = {}) {
    const family = this.families.get(name) ?? this.families.get(name.replace(/_(bucket|sum|count)$/, ''));
    assert.ok(family, `there is no ${name}`);
    return family.samples.find((s) => s.name === name && without(s.labels) === without(labels))?.value ?? 0;
  }
}

/** GET over the control socket in the data directory: {status, headers, text}. */
export function controlGet(server, path) {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ socketPath: join(server.data, 'control.sock'), path, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    asked.on('error', reject).end();
  });
}

/** The server's metrics as they are now. */
export async function metricsOf(server) {
  const answer = await controlGet(server, '/metrics');
  assert.equal(answer.status, 200, answer.text);
  return new Metrics(answer.text);
}

export const scrape = (server, options) => request(server, 'GET', '/metrics', options);
