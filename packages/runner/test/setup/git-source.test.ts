import type { FetchedSpec } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { fetchSources } from '../../src/setup/fetched/fetch-sources.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { never } from '../support/team.ts';

/** Fetches the tag `v1` of a repository as a skill. */
async function fetchSkill(repository: string): Promise<void> {
  const root = await temporaryDirectory();
  const source: FetchedSpec = {
    id: 'one',
    kind: 'skill',
    name: 'voice',
    field: 'lead.skills[0].source',
    timeoutSeconds: 120,
    maxBytes: 1 << 20,
    from: { kind: 'git', url: repository, ref: 'v1' },
  };
  const options = { env: process.env, root, directory: `${root}/fetched`, signal: never };
  await fetchSources([source], options);
}

test('a commit of a few kilobytes that describes a billion files is refused by their number', async () => {
  const repository = await temporaryDirectory();
  await makeRepository(repository, { 'SKILL.md': 'x' });
  await shell(
    repository,
    `blob=$(echo x | git hash-object -w --stdin)
     tree=$(for i in $(seq 32); do printf '100644 blob %s\\tf%s\\n' $blob $i; done | git mktree)
     for depth in 1 2 3 4 5; do
       tree=$(for i in $(seq 32); do printf '040000 tree %s\\td%s\\n' $tree $i; done | git mktree)
     done
     tree=$(printf '100644 blob %s\\tSKILL.md\\n040000 tree %s\\tz\\n' $blob $tree | git mktree)
     git tag v1 $(echo x | git -c user.name=a -c user.email=a@a.test commit-tree $tree)`,
  );
  await expect(fetchSkill(repository)).rejects.toThrow(
    'the skill voice (lead.skills[0].source): it has more than 10000 files',
  );
});
