/** Finds in a text what can be followed safely: web addresses, mail addresses and international telephone numbers. */

/** `text` is what is shown. Of a link it says truly where `href` leads, and may differ from what was written. */
export type TextToken = { kind: 'text'; text: string } | { kind: 'web' | 'mail' | 'phone'; text: string; href: string };
type Link = Exclude<TextToken, { kind: 'text' }>;

/** Characters of an address; a longer one stays plain text. */
const LINK_LENGTH_MAX = 2000;
/** E.164, without the plus sign. */
const PHONE_DIGITS_MIN = 8;
const PHONE_DIGITS_MAX = 15;

/**
 * An address ends at a blank, a quotation mark or a backslash, and at what is invisible or turns the text around: it
 * could make one address look like another. Every repetition has a bound or a single way to match: the time is linear.
 */
const WEB = String.raw`(?<web>(?:https?:\/\/|www\.)[^\s<>"\x60\\^{|}\p{C}\u115F\u1160\u3164\uFFA0]+)`;
const MAIL = String.raw`(?<mail>[a-z\d._%+-]{1,64}@(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24})`;
const PHONE = String.raw`(?<phone>\+\d(?:[ ().-]{0,2}\d){6,14})`;
const CANDIDATE = new RegExp(`${WEB}|${MAIL}|${PHONE}`, 'giu');

/** What a sentence puts behind an address, in any script. */
const PUNCTUATION = /[\p{Po}\p{Pi}\p{Pf}~]/u;
const IN_AN_ADDRESS = /[/#&%@*]/;
const OPENING: Readonly<Record<string, string>> = {
  ')': '(',
  ']': '[',
  '）': '（',
  '】': '【',
  '」': '「',
  '》': '《',
};
const WORD = /[\p{L}\p{N}_]/u;
const WORD_OR_MAIL = /[\p{L}\p{N}_.@+%-]/u;

const READERS: {
  [K in Link['kind']]: { notBehind: RegExp; notBefore: RegExp | null; read(found: string): Link | null };
} = {
  web: { notBehind: WORD, notBefore: null, read: readWeb },
  mail: { notBehind: WORD_OR_MAIL, notBefore: /[\p{L}\p{N}_@-]/u, read: readMail },
  phone: { notBehind: WORD_OR_MAIL, notBefore: /[\p{L}\p{N}_@+-]/u, read: readPhone },
};

/** The tokens of `text` in order. Whatever is not surely a link is text, exactly as it was written. */
export function findLinks(text: string): TextToken[] {
  const tokens: TextToken[] = [];
  let done = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const found = withoutTail(match[0]);
    const link = found.length <= LINK_LENGTH_MAX ? readMatch(match, found, text) : null;
    if (!link) continue;
    if (match.index > done) tokens.push({ kind: 'text', text: text.slice(done, match.index) });
    tokens.push(link);
    done = match.index + found.length;
  }
  if (done < text.length) tokens.push({ kind: 'text', text: text.slice(done) });
  return tokens;
}

function readMatch(match: RegExpMatchArray, found: string, text: string): Link | null {
  const kind = match.groups?.web ? 'web' : match.groups?.mail ? 'mail' : 'phone';
  const { notBehind, notBefore, read } = READERS[kind];
  const index = match.index ?? 0;
  if (notBehind.test(characterBefore(text, index))) return null;
  if (notBefore?.test(characterAt(text, index + found.length))) return null;
  return read(found);
}

function characterAt(text: string, index: number): string {
  const point = text.codePointAt(index);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** A whole one: the half of a surrogate pair is no letter to a regular expression. */
function characterBefore(text: string, index: number): string {
  return Array.from(text.slice(Math.max(0, index - 2), index)).at(-1) ?? '';
}

/** Without the punctuation of the sentence, and without a bracket that was opened before the address. */
function withoutTail(found: string): string {
  const open = new Map<string, number>();
  for (const c of found) open.set(c, (open.get(c) ?? 0) + 1);
  const characters = Array.from(found);
  for (let last = characters.at(-1); last !== undefined && isTail(last, open); last = characters.at(-1)) {
    open.set(last, (open.get(last) ?? 0) - 1);
    characters.pop();
  }
  return characters.join('');
}

function isTail(last: string, count: ReadonlyMap<string, number>): boolean {
  const opening = OPENING[last];
  if (opening !== undefined) return (count.get(last) ?? 0) > (count.get(opening) ?? 0);
  return PUNCTUATION.test(last) && !IN_AN_ADDRESS.test(last);
}

/**
 * A name and a password in front of a host are there to be taken for the host: such an address is no link. A host in
 * letters beyond ASCII is shown in the form that the browser asks for, as is every address that says its host in a
 * way of its own (percent signs, numbers, other full stops).
 */
function readWeb(found: string): Link | null {
  const withScheme = /^www\./i.test(found) ? `https://${found}` : found;
  const url = parse(withScheme);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return null;
  if (withScheme !== found && url.hostname.split('.').length < 3) return null;
  const rest = withScheme.slice(url.origin.length);
  const honest = withScheme.toLowerCase().startsWith(url.origin) && /^([/?#]|$)/.test(rest);
  return { kind: 'web', text: honest ? found : url.href, href: url.href };
}

/** Of an address that stands in a message's data rather than its text; null where it is not to be followed. */
export function safeAddress(address: unknown): { host: string; href: string } | null {
  const url = typeof address === 'string' && address.length <= LINK_LENGTH_MAX ? parse(address) : null;
  if (url?.protocol !== 'https:' || url.username || url.password) return null;
  return { host: url.host, href: url.href };
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null; // no address after all
  }
}

function readMail(found: string): Link | null {
  const [name = '', host = ''] = found.split('@');
  if (/^\.|\.\.|\.$/.test(name) || /(^|\.)-|-\./.test(host)) return null;
  return { kind: 'mail', text: found, href: `mailto:${encodeURIComponent(name)}@${host}` };
}

function readPhone(found: string): Link | null {
  const digits = found.replace(/\D/g, '');
  if (digits.length < PHONE_DIGITS_MIN || digits.length > PHONE_DIGITS_MAX) return null;
  return { kind: 'phone', text: found, href: `tel:+${digits}` };
}
