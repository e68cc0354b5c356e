/** A step of the build: tells the service worker which files make up the page. */
import { createHash } from 'node:crypto';
import type { Plugin, Rollup } from 'vite';

/** What the page may ask for later, beside what the bundler made: files of web/public. */
const PUBLIC_FILES = ['/manifest.webmanifest', '/icons/icon.svg', '/icons/icon-unread.svg'];

/** Every file of the page, and not those of the API's readable page. */
function filesOfPage(bundle: Rollup.OutputBundle): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    const chunk = bundle[name];
    if (found.has(name) || chunk?.type !== 'chunk') return;
    found.add(name);
    chunk.viteMetadata?.importedCss.forEach((css) => found.add(css));
    [...chunk.imports, ...chunk.dynamicImports].forEach(visit);
  };
  for (const [name, chunk] of Object.entries(bundle)) if (chunk.type === 'chunk' && chunk.name === 'index') visit(name);
  return [...found].sort().map((name) => `/${name}`);
}

function versionOf(bundle: Rollup.OutputBundle, files: readonly string[]): string {
  const page = bundle['index.html'];
  const html = page?.type === 'asset' ? page.source : '';
  return createHash('sha256').update(files.join('\n')).update(html).digest('hex').slice(0, 12);
}

/** The version is another one when any of the files is. */
export function shellOfPage(): Plugin {
  return {
    name: 'shell-of-page',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle['sw.js'];
        if (worker?.type !== 'chunk') throw new Error('The build has no sw.js');
        const shell = ['/', ...filesOfPage(bundle), ...PUBLIC_FILES];
        worker.code = worker.code
          .replaceAll('__SHELL_VERSION__', JSON.stringify(versionOf(bundle, shell)))
          .replaceAll('__SHELL__', JSON.stringify(shell));
      },
    },
  };
}
