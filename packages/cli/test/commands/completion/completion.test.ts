import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { fishScript } from '../../../src/commands/completion/fish.ts';
import { zshScript } from '../../../src/commands/completion/zsh.ts';
import { COMMAND_NAMES } from '../../../src/program.ts';
import { agentteam } from '../agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';

const temporary = temporaryDirectories();

describe('bash', () => {
  /** What bash itself offers for these words, the last of them unfinished. */
  async function offers(...words: readonly string[]): Promise<readonly string[]> {
    const cwd = await temporary();
    const { exitCode, stdout } = await agentteam(['completion', 'bash'], cwd);
    expect(exitCode).toBe(0);
    await writeFile(join(cwd, 'completion.bash'), stdout);
    await writeFile(join(cwd, 'my team.yaml'), '');
    // What the CLI is asked stands for what it would answer, in one word.
    const script = `source ./completion.bash
      agentteam() { local all="$*"; printf '%s' "\${all// /_}"; }
      COMP_WORDS=(agentteam "$@"); COMP_CWORD=$#; _agentteam
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answer = await execa('bash', ['--norc', '-c', script, 'bash', ...words], { cwd });
    expect(answer.stderr).toBe('');
    return answer.stdout.split('\n');
  }

  test('commands', async () => {
    expect(await offers('')).toEqual(COMMAND_NAMES);
    expect(await offers('me')).toEqual(['messages']);
  });

  test('options of the command, their values, and files with spaces', async () => {
    expect(await offers('graph', '--fo')).toEqual(['--format']);
    expect(await offers('graph', '--format', '')).toEqual(['text', 'mermaid', 'dot']);
    expect(await offers('get', '-o', 'y')).toEqual(['yaml']);
    expect(await offers('run', 'my')).toEqual(['my team.yaml']);
    expect(await offers('get', '--kubeconfig', 'my')).toEqual(['my team.yaml']);
  });

  test('runs where a run belongs, of the place that is named, and nothing behind it', async () => {
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

test('zsh: words with their descriptions, quoted', () => {
  const script = zshScript(words);
  expect(script).toContain(`commands=('graph:draw it'\\''s shape')`);
  expect(script).toContain(`'graph --format'|'graph -f') compadd -- 'text' 'dot'; return ;;`);
});

test('fish: an option with its values', () => {
  expect(fishScript(words).split('\n').slice(1, 3)).toEqual([
    `complete -c agentteam -f -n __fish_use_subcommand -a graph -d 'draw it\\'s shape'`,
    `complete -c agentteam -n '__fish_seen_subcommand_from graph' -l format -s f -x -a 'text dot' -d 'the team\\'s: how'`,
  ]);
});
