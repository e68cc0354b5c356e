// The fenced blocks of a guide: its program, and what that prints.
import { readFileSync } from 'node:fs';

const RUNNABLE = { js: 'js', javascript: 'js', ts: 'ts', tsx: 'tsx', python: 'python', bash: 'bash', sh: 'bash', html: 'html', java: 'java' };

/** [{language, words, text, line}] in the document's order. */
export function blocksOf(file) {
  const blocks = [];
  let open = null;
  readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
    const fence = /^```(.*)$/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open) {
      blocks.push({ ...open, text: open.lines.join('\n') + '\n' });
      open = null;
    } else {
      const [language = '', ...words] = fence[1].trim().split(/\s+/);
      open = { language, words, lines: [], line: i + 1 };
    }
  });
  if (open) throw new Error(`${file}:${open.line}: the block does not end`);
  return blocks;
}

/** Blocks of a language that runs here are run, or say why not: ```js not-run: needs a phone */
export const isRun = (block) => block.language in RUNNABLE && block.words[0] !== 'not-run:';

/** The snippets of one language, one below the other; lines stay where they are in the document. */
export function programOf(file, language) {
  let text = '';
  let line = 1;
  for (const block of blocksOf(file).filter((b) => isRun(b) && RUNNABLE[b.language] === language)) {
    text += '\n'.repeat(Math.max(0, block.line + 1 - line)) + block.text;
    line = Math.max(line, block.line + 1) + block.text.split('\n').length - 1;
  }
  return text;
}

/** The lines that ```text blocks promise. */
export const printedBy = (file) => blocksOf(file).filter((b) => b.language === 'text').flatMap((b) => b.text.trimEnd().split('\n'));

/** Does an output line keep a promise? `…` stands for anything. */
export function keeps(promise, line) {
  const parts = promise.split('…').map((p) => p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(line);
}
