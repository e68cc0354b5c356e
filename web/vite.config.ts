import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
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
    rollupOptions: { input: { index: source('index.html'), api: source('api.html') } },
  },
});
