import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { shellOfPage } from './shellOfPage';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [shellOfPage()],
  // The package's source, so that page and package are built in one step.
  resolve: {
    alias: [
      { find: '@vaultify/messaging/core', replacement: source('../client/src/core/index.ts') },
      { find: '@vaultify/messaging', replacement: source('../client/src/index.ts') },
    ],
  },
  build: {
    target: ['chrome109', 'firefox115', 'safari16'],
    outDir: source('dist'),
    emptyOutDir: true,
    // Names carry a hash of the content: the server lets browsers keep them for ever.
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: source('index.html'), api: source('api.html'), sw: source('src/worker/sw.ts') },
      // A worker's address says what it may look after: it stands at the top, under a name that stays.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
});
