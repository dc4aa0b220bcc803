import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, git, mate, WAITING_LEAD } from './coding-run.ts';

const temporary = temporaryDirectories();

test('in a sandbox an agent sees only its own repository, and cannot write to the base', async () => {
  const probe = `
for place in base.git base.git/objects own own/team-lead.git own/coder.git trees trees/team-lead trees/coder result.git state; do
  ls "../../$place" > /dev/null 2>&1 && echo "reads $place"
  touch "../../$place/planted" 2> /dev/null && echo "writes $place"
done > seen.txt
git update-ref refs/heads/agents/crew/team-lead HEAD
git add seen.txt; git commit -qm "What I saw"`;
  const run = await CodingRun.start(
    await temporary(),
    {
      files: { 'a.txt': 'a\n' },
      spec: `
teammates:
  - { name: writer, prompt: Write the docs. }
  - { name: coder, prompt: Write the code. }
`,
      agents: `${WAITING_LEAD}${mate('writer', probe)}${mate('coder', 'echo b > a.txt')}`,
    },
    ['--sandbox'],
  );
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  const seen = await git(run.remote, 'show', 'teams/crew:seen.txt');
  // The parents of its mounts exist only in the sandbox.
  const paths = seen.split('\n').filter((line) => !/ (own|trees)$/.test(line));
  expect(paths).toEqual(['reads base.git', 'reads base.git/objects']);
  const left = await readdir(join(run.run, 'volumes/team/repository'), { recursive: true });
  expect(left.filter((path) => path.endsWith('planted'))).toEqual([]);
});
