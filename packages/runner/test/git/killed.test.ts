import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { shell } from '../support/shell.ts';
import { makeCodingTeam, never } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

const { PATH = '' } = process.env;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentteam git '));
});
afterEach(async () => {
  process.env['PATH'] = PATH;
  await rm(directory, { recursive: true });
});

/** Puts a program in front of git that ends one of git's commands with SIGKILL, the first time it is called. */
async function killOnce(command: string): Promise<void> {
  const mark = join(directory, 'killed');
  const program = `#!/bin/sh
case " $* " in *" ${command} "*) [ -e '${mark}' ] || { : > '${mark}'; kill -9 $$; } ;; esac
PATH='${PATH}' exec git "$@"
`;
  await writeFile(join(directory, 'git'), program);
  await chmod(join(directory, 'git'), 0o755);
  process.env['PATH'] = `${directory}${delimiter}${PATH}`;
}

test.each(['merge-base', 'index-pack', 'ls-tree', 'update-ref'])(
  'if git %s is killed, another attempt takes the work over',
  async (command) => {
    const team = await makeCodingTeam({ 'a.txt': 'one' }, { api: {} });
    await shell(team.tree('api'), 'echo two > a.txt');
    await handOverWork(team.repository, 'api');
    await killOnce(command);
    await expect(consolidate(team.repository, team.session, never)).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`^git ${command} failed`)),
      exitCode: EXIT.failed,
    });
    expect(await consolidate(team.repository, team.session, never)).toMatchObject({
      status: 'merged',
      merged: ['api'],
    });
  },
);
