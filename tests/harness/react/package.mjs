// The React package as an app gets it: each file of client/src compiled on its own, beside the modules that it needs.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { temporaryFolder } from '../server.mjs';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
/** From the modules of the package, not from those of the tests. */
export const requireOfPackage = createRequire(join(root, 'client', 'package.json'));

const source = join(root, 'client', 'src');
const { compilerOptions } = ts.readConfigFile(join(root, 'client', 'tsconfig.json'), (path) => readFileSync(path, 'utf8')).config;
const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);

function compileInto(folder) {
  for (const name of readdirSync(source, { recursive: true }).map(String)) {
    if (!/\.tsx?$/.test(name)) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(source, name), 'utf8'), { compilerOptions: { ...options, declaration: false }, fileName: name });
    const file = join(folder, name.replace(/\.tsx?$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
}

/** Where `file` of the package is, compiled. */
let compiled;
export function packageFile(file = 'index.js') {
  if (!compiled) {
    compiled = temporaryFolder();
    writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
    symlinkSync(join(root, 'node_modules'), join(compiled, 'node_modules'));
    compileInto(join(compiled, 'dist'));
  }
  return pathToFileURL(join(compiled, 'dist', file)).href;
}
