#!/usr/bin/env node
// Makes what vaultify/assets hands out of folders and files: a table in C, and the bytes, compressed, for the assembler to
// include.
//
//     tools/embed-assets.mjs TABLE.c BYTES.S BYTES.bin DEPENDENCIES.d AT=PATH…
//
// AT is the path of a request. With a slash at its end, it is where the files of the folder PATH are served.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const CONTENT_TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json; charset=utf-8',
  woff2: 'font/woff2',
};
const COMPRESSED_ALREADY = new Set(['ico', 'png', 'woff2']);

/** Documents, by the names that they have as files. */
const DOCUMENTS = { '/index.html': '/', '/api.html': '/api/docs' };

/** The first row that fits says what kind of asset a path is: see enum asset_kind. */
const KINDS = [
  [/\.html$/, 'ASSET_PAGE'],
  [/^\/sw\.js$/, 'ASSET_PAGE'],
  [/^\/assets\//, 'ASSET_HASHED'],
  [/^\/socket\.io\//, 'ASSET_SHARED'],
  [/^\/(openapi|asyncapi)\.json$/, 'ASSET_SHARED'],
  [/^/, 'ASSET_FILE'],
];

/** [coding, what its ETag ends with, how it is made], in the order of enum asset_coding. */
const CODINGS = [
  ['ASSET_IDENTITY', '', (bytes) => bytes],
  ['ASSET_GZIP', '-gzip', (bytes) => gzipSync(bytes, { level: 9 })],
  [
    'ASSET_BROTLI',
    '-br',
    (bytes) =>
      brotliCompressSync(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
  ],
];

const extension = (path) => path.slice(path.lastIndexOf('.') + 1);

/** Every file below a folder: [path of its request, path on the disk]. The folders themselves go to `read`. */
function filesBelow(at, folder, read) {
  read.push(folder);
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(`${at}${entry.name}/`, path, read) : [[at + entry.name, path]];
  });
}

/** Source maps are for who looks for a fault; gzip is good enough for them, and eight times as fast. */
function codingsOf(path) {
  if (COMPRESSED_ALREADY.has(extension(path))) return CODINGS.slice(0, 1);
  return extension(path) === 'map' ? CODINGS.slice(0, 2) : CODINGS;
}

/** The forms that are worth having: identity, and what is shorter. */
function formsOf(path, bytes) {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return codingsOf(path)
    .map(([coding, suffix, make]) => ({ coding, etag: `"${hash}${suffix}"`, bytes: make(bytes) }))
    .filter((form) => form.coding === 'ASSET_IDENTITY' || form.bytes.length < bytes.length);
}

function assetOf([path, file]) {
  const type = CONTENT_TYPES[extension(path)];
  if (!type) throw new Error(`${file}: no content type is known for .${extension(path)}`);
  if (!/^[\w./@-]+$/.test(path)) throw new Error(`${file}: its name would have to be escaped in a request`);
  const kind = KINDS.find(([pattern]) => pattern.test(path))[1];
  return { path: DOCUMENTS[path] ?? path, type, kind, forms: formsOf(path, readFileSync(file)) };
}

/** Lays the bytes of all forms one behind the other; each learns where it begins. */
function layOut(assets) {
  let offset = 0;
  const forms = assets.flatMap((asset) => asset.forms);
  for (const form of forms) {
    form.offset = offset;
    offset += form.bytes.length;
  }
  return Buffer.concat(forms.map((form) => form.bytes));
}

const cString = (text) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const formRow = ({ coding, etag, offset, bytes }) =>
  `                [${coding}] = {{asset_bytes + ${offset}, ${bytes.length}}, ${cString(etag)}},\n`;
const assetRow = ({ path, type, kind, forms }) =>
  `    {${cString(path)}, ${cString(type)}, ${kind},\n     .forms = {\n${forms.map(formRow).join('')}     }},\n`;

const table = (assets) => `/* Made by tools/embed-assets.mjs. */
#include "assets/assets.h"

extern const char asset_bytes[];

static const struct asset rows[] = {
${assets.map(assetRow).join('')}};
const struct asset_table assets_built_in = {rows, sizeof rows / sizeof rows[0]};
`;

const assembler = (file) => `/* Made by tools/embed-assets.mjs. */
    .section .rodata
    .balign 16
    .globl asset_bytes
    .hidden asset_bytes
    .type asset_bytes, %object
asset_bytes:
    .incbin ${JSON.stringify(resolve(file))}
    .size asset_bytes, . - asset_bytes
    .section .note.GNU-stack, "", %progbits
`;

const byPath = (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
const escaped = (path) => path.replace(/[ #$]/g, (character) => (character === '$' ? '$$' : `\\${character}`));

const [tableFile, assemblerFile, bytesFile, dependenciesFile, ...places] = process.argv.slice(2);
const read = [];
const files = places.flatMap((place) => {
  const [at, path] = [place.slice(0, place.indexOf('=')), place.slice(place.indexOf('=') + 1)];
  return at.endsWith('/') ? filesBelow(at, path, read) : [[at, path]];
});
const assets = files.map(assetOf).sort(byPath);
const twice = assets.find((asset, i) => asset.path === assets[i + 1]?.path);
if (twice) throw new Error(`${twice.path} is there twice`);
read.push(...files.map(([, path]) => path));

writeFileSync(bytesFile, layOut(assets));
writeFileSync(tableFile, table(assets));
writeFileSync(assemblerFile, assembler(bytesFile));
writeFileSync(dependenciesFile, `${escaped(tableFile)}: ${read.map((path) => escaped(resolve(path))).join(' ')}\n`);
