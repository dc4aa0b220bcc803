import { describe, expect, test } from '@jest/globals';
import { COMMAND_NAMES } from '../../src/program.ts';
import { temporaryDirectories } from '../temporary.ts';
import { agentteam } from './agentteam.ts';

const temporary = temporaryDirectories();

describe('help', () => {
  test('without arguments lists the commands', async () => {
    const { exitCode, stdout } = await agentteam([], await temporary());
    expect(exitCode).toBe(0);
    for (const name of COMMAND_NAMES) expect(stdout).toContain(`\n  ${name}`);
  });

  test.each(COMMAND_NAMES)('%s --help has an example and the exit codes', async (name) => {
    const { exitCode, stdout } = await agentteam([name, '--help'], await temporary());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\n {2}\\$ agentteam ${name}\\b`));
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}/);
  });

  test('help <command> is the same', async () => {
    const cwd = await temporary();
    const [long, short] = await Promise.all([
      agentteam(['help', 'run'], cwd),
      agentteam(['run', '--help'], cwd),
    ]);
    expect(long).toEqual(short);
  });
});

test('--version', async () => {
  const { exitCode, stdout } = await agentteam(['--version'], await temporary());
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
});

describe('wrong usage ends with 2', () => {
  test.each([
    [['rum', 'team.yaml'], 'Did you mean run?'],
    [['run'], "missing required argument 'file'"],
    [['run', '--rehearse'], "missing required argument 'file'"],
    [['run', '--rehearse', 'team.yaml'], 'team.yaml'],
    [['get'], '(agentteam get --help shows how it is used)'],
    [['run', '--colour'], '(agentteam run --help shows how it is used)'],
    [['run', 'team.yaml', '--colour'], "unknown option '--colour'"],
    [['run', 'team.yaml', '--configmap', 'nothing'], '"nothing" is not name=path'],
    [['run', 'team.yaml', '--gates', 'maybe'], 'Allowed choices are ask, approve, wait'],
    [['graph', 'team.yaml', '--format', 'png'], 'Allowed choices are text, mermaid, dot'],
    [['init', '--name', 'My Team'], '"My Team" cannot name a team'],
    [['submit', '--from-template', 'report', '-p', 'budget'], 'NAME=VALUE is expected'],
    [['submit', 'team.yaml', '--stop'], '--stop needs --wait'],
    [['submit', 'team.yaml', '--outputs', 'results'], '--outputs needs --wait'],
    [['submit', 'team.yaml', '--wait', '--outputs', '/dev/null'], 'no directory can be made'],
    [['list', '-n', 'a/b'], 'A namespace has lower-case letters'],
    [['install', '--watch', 'team-a,Team B', '--dry-run=client'], 'A namespace has lower-case'],
    [['install', '--image', '', '--dry-run=client'], 'An image is expected'],
    [['compile', 'team.yaml', '--storage-class', 'My Class'], 'Names have lower-case letters'],
    [['compile', 'team.yaml', '--api-url', 'gateway:80'], 'A URL is expected'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await agentteam(args, await temporary());
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

test.each(['get', 'cost', 'messages', 'logs', 'stop', 'delete', 'resume', 'retry'])(
  '%s of a run that is not there says which are',
  async (name) => {
    const { exitCode, stderr } = await agentteam([name, '../etc'], await temporary());
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no run ../etc');
  },
);
