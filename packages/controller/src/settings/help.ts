import { STANDARD_VARIABLES } from './declared/standard-variables.ts';
import type { Declaration, Setting } from './setting.ts';
import { SETTINGS } from './settings.ts';

const LINE_LENGTH = 100;
const INDENT = 2;
const NAME_COLUMN = 36;

/** One paragraph for each variable: its name, and what it sets. */
export function variablesHelp(): string {
  const variables: readonly Declaration[] = [...Object.values(SETTINGS), ...STANDARD_VARIABLES];
  return variables
    .map((declaration) => paragraph(declaration.variable, describe(declaration)))
    .join('\n');
}

function describe(declaration: Declaration): string {
  const { required, type } = declaration as Partial<Setting<unknown>>;
  const form =
    type?.form === 'json' ? ' (JSON)' : type?.form === 'list' ? ' (comma-separated)' : '';
  const fallback = defaultOf(declaration);
  const rule = required ? '; required' : fallback === undefined ? '' : `; default: ${fallback}`;
  return `${declaration.summary}${form}${rule}`;
}

/** The default as text; undefined where there is none worth mentioning. */
export function defaultOf(declaration: Declaration): string | undefined {
  const { default: fallback } = declaration as Partial<Setting<unknown>>;
  return declaration.whenUnset ?? (fallback === undefined ? undefined : String(fallback));
}

function paragraph(name: string, text: string): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? word : `${line} ${word}`;
    if (INDENT + NAME_COLUMN + longer.length <= LINE_LENGTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const [first = '', ...rest] = lines;
  const pad = ' '.repeat(INDENT);
  return [
    `${pad}${name.padEnd(NAME_COLUMN)}${first}`,
    ...rest.map((line) => `${pad}${' '.repeat(NAME_COLUMN)}${line}`),
  ].join('\n');
}
