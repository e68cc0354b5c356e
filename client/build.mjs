/** Builds the package: an empty dist, what the compiler makes of src, the style sheet, and the project's licence beside it. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(here('dist'), { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [compiler, '-p', here('tsconfig.json')], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(1);
copyFileSync(here('src/style.css'), here('dist/style.css'));
copyFileSync(here('../LICENSE'), here('LICENSE')); // where npm puts it into the package
