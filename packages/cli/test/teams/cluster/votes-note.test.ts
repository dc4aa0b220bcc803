import type { AgentTeam } from '@agentteam/api';
import { expect, test } from '@jest/globals';
import { votesNote } from '../../../src/teams/cluster/votes-note.ts';

const team = (votes: unknown, requiredApprovals = 2) =>
  ({
    metadata: {
      name: 'x',
      annotations: {
        'votes.claude.amcheste.io/deliver':
          typeof votes === 'string' ? votes : JSON.stringify(votes),
      },
    },
    spec: { lifecycle: { approvalGates: [{ event: 'deliver', requiredApprovals }] } },
  }) as unknown as AgentTeam;
const vote = (user: string, spec: string, decision = 'approve') => ({ user, spec, decision });

test.each([
  ['one of two', [vote('ada', 'new')], '1 of 2 approvals; 1 more needed'],
  ['both', [vote('ada', 'new'), vote('bob', 'new')], undefined],
  [
    'one for an earlier spec',
    [vote('ada', 'old'), vote('bob', 'new')],
    '1 of 2 approvals; 1 more needed; the answers of ada do not count, because the spec has changed since',
  ],
  ['a rejection', [vote('ada', 'new', 'reject')], undefined],
  ['no votes', [], undefined],
  ['an invalid annotation', '{', undefined],
])('explains the effect of an answer: %s', (_case, votes, note) => {
  expect(votesNote(team(votes), 'deliver')).toBe(note);
});
