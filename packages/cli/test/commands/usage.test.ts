import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { COMMAND_NAMES } from '../../src/program.ts';
import { temporaryDirectories } from '../temporary.ts';
import { agentteam, agentteamArguments } from './agentteam.ts';

const temporary = temporaryDirectories();

describe('help', () => {
  test('lists the commands without arguments', async () => {
    const { exitCode, stdout } = await agentteam([], await temporary());
    expect(exitCode).toBe(0);
    for (const name of COMMAND_NAMES) expect(stdout).toContain(`\n  ${name}`);
  });

  test.each(COMMAND_NAMES)('%s --help has an example and exit codes', async (name) => {
    const { exitCode, stdout } = await agentteam([name, '--help'], await temporary());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\n {2}\\$ agentteam ${name}\\b`));
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}/);
    // The description begins with an imperative: "Print", not "Prints".
    expect(stdout).toMatch(/^Usage: .*\n\n[A-Z][a-z]*[^s\W] /);
  });

  test('help <command> prints the same', async () => {
    const cwd = await temporary();
    const [long, short] = await Promise.all([
      agentteam(['help', 'run'], cwd),
      agentteam(['run', '--help'], cwd),
    ]);
    expect(long).toEqual(short);
  });
});

test.each(['list', 'get', 'cost', 'logs'])('%s names the directory without runs', async (name) => {
  const cwd = await temporary();
  const args = name === 'list' ? [] : ['report'];
  const { stderr } = await agentteam([name, ...args, '--dir', 'elsewhere'], cwd);
  expect(stderr).toMatch(/There are no runs in \/.*\/elsewhere\. Use --dir for another directory/);
});

test('a directory of runs in a parent of the working directory is named', async () => {
  const cwd = await temporary();
  const deep = join(cwd, 'shop/src');
  await mkdir(deep, { recursive: true });
  await mkdir(join(cwd, '.agentteam/report'), { recursive: true });
  for (const args of [['list'], ['get', 'report']]) {
    const { stderr } = await agentteam(args, deep);
    expect(stderr).toContain(`There are runs in ${cwd}/.agentteam: add --dir '${cwd}/.agentteam'.`);
  }
});

test('--version', async () => {
  const { exitCode, stdout } = await agentteam(['--version'], await temporary());
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
});

describe('wrong usage exits with 2', () => {
  test.each([
    [['rum', 'team.yaml'], 'Did you mean run?'],
    [['run'], "missing required argument 'file'"],
    [['run', '--rehearse'], "missing required argument 'file'"],
    [['run', '--rehearse', 'team.yaml'], 'team.yaml'],
    [['get'], '(for help, run: agentteam get --help)'],
    [['run', '--colour'], '(for help, run: agentteam run --help)'],
    [['run', 'team.yaml', '--colour'], "unknown option '--colour'"],
    [['run', 'team.yaml', '--configmap', 'nothing'], 'Expected NAME=PATH'],
    [['run', 'team.yaml', '--budget', '5.001'], 'Expected an amount of dollars'],
    [['run', 'team.yaml', '--gates', 'maybe'], 'Allowed choices are ask, approve, wait'],
    [['graph', 'team.yaml', '--format', 'png'], 'Allowed choices are text, mermaid, dot'],
    [['init', '--name', 'My Team'], '`My Team` is not a valid name'],
    [['submit', '--from-template', 'report', '-p', 'budget'], 'Expected NAME=VALUE'],
    [['submit', 'team.yaml', '--stop'], '--stop requires --wait'],
    [['submit', 'team.yaml', '--outputs', 'results'], '--outputs requires --wait'],
    [['submit', 'team.yaml', '--wait', '--outputs', '/dev/null'], 'cannot create the directory'],
    [['list', '-n', 'a/b'], 'A namespace consists of lower-case letters'],
    [['install', '--watch', 'team-a,Team B', '--dry-run=client'], 'A namespace consists of'],
    [['install', '--image', '', '--dry-run=client'], 'Expected an image'],
    [['compile', 'team.yaml', '--storage-class', 'My Class'], 'A name consists of lower-case'],
    [['compile', 'team.yaml', '--api-url', 'gateway:80'], 'Expected a URL'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await agentteam(args, await temporary());
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

test('a working directory that was removed is one sentence', async () => {
  const leave = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"';
  const { exitCode, stderr } = await execa(
    'sh',
    ['-c', leave, 'sh', process.execPath, ...agentteamArguments, 'list'],
    { cwd: await temporary(), reject: false, stdin: 'ignore' },
  );
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    '✗ the working directory no longer exists\n  Change to another directory, and run the command again.',
  );
});

test.each(['get', 'cost', 'messages', 'logs', 'stop', 'delete', 'resume', 'retry'])(
  '%s reports a run that does not exist',
  async (name) => {
    const { exitCode, stderr } = await agentteam([name, '../etc'], await temporary());
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no run ../etc');
  },
);
