import type { AgentTeam } from '@agentteam/api';
import { expect, test } from '@jest/globals';
import { adjustTeam } from '../../src/run/adjust-team.ts';

const team = (lifecycle: object): AgentTeam =>
  ({
    metadata: { name: 'crew' },
    spec: { lead: { prompt: 'Lead.' }, teammates: [], lifecycle },
  }) as unknown as AgentTeam;
const tokenOf = (lifecycle: object, rehearsalUrl?: string) =>
  adjustTeam(team(lifecycle), rehearsalUrl === undefined ? {} : { rehearsalUrl }).spec.lifecycle
    .githubTokenSecret;

test('a team that opens a pull request can be rehearsed without a token', () => {
  expect(tokenOf({ onComplete: 'create-pr' }, 'http://127.0.0.1:1')).toBeDefined();
  expect(tokenOf({ onComplete: 'create-pr', githubTokenSecret: 'own' }, 'http://x')).toBe('own');
});

test('a real run uses only the token that the team names', () => {
  expect(tokenOf({ onComplete: 'create-pr' })).toBeUndefined();
  expect(tokenOf({ onComplete: 'push-branch' }, 'http://127.0.0.1:1')).toBeUndefined();
});
