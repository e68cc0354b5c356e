// What the page makes of a message's text before it is shown: safe links, days, large emoji. Pure functions, hostile input.
import assert from 'node:assert/strict';
import { importSource } from '../harness/source.mjs';
import { test } from '../harness/suite.mjs';

const { findLinks } = await importSource('web/src/talk/links.ts');
const { makeFormats } = await importSource('web/src/i18n/formats.ts');
const { foldedOf } = await importSource('web/src/talk/fold.ts');
const { isEmojiOnly } = await importSource('web/src/talk/emoji.ts');

const linksOf = (text) => findLinks(text).filter((t) => t.kind !== 'text');
/** The links as [what is shown, where it leads]. */
const shown = (text) => linksOf(text).map((t) => [t.text, t.href]);

// ---- links ----

const found = {
  'see https://example.com/a(b)c). Then': [['https://example.com/a(b)c', 'https://example.com/a(b)c']],
  '(https://example.org)': [['https://example.org', 'https://example.org/']],
  '[https://example.org/x]!': [['https://example.org/x', 'https://example.org/x']],
  '"https://example.org/x"': [['https://example.org/x', 'https://example.org/x']],
  'https://example.org/x...': [['https://example.org/x', 'https://example.org/x']],
  'https://example.org/x/?q=1&r=%20#part,': [['https://example.org/x/?q=1&r=%20#part', 'https://example.org/x/?q=1&r=%20#part']],
  'HTTPS://Example.org/Path': [['HTTPS://Example.org/Path', 'https://example.org/Path']],
  'http://localhost:3000/x': [['http://localhost:3000/x', 'http://localhost:3000/x']],
  'www.example.org, please': [['www.example.org', 'https://www.example.org/']],
  'انظر https://example.org/خبر؟': [['https://example.org/خبر', 'https://example.org/%D8%AE%D8%A8%D8%B1']],
  '「https://example.org/x」。': [['https://example.org/x', 'https://example.org/x']],
  'two: https://a.example and https://b.example.': [['https://a.example', 'https://a.example/'], ['https://b.example', 'https://b.example/']],
  'write to gate@palm-grove.example.': [['gate@palm-grove.example', 'mailto:gate@palm-grove.example']],
  'a+b%c@x.example': [['a+b%c@x.example', 'mailto:a%2Bb%25c@x.example']],
  'call +234 803 123 4567 if you are there': [['+234 803 123 4567', 'tel:+2348031234567']],
  'ask gate@palm.example or me': [['gate@palm.example', 'mailto:gate@palm.example']],
  'call +234 803 123 4567!': [['+234 803 123 4567', 'tel:+2348031234567']],
  '+1 (555) 010-9999': [['+1 (555) 010-9999', 'tel:+15550109999']],
};

for (const [text, expected] of Object.entries(found)) {
  test(`a link in ${JSON.stringify(text)}`, () => assert.deepEqual(shown(text), expected));
}

// What is shown is where it leads: another way to write a host is shown as the browser understands it.
const unmasked = {
  'https://аррӏе.com/id': 'https://xn--80ak6aa92e.com/id', // Cyrillic letters
  'https://exаmple.org': 'https://xn--exmple-4nf.org/', // one Cyrillic letter
  'https://example。com/': 'https://example.com/', // an ideographic full stop
  'https://%65vil.example': 'https://evil.example/',
  'http://3232235521/': 'http://192.168.0.1/',
  'http://0x7f.1/': 'http://127.0.0.1/',
  'https://ｅｘａｍｐｌｅ.org/': 'https://example.org/', // wide letters
  'https:///example.org/': 'https://example.org/',
  'http://example.org:80/': 'http://example.org/',
  'https://bank.example.evil.example/login': 'https://bank.example.evil.example/login',
};

for (const [text, expected] of Object.entries(unmasked)) {
  test(`${text} is shown as ${expected}`, () => assert.deepEqual(shown(text), [[expected, expected]]));
}

const none = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(document.domain)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'blob:https://',
  'ftp://example.org/x',
  '//example.org/x',
  'https://',
  'https://?',
  'https://.',
  'https://user@evil.example/',
  'https://bank.example:pass@evil.example/',
  'https://bank.example%2F@evil.example/',
  'xhttps://example.org',
  'www.com',
  'www.',
  'example.org', // no scheme: it may be a file, or the end of a sentence and the beginning of the next.one
  `https://example.org/${'a'.repeat(2000)}`,
  'a@b',
  '.a@b.example',
  'a..b@c.example',
  'a@b@c.example',
  '@a.example',
  'a@-b.example',
  '08031234567', // may be anything
  '+1234567',
  '+1234567890123456',
  '++2348031234567',
  'x+2348031234567',
  '1+2348031234567',
];

for (const text of none) {
  test(`no link in ${JSON.stringify(text.slice(0, 60))}`, () => assert.deepEqual(findLinks(text), [{ kind: 'text', text }]));
}

test('an address ends at what is invisible or turns the text around', () => {
  for (const c of ['\u202E', '\u2066', '\u200B', '\u200F', '\u061C', '\uFEFF', '\u00AD', '\u3164', '\u0000', '\uD800', '\\', '\t', '\u00A0']) {
    const text = `https://evil.example/${c}moc.knab`;
    assert.deepEqual(shown(text), [['https://evil.example/', 'https://evil.example/']], JSON.stringify(text));
  }
});

test('whatever is found leads to http, https, mailto or tel', () => {
  const parts = ['https://', 'http:', '//', 'javascript:', 'data:', 'www.', '@', '.', 'a', 'é', '%', '\\', '/', ':', '+1', ' ', '\n', '\u202E', '😀', '(', ')', '<', '&', 'example', '80'];
  let seed = 7;
  const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: 1 + next(12) }, () => parts[next(parts.length)]).join('');
    for (const link of linksOf(text)) assert.match(link.href, /^(https?:\/\/[^@\s/?#]+([/?#]\S*)?|mailto:[^\s:]+|tel:\+\d+)$/, JSON.stringify(text));
  }
});

test('what is not a link stays as it was written', () => {
  const text = '  one\n\n\ttwo https://example.org   three\u202E <b>&amp;</b> ';
  assert.equal(findLinks(text).map((t) => t.text).join(''), text);
});

test('the longest message is looked through at once, whatever it holds', () => {
  const worst = ['a', 'a@', '+1', 'a.', 'a-', '+1 ', 'http://', 'www.', 'a@a.', 'https://a.example/)', ')', '\u202E', '😀', '@a.'];
  for (const part of worst) {
    for (const text of [part.repeat(16_384 / part.length), `https://a.example/${part.repeat(16_000 / part.length)}`, `a@${part.repeat(16_000 / part.length)}`]) {
      const begun = performance.now();
      findLinks(text);
      assert.ok(performance.now() - begun < 250, `${JSON.stringify(part)} took ${performance.now() - begun} ms`);
    }
  }
});

// ---- days ----

const label = (then, now, locale = 'en-GB') => makeFormats(locale, () => new Date(...now)).day(new Date(...then));
const NOW = [2026, 2, 11, 0, 5]; // Wednesday 11 March 2026, five past midnight

test('a day is called as one says it', () => {
  assert.equal(label([2026, 2, 11, 0, 0], NOW), 'Today');
  assert.equal(label([2026, 2, 10, 23, 59], NOW), 'Yesterday');
  assert.equal(label([2026, 2, 9, 12], NOW), 'Monday');
  assert.equal(label([2026, 2, 5, 0, 0], NOW), 'Thursday');
  assert.match(label([2026, 2, 4, 23, 59], NOW), /^Wednesday,? 4 March$/);
  assert.equal(label([2025, 11, 31, 12], NOW), '31 December 2025');
});

test('yesterday is yesterday over a new year, and a day of the future is not called today', () => {
  assert.equal(label([2025, 11, 31, 23, 59], [2026, 0, 1, 0, 1]), 'Yesterday');
  assert.match(label([2026, 2, 12, 0, 1], NOW), /Thursday,? 12 March/);
});

test('a day counts as one, be it of 23 or of 25 hours', () => {
  for (let day = 1; day < 365; day++) assert.equal(label([2026, 0, day, 12], [2026, 0, day + 1, 12]), 'Yesterday');
});

test('in Arabic a weekday is an Arabic one', () => {
  assert.match(label([2026, 2, 9, 12], NOW, 'ar'), /الاثنين|الإثنين/);
  assert.equal(label([2026, 2, 10, 12], NOW, 'ar'), 'أمس');
});

// ---- emoji ----

test('a few emoji alone are large', () => {
  for (const text of ['👍', ' 👍🏽 ', '❤️', '👨‍👩‍👧‍👦', '🇳🇬', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', '😀😀😀😀', '👍 👍', '🧑🏿‍🚒']) assert.ok(isEmojiOnly(text), text);
});

test('text is not, nor a crowd of emoji', () => {
  for (const text of ['', ' ', 'ok 👍', '1', '12', '#', '*', '©', 'a', '😀😀😀😀😀', '👍!', '\u200D', '🇳', '\u{E0041}', '👍'.repeat(5000)]) assert.ok(!isEmojiOnly(text), text.slice(0, 20));
});

// ---- very long texts ----

test('a text is folded above 2,000 characters or 40 lines, and no character is cut in two', () => {
  assert.equal(foldedOf('x'.repeat(2000)), null);
  assert.equal(foldedOf('x'.repeat(2001)), `${'x'.repeat(2000)}…`);
  assert.equal(foldedOf(Array(40).fill('line').join('\n')), null);
  assert.equal(foldedOf(Array(41).fill('line').join('\n')).split('\n').length, 40);
  assert.equal(foldedOf(`${'x'.repeat(1999)}😀`), `${'x'.repeat(1999)}…`);
});
