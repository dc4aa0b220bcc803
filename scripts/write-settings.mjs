// Writes the settings that packages/controller/src/settings declares to everything derived from them:
// the chart's values.yaml, values.schema.json and environment, and docs/settings.md. `--check` fails
// where a file is not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import { STANDARD_VARIABLES } from '../packages/controller/src/settings/declared/standard-variables.ts';
import { defaultOf } from '../packages/controller/src/settings/help.ts';
import { SETTINGS } from '../packages/controller/src/settings/settings.ts';
import { ROOT } from './ensure.mjs';

const COMMENT_WIDTH = 100;

const declarations = [...Object.values(SETTINGS), ...STANDARD_VARIABLES];
const inChart = declarations.filter(({ chart }) => chart !== undefined);
/** One declaration for each chart value: several variables may follow from the same value. */
const values = inChart.filter(
  ({ chart }, index) => inChart.findIndex((other) => other.chart.path === chart.path) === index,
);

const check = process.argv.includes('--check');
update('charts/agentteam/templates/_environment.tpl', () => environment());
update('charts/agentteam/values.yaml', valuesYaml);
update('charts/agentteam/values.schema.json', valuesSchema, (a, b) =>
  isDeepStrictEqual(JSON.parse(a), JSON.parse(b)),
);
update('docs/settings.md', () => page());

/** @param same whether two texts mean the same; a file that does is left as it is. */
function update(path, make, same = (before, after) => before === after) {
  const file = join(ROOT, path);
  const before = read(file);
  const after = make(before);
  if (before !== undefined && same(before, after)) return;
  if (!check) return writeFileSync(file, after);
  process.stderr.write(`${path} is out of date: run npm run settings\n`);
  process.exitCode = 1;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function environment() {
  return `{{/* Written by npm run settings from packages/controller/src/settings. Do not edit. */}}
{{- define "agentteam.environment" -}}
${inChart.map(variable).join('\n')}
{{- end }}
`;
}

/** The entry of one variable. It is left out while its value in the chart is empty. */
function variable({ variable: name, chart, ...declaration }) {
  const value = `.Values.${chart.path}`;
  const entry = (text) => `- { name: ${name}, value: ${text} }`;
  if (chart.onlyWith !== undefined) {
    const condition = chart.onlyWith.map((path) => `.Values.${path}`).join(' ');
    const test = chart.onlyWith.length > 1 ? `or ${condition}` : condition;
    return `{{- if ${test} }}\n${entry(expression(value, formOf(declaration, chart)))}\n{{- end }}`;
  }
  if (chart.constant !== undefined) {
    return `{{- if ${value} }}\n${entry(chart.constant)}\n{{- end }}`;
  }
  const fallback = defaultIn(declaration, chart);
  const alwaysSet = typeof fallback !== 'object' && fallback !== '';
  return alwaysSet
    ? entry(expression(value, formOf(declaration, chart)))
    : `{{- with ${value} }}\n${entry(expression('.', formOf(declaration, chart)))}\n{{- end }}`;
}

function expression(value, form) {
  if (form === 'list') return `{{ join "," ${value} | quote }}`;
  return form === 'json' ? `{{ toJson ${value} | quote }}` : `{{ ${value} | quote }}`;
}

function formOf({ type }, chart) {
  return type?.form ?? (Array.isArray(chart.default) ? 'list' : 'text');
}

function defaultIn({ type, default: fallback }, chart) {
  return chart.default ?? fallback ?? type.empty;
}

/** Sets the default and the comment of each setting. Everything else in the file stays as it is. */
function valuesYaml(text) {
  const document = parseDocument(text);
  for (const { chart, ...declaration } of values) {
    const path = chart.path.split('.');
    const wanted = defaultIn(declaration, chart);
    if (!isDeepStrictEqual(document.toJS() && at(document.toJS(), path), wanted)) {
      document.setIn(path, document.createNode(wanted, { flow: true }));
    }
    const parent = document.getIn(path.slice(0, -1), true);
    const pair = parent.items.find(({ key }) => key.value === path.at(-1));
    const column = 2 * (path.length - 1);
    const comment = wrap(comments(declaration, chart), COMMENT_WIDTH - column - 2);
    if (parent.flow) continue;
    // The parser attaches the comment before the first key to the map.
    const node = pair === parent.items[0] ? parent : pair.key;
    node.commentBefore = comment.map((line) => ` ${line}`).join('\n');
  }
  return document
    .toString({ lineWidth: 0 })
    .split('\n')
    .map((line) => (line.trimStart().startsWith('#') ? line : line.replace(/\[ (.*?) \]/g, '[$1]')))
    .join('\n');
}

function at(object, path) {
  return path.reduce((node, key) => node?.[key], object);
}

/** What the value is, as sentences. */
function comments(declaration, chart) {
  const { summary, details } = chart.summary === undefined ? { ...declaration, ...chart } : chart;
  const { whenUnset } = declaration;
  const isEmpty =
    ['', undefined].includes(defaultIn(declaration, chart)) || isEmptyList(declaration);
  return [
    `${capital(summary)}.`,
    details,
    isEmpty && whenUnset !== undefined && `Default: ${whenUnset}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

function isEmptyList({ default: fallback, whenUnset }) {
  return whenUnset !== undefined && Array.isArray(fallback);
}

function valuesSchema(text) {
  const schema = JSON.parse(text);
  for (const { chart, ...declaration } of values) {
    const path = chart.path.split('.');
    const parent = path.slice(0, -1).reduce((node, key) => node.properties[key], schema);
    parent.properties[path.at(-1)] = chart.schema ?? declaration.type.schema;
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function page() {
  const rows = declarations.map(({ chart, ...declaration }) => {
    const fallback = defaultOf(declaration);
    const { required } = declaration;
    const cells = [
      `\`${declaration.variable}\``,
      chart === undefined ? '' : `\`${chart.path}\``,
      required ? 'required' : fallback === undefined ? '' : code(declaration, fallback),
      [`${capital(declaration.summary)}.`, declaration.details].filter(Boolean).join(' '),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return `# Settings of the controller

On this page you find every setting of the controller. Set it in the chart's [values.yaml](../charts/agentteam/values.yaml), or as an environment variable with \`agentteam install --env\`:

\`\`\`sh untried: needs a cluster of yours
helm upgrade agentteam charts/agentteam -n agentteam-system --reset-then-reuse-values --set teams.storageClass=efs
agentteam install --env AGENTTEAM_RUNTIME_CLASS=gvisor
\`\`\`

\`agentteam-controller --help\` prints the same list. \`npm run settings\` writes this page from \`packages/controller/src/settings\`.

| variable | value of the chart | default | purpose |
|---|---|---|---|
${rows.join('\n')}
`;
}

function code({ whenUnset }, fallback) {
  return whenUnset ?? `\`${fallback}\``;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
