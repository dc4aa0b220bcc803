import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Block, blocksOf, documents, ROOT, spansOf } from './blocks.ts';
import { commandsOf } from './recorded-commands.ts';
import { misnamed, misuse } from './usage.ts';

/** The arguments of a command of ours; undefined for other commands. */
function ours([program, ...words]: readonly string[]): readonly string[] | undefined {
  if (program === 'agentteam') return words;
  if (program === 'kubectl' && words[0] === 'agentteam') return words.slice(1);
  // The command in a clone: `npm start -- run team.yaml`.
  if (program === 'npm' && words[0] === 'start') return words.slice(words.indexOf('--') + 1);
  return undefined;
}

/** The files in a command: `kubectl apply -f PATH`, `helm install NAME PATH`. */
function paths([program, ...words]: readonly string[]): readonly string[] {
  const named =
    program === 'kubectl'
      ? words.flatMap((word, index) => {
          const [option, value] = word.split('=');
          return option === '-f' || option === '--filename'
            ? [value ?? words[index + 1] ?? '']
            : [];
        })
      : words.filter((word) => /^\.?\/?(charts|crds|examples|workflow-templates)\//.test(word));
  return named.filter((path) => path !== '' && path !== '-' && !path.includes('://'));
}

/** Whether the reader has created a file: the team file of the examples, or the output of a block. */
function isTheReaders(path: string, blocks: readonly Block[]): boolean {
  return path === 'team.yaml' || blocks.some(({ text }) => text.includes(`> ${path}`));
}

describe.each(documents())('%s', (document) => {
  const blocks = blocksOf(document);

  test('its blocks use existing commands, options and files', async () => {
    const faults: string[] = [];
    for (const block of blocks) {
      for (const command of await commandsOf(block.text)) {
        const words = ours(command);
        const fault = words && (await misuse(words));
        const where = `${document}:${block.line}: ${command.join(' ')}`;
        if (fault !== undefined) faults.push(`${where}: ${fault}`);
        for (const path of paths(command)) {
          if (existsSync(join(ROOT, path)) || isTheReaders(path, blocks)) continue;
          faults.push(`${where}: there is no ${path}`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test('its text uses existing commands and options', async () => {
    const faults: string[] = [];
    for (const { line, text } of spansOf(document)) {
      for (const part of text.split(/\s[|;&]+\s/)) {
        const words = ours(part.trim().split(/\s+/));
        const fault = words && (await misnamed(words));
        if (fault !== undefined) faults.push(`${document}:${line}: ${text}: ${fault}`);
      }
    }
    expect(faults).toEqual([]);
  });
});
