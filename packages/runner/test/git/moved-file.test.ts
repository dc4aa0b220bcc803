import { LEAD } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { takeTeam } from '../../src/git/handover/take.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { mergeTrees } from '../../src/git/merge/merge-trees.ts';
import { consolidateWithLead } from '../../src/git/merge/with-lead.ts';
import { inOwn } from '../../src/git/options.ts';
import { verifyResult } from '../../src/git/verify.ts';
import { shell } from '../support/shell.ts';
import { include, makeCodingTeam, never, type TeammateOptions } from '../support/team.ts';
import { handOverWork } from '../support/work.ts';

const BASE = { 'docs/b.txt': 'one\ntwo\nthree\nfour\n', 'src/a.txt': 'a\n' };
const DOCS = { scope: include('docs/') };
const ALL = { scope: include('docs/', 'src/') };

/** A team in which `docs` changes a file that `api` moves out of the scope of `docs`. */
async function makeTeam(
  teammates: Readonly<Record<string, TeammateOptions>>,
  move = 'git mv docs/b.txt src/b.txt',
) {
  const team = await makeCodingTeam(BASE, teammates, DOCS);
  await shell(team.tree('docs'), 'sed -i s/one/evil/ docs/b.txt');
  await handOverWork(team.repository, 'docs');
  await shell(team.tree('api'), move);
  await handOverWork(team.repository, 'api');
  return team;
}

test.each([
  ['before', { docs: DOCS, api: ALL }],
  ['after', { api: ALL, docs: DOCS }],
])('a change merged %s the move of its file stays in its scope', async (_when, teammates) => {
  const team = await makeTeam(teammates);
  const lead = team.tree(LEAD);
  const messages: string[] = [];
  const { commit } = await consolidateWithLead(
    team.repository,
    team.session,
    async (message) => {
      messages.push(message);
      await shell(lead, 'git rm -q docs/b.txt');
    },
    never,
  );
  expect(messages).toEqual([
    expect.stringMatching(/File "docs\/b.txt"\n.*\n {4}\(deleted or moved\)/s),
  ]);
  expect(await shell(lead, 'git ls-files; cat src/b.txt')).toBe(
    'src/a.txt\nsrc/b.txt\none\ntwo\nthree\nfour',
  );
  const own = inOwn(team.repository, LEAD, never);
  const tips = await takeTeam(team.repository, own);
  await expect(verifyResult(team.repository, commit, tips, own)).resolves.toBeUndefined();
  // The lead resolves the conflict at the old path only: the new one is outside its scope.
  await shell(lead, 'echo evil > src/b.txt; git commit -qam more');
  const changed = await shell(lead, 'git rev-parse HEAD');
  await expect(verifyResult(team.repository, changed, tips, own)).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringContaining('"src/b.txt": outside its scope'),
  });
});

test('neither does a change follow a file that was moved and changed', async () => {
  const team = await makeTeam(
    { docs: DOCS, api: ALL },
    'git mv docs/b.txt src/b.txt; echo five >> src/b.txt',
  );
  expect(await consolidate(team.repository, team.session, never)).toMatchObject({
    status: 'conflict',
    conflict: { files: [{ path: 'docs/b.txt', ours: 'evil\ntwo\nthree\nfour\n' }] },
  });
  expect(await shell(team.tree(LEAD), 'cat src/b.txt')).toBe('one\ntwo\nthree\nfour\nfive');
});

test('two moves of one file need no lead', async () => {
  const team = await makeCodingTeam(BASE, { docs: DOCS, api: ALL });
  await shell(team.tree('docs'), 'git mv docs/b.txt docs/c.txt');
  await handOverWork(team.repository, 'docs');
  await shell(team.tree('api'), 'git mv docs/b.txt src/b.txt');
  await handOverWork(team.repository, 'api');
  const ask = () => Promise.reject(new Error('the lead was asked'));
  await consolidateWithLead(team.repository, team.session, ask, never);
  expect(await shell(team.tree(LEAD), 'git ls-files')).toBe('docs/c.txt\nsrc/a.txt\nsrc/b.txt');
});

test('a file that is moved into a directory, in whose place another agent has a file, stays in conflict', async () => {
  const team = await makeCodingTeam(BASE, { docs: DOCS, api: ALL });
  await shell(team.tree('docs'), 'mkdir docs/new; git mv docs/b.txt docs/new/x.txt');
  await handOverWork(team.repository, 'docs');
  await shell(team.tree('api'), 'git rm -q docs/b.txt; mkdir -p docs; echo file > docs/new');
  await handOverWork(team.repository, 'api');
  const own = inOwn(team.repository, LEAD, never);
  const tips = await takeTeam(team.repository, own);
  const { conflicts } = await mergeTrees(tips.get('docs') ?? '', tips.get('api') ?? '', own);
  expect(conflicts).toEqual(expect.arrayContaining(['docs/new/x.txt']));
});
