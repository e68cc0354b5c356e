// A TypeScript source of the page or the package that imports nothing at run time, as a module for a test.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { writeTemporary } from './server.mjs';

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };

/** `path` is below the repository's root. */
export function importSource(path) {
  const source = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  return import(pathToFileURL(writeTemporary(outputText, `${basename(path, '.ts')}.mjs`)));
}
