import { expect, test } from '@jest/globals';
import { fetchCommand } from '../../../src/teams/local/result-branches.ts';

test.each([
  ['/runs/x/result.git', 'teams/x', 'git fetch /runs/x/result.git teams/x:teams/x'],
  ['/runs/x', '--upload-pack=run', 'git fetch -- /runs/x --upload-pack=run:--upload-pack=run'],
  ['--upload-pack=run', 'a', 'git fetch -- --upload-pack=run a:a'],
])(
  'the command that fetches from %s the branch %s has no option',
  (repository, branch, command) => {
    expect(fetchCommand(repository, branch).value).toBe(command);
  },
);
