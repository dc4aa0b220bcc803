// Compiles the resources' schemas to validators at build. At run time ajv would add 30 ms to every start of
// the CLI.
import { mkdirSync, writeFileSync } from 'node:fs';
import * as schemas from '@agentteam/api';
import Ajv from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { shareParts } from '../../../scripts/shared-parts.mjs';

const out = new URL('../src/generated/', import.meta.url);
mkdirSync(out, { recursive: true });

const ajv = new Ajv.default({
  allErrors: true,
  strict: false,
  // A part that several schemas have becomes one function.
  inlineRefs: false,
  code: { source: true, esm: true },
  formats: { 'date-time': true, int64: true },
});
const kinds = Object.fromEntries(
  Object.entries(schemas).flatMap(([name, schema]) =>
    name.endsWith('Schema') ? [[name.slice(0, -'Schema'.length), closed(schema)]] : [],
  ),
);
const { values, parts } = shareParts(kinds, (number) => ({ $ref: `part${number}` }));
for (const [number, part] of parts.entries()) ajv.addSchema(part, `part${number}`);
const names = {};
for (const [kind, schema] of Object.entries(values)) {
  ajv.addSchema(schema, kind);
  names[`validate${kind.charAt(0).toUpperCase()}${kind.slice(1)}`] = kind;
}
// ajv's code imports two small modules of ajv. Bundling makes the validators self-contained.
const bundled = await build({
  stdin: { contents: standalone.default(ajv, names), resolveDir: process.cwd(), loader: 'js' },
  bundle: true,
  format: 'esm',
  write: false,
  minifySyntax: true,
});
const [{ text }] = bundled.outputFiles;
writeFileSync(
  new URL('validators.js', out),
  `// Generated from crds/ by scripts/generate.mjs.\n${text}`,
);
writeFileSync(
  new URL('validators.d.ts', out),
  [
    "import type { ErrorObject } from 'ajv';",
    'type Validator = ((data: unknown) => boolean) & { errors?: ErrorObject[] | null };',
    ...Object.keys(names).map((name) => `export const ${name}: Validator;`),
    '',
  ].join('\n'),
);

/** Makes the schema refuse unknown fields, as `kubectl` does. The API server would drop them. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = {};
  for (const [key, value] of Object.entries(schema)) {
    // Descriptions would be half of the file.
    if (key === 'description' && typeof value === 'string') continue;
    if (key === 'default' || key === 'enum') copy[key] = value;
    else copy[key] = closed(value);
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties;
  // `metadata` has no properties here, because the API server has its own schema for it.
  if (typeof schema.properties === 'object' && schema.type === 'object' && !open) {
    copy.additionalProperties = false;
  }
  return copy;
}
