import { ANNOTATIONS, CLI_FIELD_MANAGER } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Recorded, recordVotes, type User } from '../../src/approvals/record-votes.ts';
import { answerTo, type Gate } from '../../src/approvals/votes.ts';

const EVENT = 'deliver';
const APPROVED = `${ANNOTATIONS.approvedPrefix}${EVENT}`;
const VOTES = `${ANNOTATIONS.votesPrefix}${EVENT}`;
const AT = '2026-01-01T00:00:00Z';
const AUTHOR = 'carol';
const USERS: readonly User[] = [
  { username: AUTHOR, groups: ['editors'] },
  { username: 'alice', groups: ['editors'] },
  { username: 'bob', groups: [] },
  { username: 'dave' },
];
const FORGED = JSON.stringify(
  USERS.map(({ username: user }) => ({ user, decision: 'approve', at: AT })),
);

const gates = fc.record<Gate>({
  event: fc.constant(EVENT),
  channel: fc.constant('none'),
  approvers: fc.option(
    fc.record(
      { users: fc.subarray(['bob', AUTHOR]), groups: fc.constant(['editors']) },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
  requiredApprovals: fc.integer({ min: 1, max: 3 }),
  allowAuthor: fc.boolean(),
} as never);

const writes = fc.array(
  fc.record({
    user: fc.constantFrom(...USERS),
    /** None: something else about the team is changed. */
    answer: fc.option(fc.constantFrom('true', 'false')),
    forges: fc.boolean(),
  }),
  { maxLength: 12 },
);

function mayDecide({ approvers, allowAuthor }: Gate, { username, groups = [] }: User): boolean {
  const { users = [], groups: named = [] } = approvers ?? {};
  const listed = users.includes(username) || named.some((group) => groups.includes(group));
  return (approvers === undefined || listed) && (allowAuthor || username !== AUTHOR);
}

test('whatever is written in whatever order, a gate opens for those who may open it, and as many as it asks for', () => {
  fc.assert(
    fc.property(gates, writes, (gate, all) => {
      const votes = new Map<string, string>();
      let annotations: Readonly<Record<string, string>> = { [ANNOTATIONS.author]: AUTHOR };
      for (const { user, answer, forges } of all) {
        const wanted = {
          ...annotations,
          ...(answer !== null && { [APPROVED]: answer }),
          ...(forges && { [VOTES]: FORGED, [ANNOTATIONS.author]: 'mallory' }),
        };
        const votesNow = answer !== null && answer !== annotations[APPROVED];
        const before = annotations;
        const written: Recorded = recordVotes({
          ...{ user, author: undefined, at: AT, before, wanted, gates: [gate] },
        });
        expect('refused' in written).toBe(votesNow && !mayDecide(gate, user));
        if ('refused' in written) continue;
        ({ annotations } = written);
        if (votesNow) votes.set(user.username, answer);
        expect(annotations[ANNOTATIONS.author]).toBe(AUTHOR);
        // An answer that does not decide yet is taken away, so that the next one is one.
        const approvals = [...votes.values()].filter((vote) => vote === 'true').length;
        const rejected = [...votes.values()].includes('false');
        const decided = rejected || approvals >= (gate.requiredApprovals ?? 1);
        if (votesNow) expect(APPROVED in annotations).toBe(decided);
        const open = decided ? (rejected ? 'reject' : 'approve') : undefined;
        const restricted =
          gate.approvers !== undefined || gate.requiredApprovals > 1 || !gate.allowAuthor;
        const said = annotations[APPROVED];
        if (restricted) {
          // Whatever the annotation says, which anybody could write where no webhook runs.
          for (const seen of [annotations, { ...annotations, [APPROVED]: 'true' }]) {
            expect(answerTo(EVENT, gate, seen, undefined)?.decision).toBe(open);
          }
        } else if (said !== undefined) {
          const { decision, by = '' } = answerTo(EVENT, gate, annotations, undefined) ?? {};
          expect(decision).toBe(said === 'true' ? 'approve' : 'reject');
          for (const name of by.split(', ')) expect(votes.get(name)).toBe(said);
        }
      }
    }),
    { numRuns: 500 },
  );
});

const AUTHORLESS = {
  ...{ event: EVENT, channel: 'none', requiredApprovals: 1 },
  allowAuthor: false,
};
const written = (before: Readonly<Record<string, string>> | undefined, author?: string) =>
  recordVotes({
    ...{ user: { username: AUTHOR }, author, at: AT, before, gates: [AUTHORLESS as Gate] },
    wanted: { [APPROVED]: 'true' },
  });

test('an answer that is given with the team itself is its author’s', () => {
  expect(written(undefined, AUTHOR)).toEqual({
    refused: `${EVENT}: ${AUTHOR} made the team and may not decide`,
  });
});

test('where nobody knows who made the team, everybody might have', () => {
  expect(written({})).toMatchObject({ refused: expect.stringContaining('was not recorded') });
});

test('without the webhook the command line alone says who answered', () => {
  const annotations = {
    [APPROVED]: 'false',
    [`${ANNOTATIONS.byPrefix}${EVENT}`]: 'ann',
    [`${ANNOTATIONS.reasonPrefix}${EVENT}`]: 'too dear',
  };
  const by = (through: string) => answerTo(EVENT, undefined, annotations, through);
  expect(by(CLI_FIELD_MANAGER)).toEqual({ decision: 'reject', by: 'ann', reason: 'too dear' });
  expect(by('kubectl-annotate')).toMatchObject({ decision: 'reject', by: 'annotation' });
  expect(answerTo(EVENT, undefined, { [APPROVED]: 'yes' }, undefined)).toBeUndefined();
});

test.each([
  '[',
  '{}',
  '[null]',
  '["alice"]',
  '[{"user":"alice","decision":"approve"}]',
  '[{"user":7,"decision":"approve","at":"now"}]',
  '[{"user":"alice","decision":"maybe","at":"now"}]',
  '[{"user":"alice","decision":"approve","at":"now","reason":7}]',
])('votes that nobody could have given are none: %s', (votes) => {
  expect(answerTo(EVENT, AUTHORLESS as Gate, { [VOTES]: votes }, undefined)).toBeUndefined();
});
