import { isRecord } from '@agentteam/contract';
import { parse, stringify } from 'yaml';

/**
 * Fields of a skill, command or sub-agent that describe it. All others are left out: `hooks` and `mcpServers`
 * run programs, and `allowed-tools` and `permissionMode` give permissions. A field that a later Claude Code
 * adds stays out until it is listed here.
 * Source: the fields that Claude Code 2.1.330 knows.
 */
const PASSIVE_FIELDS = [
  'name',
  'description',
  'when_to_use',
  'version',
  'license',
  'compatibility',
  'metadata',
  'author',
  'argument-hint',
  'arguments',
  'disable-model-invocation',
  'user-invocable',
  'paths',
  'context',
  'agent',
  'model',
  'effort',
  'tools',
  'disallowed-tools',
  'disallowedTools',
  'skills',
  'color',
  'maxTurns',
] as const;

/** A block between lines of three dashes at the start of the file. */
const BLOCK = /^\uFEFF?---[^\S\n]*\n([\s\S]*?)\n?---[^\S\n]*(?:\n|$)/;

/**
 * Removes what acts by itself from the frontmatter of a skill, command or sub-agent. The frontmatter is
 * written anew from its known fields, so that no spelling of YAML hides a field.
 */
export function passiveText(text: string): string {
  const lines = text.replaceAll('\r\n', '\n');
  const block = BLOCK.exec(lines);
  // An empty block keeps Claude Code from finding one in a file that only looks as if it had one.
  if (block === null) return /^\s*---/.test(lines) ? `---\n---\n${lines}` : text;
  const fields = readFields(block[1] ?? '');
  const kept = PASSIVE_FIELDS.flatMap((name) =>
    fields[name] === undefined ? [] : [[name, fields[name]] as const],
  );
  return `---\n${stringify(Object.fromEntries(kept))}---\n${lines.slice(block[0].length)}`;
}

function readFields(yaml: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(yaml, { merge: true, maxAliasCount: 10 });
    return isRecord(value) ? value : {};
  } catch {
    return plainFields(yaml);
  }
}

/** Reads `name: text` lines. Claude Code accepts `description: Use it when: …`, which is not valid YAML. */
function plainFields(yaml: string): Readonly<Record<string, unknown>> {
  const found = yaml.matchAll(/^([A-Za-z][\w-]*):[^\S\n]+(\S.*)$/gm);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value.trim()]));
}
