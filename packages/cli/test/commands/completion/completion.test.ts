import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { fishScript } from '../../../src/commands/completion/fish.ts';
import { zshScript } from '../../../src/commands/completion/zsh.ts';
import { COMMAND_NAMES } from '../../../src/program.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { agentteam } from '../agentteam.ts';

const temporary = temporaryDirectories();

describe('bash', () => {
  /** Runs bash completion for these words, the last of which is incomplete. */
  async function offers(...words: readonly string[]): Promise<readonly string[]> {
    const cwd = await temporary();
    const { exitCode, stdout } = await agentteam(['completion', 'bash'], cwd);
    expect(exitCode).toBe(0);
    await writeFile(join(cwd, 'completion.bash'), stdout);
    await writeFile(join(cwd, 'my team.yaml'), '');
    // In place of the CLI, a function prints its own arguments as one word.
    const script = `source ./completion.bash
      agentteam() { local all="$*"; printf '%s' "\${all// /_}"; }
      COMP_WORDS=(agentteam "$@"); COMP_CWORD=$#; _agentteam
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answer = await execa('bash', ['--norc', '-c', script, 'bash', ...words], { cwd });
    expect(answer.stderr).toBe('');
    return answer.stdout.split('\n');
  }

  test('completes commands', async () => {
    expect(await offers('')).toEqual(COMMAND_NAMES);
    expect(await offers('me')).toEqual(['messages']);
  });

  test('completes options, their values, and files with spaces', async () => {
    expect(await offers('graph', '--fo')).toEqual(['--format']);
    expect(await offers('graph', '--format', '')).toEqual(['text', 'mermaid', 'dot']);
    expect(await offers('get', '-o', 'y')).toEqual(['yaml']);
    expect(await offers('run', 'my')).toEqual(['my team.yaml']);
    expect(await offers('get', '--kubeconfig', 'my')).toEqual(['my team.yaml']);
  });

  test('completes runs of the selected host', async () => {
    expect(await offers('get', '')).toEqual(['list_--names']);
    expect(await offers('logs', '--dir', 'my runs', '')).toEqual(['list_--names_--dir_my_runs']);
    expect(await offers('watch', '-n', 'reports', '')).toEqual(['list_--names_-n_reports']);
    expect(await offers('approve', 'q3', '')).toEqual(['']);
    expect(await offers('delete', 'q3', '')).toEqual(['list_--names']);
  });
});

const words = [
  {
    name: 'graph',
    summary: "draw it's shape",
    args: 'files' as const,
    options: [
      {
        long: '--format',
        short: '-f',
        description: "the team's: how",
        takesValue: true,
        choices: ['text', 'dot'],
      },
    ],
  },
];

test('zsh: quotes words and descriptions', () => {
  const script = zshScript(words);
  expect(script).toContain(`commands=('graph:draw it'\\''s shape')`);
  expect(script).toContain(`'graph --format'|'graph -f') compadd -- 'text' 'dot'; return ;;`);
});

test('zsh and fish: offer runs only where a run belongs', () => {
  const commands = [
    { name: 'tell', summary: 'tell', args: 'run' as const, options: [] },
    { name: 'delete', summary: 'delete', args: 'runs' as const, options: [] },
  ];
  const zsh = zshScript(commands);
  expect(zsh).toContain('tell) ((given)) || compadd -- ');
  expect(zsh).toContain('delete) compadd -- ');
  const fish = fishScript(commands);
  expect(fish).toContain("seen_subcommand_from tell' -a '(__agentteam_runs 1)'");
  expect(fish).toContain("seen_subcommand_from delete' -a '(__agentteam_runs 1000)'");
});

test('fish: completes the values of an option', () => {
  const lines = fishScript(words).split('\n');
  expect(lines.filter((line) => line.startsWith('complete '))).toEqual([
    `complete -c agentteam -f -n __fish_use_subcommand -a graph -d 'draw it\\'s shape'`,
    `complete -c agentteam -n '__fish_seen_subcommand_from graph' -l format -s f -x -a 'text dot' -d 'the team\\'s: how'`,
  ]);
});
