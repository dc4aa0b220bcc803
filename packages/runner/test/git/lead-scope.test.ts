import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { takeTeam } from '../../src/git/handover/take.ts';
import { concludeMerge } from '../../src/git/merge/conclude.ts';
import { consolidate } from '../../src/git/merge/consolidate.ts';
import { consolidateWithLead } from '../../src/git/merge/with-lead.ts';
import { inOwn } from '../../src/git/options.ts';
import { verifyResult } from '../../src/git/verify.ts';
import { shell } from '../support/shell.ts';
import { include, makeCodingTeam, never, type TeammateOptions } from '../support/team.ts';
import { handOverCommit, handOverWork } from '../support/work.ts';

const BASE = { 'src/a.txt': 'one\n', 'docs/b.txt': 'one\n' };

const makeTeam = (teammates: Readonly<Record<string, TeammateOptions>>) =>
  makeCodingTeam(BASE, teammates, { scope: include('docs/') });

test('a lead with a scope gets one turn to undo changes outside it', async () => {
  const team = await makeTeam({ api: { scope: include('src/') } });
  await shell(team.tree('api'), 'echo two > src/a.txt');
  await handOverWork(team.repository, 'api');
  const lead = team.tree(LEAD);
  await shell(lead, 'echo plan > docs/plan.txt; echo evil > src/evil.txt');
  const messages: string[] = [];
  const { commit } = await consolidateWithLead(
    team.repository,
    team.session,
    async (message) => {
      messages.push(message);
      await shell(lead, 'rm src/evil.txt');
    },
    never,
  );
  expect(messages).toEqual([expect.stringContaining('"src/evil.txt": outside its scope')]);
  expect(await shell(lead, `git diff --name-only main ${commit}`)).toBe('docs/plan.txt\nsrc/a.txt');
});

test('a lead that does not undo them fails, with or without its teammates’ work', async () => {
  const team = await makeTeam({ api: { scope: include('src/') } });
  await handOverWork(team.repository, 'api');
  await shell(team.tree(LEAD), 'echo evil > src/a.txt');
  const attempt = consolidateWithLead(team.repository, team.session, async () => {}, never);
  await expect(attempt).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringContaining(
      'team-lead made changes that it is not allowed to make:\n- "src/a.txt"',
    ),
  });
});

test('the lead may edit files in conflict, and no others', async () => {
  const team = await makeTeam({ left: {}, right: {} });
  for (const name of ['left', 'right']) {
    await shell(team.tree(name), `echo ${name} > src/a.txt`);
    await handOverWork(team.repository, name);
  }
  const outcome = await consolidate(team.repository, team.session, never);
  if (outcome.status !== 'conflict') throw new Error(outcome.status);
  await writeFile(join(team.tree(LEAD), 'src/a.txt'), 'both\n');
  await writeFile(join(team.tree(LEAD), 'src/b.txt'), 'beside\n');
  expect(await concludeMerge(team.repository, outcome.conflict, never)).toEqual([]);
  expect(await consolidate(team.repository, team.session, never)).toMatchObject({
    status: 'violation',
    agent: LEAD,
    violations: [{ path: 'src/b.txt' }],
  });
  await shell(team.tree(LEAD), 'rm src/b.txt');
  expect(await consolidate(team.repository, team.session, never)).toMatchObject({
    status: 'merged',
  });
});

test("a teammate that hands over another's commit is refused", async () => {
  const team = await makeCodingTeam(BASE, {
    api: { scope: include('src/') },
    docs: { scope: include('docs/') },
  });
  await shell(team.tree('api'), 'echo two > src/a.txt');
  const commit = await handOverWork(team.repository, 'api');
  // Every agent can read the bundles in the state directory.
  const state = team.repository.state;
  await shell(state, 'cp api/work-* api/work.json docs/');
  await expect(consolidate(team.repository, team.session, never)).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringContaining(commit.slice(0, 12)),
  });
  const lead = inOwn(team.repository, LEAD, never);
  const tips = await takeTeam(team.repository, lead);
  await expect(verifyResult(team.repository, commit, tips, lead)).rejects.toMatchObject({
    exitCode: 65,
    message: expect.stringContaining(
      'docs made changes that it is not allowed to make:\n- "src/a.txt"',
    ),
  });
});

test('a teammate that merges another’s commit without its changes does not undo them', async () => {
  const team = await makeCodingTeam(
    BASE,
    { docs: { scope: include('docs/') }, api: { scope: include('src/') } },
    { scope: include('docs/') },
  );
  await shell(team.tree('api'), 'echo two > src/a.txt');
  const api = await handOverWork(team.repository, 'api');
  // The other agent's commit becomes a parent, without its files.
  await shell(
    team.tree('docs'),
    'git fetch -q "$STATE"/api/work-*.bundle refs/agentteam/work; echo new > docs/b.txt; git add .; git commit -qm docs; git merge -qs ours -m docs FETCH_HEAD',
    { STATE: team.repository.state },
  );
  const docs = await handOverWork(team.repository, 'docs');
  const refused = {
    exitCode: 65,
    message: expect.stringContaining(
      `The work of docs and of api both contain the commit ${api.slice(0, 12)}`,
    ),
  };
  await expect(consolidate(team.repository, team.session, never)).rejects.toMatchObject(refused);
  // If the lead merges it anyway, Deliver refuses the result.
  const lead = inOwn(team.repository, LEAD, never);
  const tips = await takeTeam(team.repository, lead);
  await expect(verifyResult(team.repository, docs, tips, lead)).rejects.toMatchObject(refused);
});

test('work that a teammate hands over again after the merge is checked again', async () => {
  const team = await makeCodingTeam(BASE, { api: { scope: include('src/') } });
  await shell(team.tree('api'), 'echo two > src/a.txt');
  await handOverWork(team.repository, 'api');
  expect((await consolidate(team.repository, team.session, never)).status).toBe('merged');
  const evil = await shell(
    team.tree('api'),
    'echo evil > docs/b.txt; git commit -qam evil; git rev-parse HEAD',
  );
  await handOverCommit(team.repository, 'api', evil);
  expect(await consolidate(team.repository, team.session, never)).toMatchObject({
    status: 'violation',
    agent: 'api',
    violations: [{ path: 'docs/b.txt' }],
  });
});
