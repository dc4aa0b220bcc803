import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { claudeFiles } from '../../../src/run/inputs/programs.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

test('a sandbox shows the package of Claude Code, and of another directory nothing but the program', async () => {
  const home = await temporary();
  const program = join(home, 'claude');
  expect(claudeFiles(program)).toBe(program);
  await writeFile(join(home, 'package.json'), '{"name":"notes","dependencies":{}}');
  expect(claudeFiles(program)).toBe(program);
  await writeFile(join(home, 'package.json'), 'null');
  expect(claudeFiles(program)).toBe(program);
  const directory = join(home, 'claude-code-linux-x64');
  await mkdir(directory);
  const manifest = { name: '@anthropic-ai/claude-code-linux-x64' };
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
  expect(claudeFiles(join(directory, 'claude'))).toBe(directory);
});
