// Generates src/generated from crds/*.yaml: a schema and a type for each resource. The CRDs are the only
// description of the fields.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';
import { shareParts } from '../../../scripts/shared-parts.mjs';

const crds = new URL('../../../crds/', import.meta.url);
const out = new URL('../src/generated/', import.meta.url);
mkdirSync(out, { recursive: true });

const schemas = {};
const constants = {};
const names = {};
const definitions = [];
for (const file of readdirSync(crds)
  .filter((name) => name.endsWith('.yaml'))
  .sort()) {
  const crd = parse(readFileSync(new URL(file, crds), 'utf8'), { merge: true });
  if (crd.kind !== 'CustomResourceDefinition') continue;
  const { kind } = crd.spec.names;
  const [version] = crd.spec.versions;
  const schema = version.schema.openAPIV3Schema;
  schemas[kind] = schema;
  const constant = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}Schema`;
  constants[constant] = schema;
  names[constant] = crd.metadata.name;
  // The definition refers to the schema above.
  const named = { ...version, schema: { openAPIV3Schema: '@schema' } };
  const definition = { ...crd, spec: { ...crd.spec, versions: [named] } };
  definitions.push(JSON.stringify(definition, null, 2).replace('"@schema"', constant));
}

const { values, parts } = shareParts(constants, (number) => `@part${number}`);
const written = (value) => JSON.stringify(value, null, 2).replaceAll(/"@(part\d+)"/g, '$1');
const lines = [
  ...parts.map((part, number) => `const part${number}: Schema = ${written(part)};\n`),
  ...Object.entries(values).flatMap(([constant, schema]) => [
    `/** The \`openAPIV3Schema\` of ${names[constant]}. */`,
    `export const ${constant}: Schema = ${written(schema)};\n`,
  ]),
];

const header = '// Generated from crds/ by scripts/generate.mjs.\n';
writeFileSync(
  new URL('schemas.ts', out),
  `${header}import type { CustomResourceDefinition, Schema } from '../schema.ts';\n\n${lines.join('\n')}
/** All definitions of crds/, for installation in a cluster. */
export const customResourceDefinitions: readonly CustomResourceDefinition[] = [
${definitions.join(',\n')},
];
`,
);

// Types of spec and status only: apiVersion, kind and metadata are written by hand.
const types = Object.fromEntries(
  Object.entries(schemas).flatMap(([kind, schema]) =>
    ['spec', 'status']
      .filter((part) => schema.properties[part] !== undefined)
      .map((part) => [
        `${kind}${part === 'spec' ? 'Spec' : 'Status'}`,
        plain(schema.properties[part]),
      ]),
  ),
);
const document = {
  openapi: '3.1.0',
  info: { title: 'agentteam', version: 'v1alpha1' },
  paths: {},
  components: { schemas: types },
};
const ast = await openapiTS(document, {
  immutable: true,
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
});
writeFileSync(new URL('types.ts', out), `${header}${astToString(ast)}`);

/** A schema without what only Kubernetes knows. */
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema['x-kubernetes-int-or-string']) {
    return { description: schema.description, type: ['integer', 'string'] };
  }
  if (schema['x-kubernetes-preserve-unknown-fields']) {
    return { description: schema.description, type: 'object', additionalProperties: true };
  }
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !key.startsWith('x-kubernetes-'))
      .map(([key, value]) => [key, plain(value)]),
  );
}
