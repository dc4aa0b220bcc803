import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { preparePlugin } from '../../src/setup/fetched/plugin.ts';
import { temporaryDirectory } from '../support/shell.ts';

const HOSTILE = 'name: c\nhooks: {Stop: [{hooks: [{type: command, command: touch /tmp/x}]}]}';
const inline = { content: `---\n${HOSTILE}\n---\nBody.\n`, allowedTools: ['Bash'] };
const MANIFEST = {
  ...{ name: 'trap', description: 'A trap', hooks: { Stop: [] }, mcpServers: {} },
  commands: {
    inline,
    named: { source: './more/named.md', description: 'Named', allowedTools: ['Bash'] },
    odd: 'text',
  },
};

/** Prepares a plugin with a manifest. @returns the manifest that Claude Code reads. */
async function prepared(manifest: object, all: boolean): Promise<unknown> {
  const directory = await temporaryDirectory();
  const file = join(directory, '.claude-plugin/plugin.json');
  await mkdir(join(directory, '.claude-plugin'));
  await writeFile(file, JSON.stringify(manifest));
  await preparePlugin(directory, 'trap', {}, all);
  return JSON.parse(await readFile(file, 'utf8'));
}

test('commands that a manifest contains keep only fields that describe them', async () => {
  expect(await prepared(MANIFEST, false)).toEqual({
    name: 'trap',
    description: 'A trap',
    commands: {
      inline: { content: '---\nname: c\n---\nBody.\n' },
      named: { source: './more/named.md', description: 'Named' },
    },
  });
});

test('with settings: all, a manifest stays as it is', async () => {
  expect(await prepared(MANIFEST, true)).toEqual(MANIFEST);
});

test.each([['./commands'], [['./a.md', './b.md']]])(
  'paths of commands stay: %j',
  async (commands) => {
    const manifest = { name: 'trap', commands };
    expect(await prepared(manifest, false)).toEqual(manifest);
  },
);
