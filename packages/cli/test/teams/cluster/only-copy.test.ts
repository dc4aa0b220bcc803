import type { AgentTeam } from '@agentteam/api';
import { checkObject } from '@agentteam/compiler';
import { expect, test } from '@jest/globals';
import { unpushedWork } from '../../../src/teams/cluster/only-copy.ts';

function teamWith(status: AgentTeam['status'], work: object): AgentTeam {
  const { team, problems } = checkObject({
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeam',
    metadata: { name: 'auth', namespace: 'dev' },
    spec: { ...work, lead: { prompt: 'Lead.' }, teammates: [{ name: 'api', prompt: 'Go.' }] },
  });
  if (team === undefined) throw new Error(JSON.stringify(problems));
  return { ...team, ...(status && { status }) };
}

const CODE = { repository: { url: 'https://git.example.com/a.git' } };
const startedAt = '2026-11-29T14:00:00Z';
const ended = { startedAt, completedAt: '2026-11-29T15:00:00Z' };

test('a command that fetches the work is named before a team is deleted', () => {
  const keep = 'agentteam outputs auth -n dev --context prod --to DIRECTORY';
  const choice = { context: 'prod' };
  expect(unpushedWork(teamWith(ended, CODE), choice)?.keep).toBe(keep);
  expect(unpushedWork(teamWith({ startedAt }, CODE), choice)?.keep).toBe(
    `wait until the team has ended, then run ${keep}`,
  );
});

test.each<[string, AgentTeam['status'], object]>([
  ['that has not started', undefined, CODE],
  ['whose branch was pushed', { ...ended, consolidatedBranch: 'teams/auth' }, CODE],
  ['without a repository', ended, { workspace: { output: {} } }],
])('a team %s is deleted without a question', (_which, status, work) => {
  expect(unpushedWork(teamWith(status, work), {})).toBeUndefined();
});
