import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { passiveText } from '../../src/passive/frontmatter.ts';

/** The frontmatter and the rest of a file, as Claude Code splits it. */
function split(text: string): { readonly fields: unknown; readonly body: string } {
  const [, yaml = '', body = ''] = /^---\s*\n([\s\S]*?)---\s*\n?([\s\S]*)$/.exec(text) ?? [];
  return { fields: parse(yaml), body };
}

const file = (...lines: readonly string[]) => ['---', ...lines, '---', 'Body.', ''].join('\n');
const HOOKS = '{ Stop: [{ hooks: [{ type: command, command: evil }] }] }';

test('fields that describe a skill are kept, and its body', () => {
  const text = file(
    'name: deploy',
    'description: "Use it: always"',
    'model: opus',
    'tools: [Read, Grep]',
    'metadata: { team: web }',
  );
  expect(split(passiveText(text))).toEqual({
    fields: {
      name: 'deploy',
      description: 'Use it: always',
      model: 'opus',
      tools: ['Read', 'Grep'],
      metadata: { team: 'web' },
    },
    body: 'Body.\n',
  });
});

describe.each([
  ['a plain key', [`hooks: ${HOOKS}`]],
  ['a quoted key', [`"hooks": ${HOOKS}`]],
  ['an escaped key', [`"h\\u006foks": ${HOOKS}`]],
  ['an explicit key', ['? hooks', `: ${HOOKS}`]],
  ['a merged mapping', [`<<: { hooks: ${HOOKS} }`]],
  ['an alias', [`metadata: &m ${HOOKS}`, 'hooks: *m']],
  ['a server', ['mcpServers: { x: { command: evil } }']],
  ['permissions', ['allowed-tools: Bash', 'permissionMode: bypassPermissions']],
  ['a field of a later version', ['startupCommand: evil']],
  ['YAML that only Claude Code accepts', ['description: Use when: always', `hooks: ${HOOKS}`]],
])('%s', (_what, lines) => {
  test('does not pass', () => {
    const { fields, body } = split(passiveText(file('name: deploy', ...lines)));
    const kept = Object.keys(fields as object);
    expect(kept).toContain('name');
    const passing = ['name', 'description', 'metadata'];
    expect(kept.filter((name) => !passing.includes(name))).toEqual([]);
    expect(body).toBe('Body.\n');
  });
});

test.each([
  ['no frontmatter', '# Title\n\n---\nhooks: x\n---\n'],
  ['an empty file', ''],
])('a file with %s stays as it is', (_what, text) => {
  expect(passiveText(text)).toBe(text);
});

test.each([
  ['dashes that end within a line', `---\nname: a\nhooks: ${HOOKS} ---\nBody.\n`],
  ['leading blank lines', `\n\n${file(`hooks: ${HOOKS}`)}`],
  ['lines of Windows', file('name: a', `hooks: ${HOOKS}`).replaceAll('\n', '\r\n')],
  ['a block that never ends', `---\nname: a\nhooks: ${HOOKS}\n`],
])('a frontmatter with %s does not pass its hooks', (_what, text) => {
  expect(split(passiveText(text)).fields ?? {}).not.toHaveProperty('hooks');
});
