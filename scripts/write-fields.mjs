// Generates docs/fields.md, the reference of all fields, from crds/. `--check` fails if the page is not up
// to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './ensure.mjs';

const PAGE = join(ROOT, 'docs/fields.md');
const FILES = ['agentteams.yaml', 'agentteamtemplates.yaml', 'agentteamruns.yaml'];

/** Paths of the objects that have a section: templates and runs share most of them with teams. */
const described = new Set();

const page = `# Fields

On this page you find what each field of a team, a template and a run means. **Bold** fields are required; these are enough for a team:

\`\`\`yaml
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: welcome }
spec:
  workspace:
    output: { mountPath: /workspace/output }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate a welcome letter. }
  teammates:
    - { name: writer, prompt: Write the letter to /workspace/output/letter.md. }
\`\`\`

Some checks go beyond what a schema can say: [error-codes.md](error-codes.md). \`npm run fields\` writes this page from [crds/](../crds).

${FILES.map((file) => kind(parse(readFileSync(join(ROOT, 'crds', file), 'utf8'), { merge: true }))).join('\n\n')}
`;
if (!process.argv.includes('--check')) writeFileSync(PAGE, page);
else if (readFileSync(PAGE, 'utf8') !== page) {
  process.stderr.write('docs/fields.md is not up to date: run npm run fields\n');
  process.exitCode = 1;
}

function kind({ spec }) {
  const [version] = spec.versions;
  const { description, properties } = version.schema.openAPIV3Schema;
  const { kind, shortNames } = spec.names;
  return `## ${kind}

${description} \`${spec.group}/${version.name}\`, short name ${shortNames.map(code).join(', ')}.

${section('spec', properties.spec)}

${section('status', properties.status)}`;
}

/** A table for an object, followed by one for each object in it. */
function section(path, schema) {
  const rules = (schema['x-kubernetes-validations'] ?? []).map(
    ({ message }) => `- ${sentence(message)}`,
  );
  const fields = Object.entries(schema.properties ?? {});
  const again = fields.filter(([name]) => described.has(`${path}.${name}`)).map(([name]) => name);
  const rows = fields.map(([name, field]) =>
    row(name, field, (schema.required ?? []).includes(name)),
  );
  const inner = fields.flatMap(([name, field]) => {
    const object = field.type === 'array' ? field.items : field;
    if (!object.properties || again.includes(name)) return [];
    described.add(`${path}.${name}`);
    return [section(`${path}.${name}${field.type === 'array' ? '[]' : ''}`, object)];
  });
  const table = ['| field | type | |', '|---|---|---|', ...rows].join('\n');
  const same = again.length > 0 && `As in an AgentTeam: ${again.map(code).join(', ')}.`;
  const block = [`### ${code(path)}`, schema.description, rules.join('\n'), table, same];
  return [...block.filter((part) => part), ...inner].join('\n\n');
}

function row(name, field, required) {
  const shown = required ? `**${code(name)}**` : code(name);
  const rules = (field['x-kubernetes-validations'] ?? []).map(
    ({ message }) => `${sentence(message)}.`,
  );
  const text = [field.description, ...rules, limits(field)].filter((part) => part).join(' ');
  return `| ${shown} | ${type(field)} | ${text.replaceAll('|', '\\|')} |`;
}

function type(field) {
  if (field.type === 'array') return `list of ${type(field.items)}`;
  if (field.enum) return field.enum.map((value) => code(value)).join(', ');
  if (field.additionalProperties) return `map of ${type(field.additionalProperties)}`;
  return field['x-kubernetes-int-or-string'] ? 'integer or string' : (field.type ?? 'any');
}

function limits({ default: value, minItems, maxItems, maxLength, minimum, maximum }) {
  const parts = [
    value === undefined ? undefined : `Default ${code(JSON.stringify(value).replaceAll('"', ''))}`,
    range('items', minItems, maxItems),
    range('', minimum, maximum),
    maxLength === undefined ? undefined : `At most ${maxLength} characters`,
  ].filter((part) => part !== undefined);
  return parts.map((part) => `${part}.`).join(' ');
}

function range(unit, least, most) {
  if (least === undefined && most === undefined) return undefined;
  if (most === undefined) return `At least ${least} ${unit}`.trim();
  return (least === undefined ? `At most ${most} ${unit}` : `${least} to ${most} ${unit}`).trim();
}

function code(text) {
  return `\`${text}\``;
}

/** A message of the API server as the beginning of a sentence. One that begins with a field's name stays as it is. */
function sentence(message) {
  return message.replace(/^(?:an?|the) /, (article) => article[0].toUpperCase() + article.slice(1));
}
