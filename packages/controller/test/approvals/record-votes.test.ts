import { ANNOTATIONS, CLI_FIELD_MANAGER, isRestricted } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { authorOf } from '../../src/approvals/author.ts';
import { type Recorded, recordVotes, type User } from '../../src/approvals/record-votes.ts';
import {
  answerTo,
  authorsOf,
  ballotOf,
  type Gate,
  tally,
  votesOf,
} from '../../src/approvals/votes.ts';

const EVENT = 'deliver';
const SPEC = 'the first spec';
const APPROVED = `${ANNOTATIONS.approvedPrefix}${EVENT}`;
const REASON = `${ANNOTATIONS.reasonPrefix}${EVENT}`;
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
  USERS.map(({ username: user }) => ({ user, decision: 'approve', at: AT, spec: SPEC })),
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

const SPECS = [SPEC, 'another spec'];

const writes = fc.array(
  fc.record({
    user: fc.constantFrom(...USERS),
    /** None: something else about the team is changed. */
    answer: fc.option(fc.constantFrom('true', 'false')),
    reason: fc.option(fc.constantFrom('read it', 'too dear')),
    forges: fc.boolean(),
    /** The spec that the request leaves behind. */
    spec: fc.constantFrom(...SPECS),
  }),
  { maxLength: 12 },
);

function mayDecide(
  { approvers, allowAuthor }: Gate,
  { username, groups = [] }: User,
  authors: ReadonlySet<string>,
): boolean {
  const { users = [], groups: named = [] } = approvers ?? {};
  const listed = users.includes(username) || named.some((group) => groups.includes(group));
  return (approvers === undefined || listed) && (allowAuthor || !authors.has(username));
}

test('whatever is written in whatever order, a gate opens for a spec only by as many of its approvers as it asks for, who saw that spec', () => {
  fc.assert(
    fc.property(gates, writes, (gate, all) => {
      const votes = new Map<string, { answer: string; spec: string; reason: string | undefined }>();
      let annotations: Readonly<Record<string, string>> = { [ANNOTATIONS.author]: AUTHOR };
      let current = SPEC;
      const authors = new Set([AUTHOR]);
      for (const { user, answer, reason, forges, spec } of all) {
        const before = annotations;
        const wanted = {
          ...before,
          ...(answer !== null && { [APPROVED]: answer }),
          ...(reason !== null && { [REASON]: reason }),
          ...(forges && {
            [VOTES]: FORGED,
            [ANNOTATIONS.author]: 'mallory',
            [ANNOTATIONS.editors]: '[]',
          }),
        };
        const votesNow = answer !== null && answer !== before[APPROVED];
        const written: Recorded = recordVotes({
          ...{ user, author: undefined, at: AT, before, wanted, gates: [gate] },
          ...{ spec, respecified: spec !== current },
        });
        const changing = spec === current ? authors : new Set([...authors, user.username]);
        expect('refused' in written).toBe(votesNow && !mayDecide(gate, user, changing));
        if ('refused' in written) continue;
        // Who changes the spec is one of its authors from then on.
        for (const one of changing) authors.add(one);
        ({ annotations } = written);
        current = spec;
        const given = reason !== null && reason !== before[REASON] ? reason : undefined;
        if (votesNow) votes.set(user.username, { answer, spec, reason: given });
        expect(annotations[ANNOTATIONS.author]).toBe(AUTHOR);
        for (const about of SPECS) {
          const counted = [...votes].filter(
            ([name, vote]) => vote.spec === about && (gate.allowAuthor || !authors.has(name)),
          );
          const rejected = counted.some(([, vote]) => vote.answer === 'false');
          const enough = counted.length >= Math.max(1, gate.requiredApprovals);
          const open = rejected ? 'reject' : enough ? 'approve' : undefined;
          const ballot = ballotOf(annotations, about);
          const result = tally(gate, votesOf(annotations, EVENT), ballot);
          expect(result?.decision).toBe(open);
          for (const name of result?.by.split(', ') ?? []) {
            expect(votes.get(name)).toMatchObject({ spec: about });
          }
          const reasons = counted.flatMap(([, vote]) => vote.reason ?? []);
          for (const one of result?.reason?.split('; ') ?? []) expect(reasons).toContain(one);
          // An answer that does not decide yet is taken away, so that the next one is one.
          if (votesNow && about === spec) expect(APPROVED in annotations).toBe(open !== undefined);
          if (isRestricted(gate)) continue;
          const answered = answerTo(EVENT, annotations, undefined, about);
          if (votes.size > 0 && answered !== undefined && answered.by !== 'annotation') {
            for (const name of answered.by.split(', ')) {
              expect(votes.get(name)).toMatchObject({ spec: about, answer: annotations[APPROVED] });
            }
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});

const AUTHORLESS = {
  ...{ event: EVENT, channel: 'none', requiredApprovals: 1 },
  allowAuthor: false,
} as Gate;
const OPEN = { ...AUTHORLESS, allowAuthor: true } as Gate;
const PLAIN = { author: undefined, at: AT, spec: SPEC, respecified: false };
const written = (
  before: Readonly<Record<string, string>> | undefined,
  author?: string,
  answer = 'true',
) =>
  recordVotes({
    ...{ ...PLAIN, user: { username: AUTHOR }, author, before, gates: [AUTHORLESS] },
    wanted: { ...before, [APPROVED]: answer },
  });

test('an answer that is given with the team itself is its author’s', () => {
  expect(written(undefined, AUTHOR)).toEqual({
    refused: `${EVENT}: ${AUTHOR} made the team and may not decide`,
  });
});

test.each([{}, { [ANNOTATIONS.author]: 'unknown' }])(
  'where it is not known who made the team, everybody may have, and only a rejection counts: %j',
  (before) => {
    expect(written(before)).toMatchObject({ refused: expect.stringContaining('not known') });
    expect(written(before, undefined, 'false')).toHaveProperty('annotations');
    const votes = [{ user: 'alice', decision: 'approve', at: AT, spec: SPEC } as const];
    expect(tally(AUTHORLESS, votes, ballotOf(before, SPEC))).toBeUndefined();
  },
);

test('a service account is no person', () => {
  expect(authorOf('system:serviceaccount:team-a:agentteam-submitter')).toBe('unknown');
  expect(authorOf('ada')).toBe('ada');
});

test('a change of the spec before the start takes the answers back, and says whose', () => {
  const before = {
    [APPROVED]: 'true',
    [VOTES]: JSON.stringify([{ user: 'alice', decision: 'approve', at: AT, spec: SPEC }]),
  };
  const change = { ...PLAIN, user: { username: 'dave' }, before, gates: [OPEN] };
  const changed = recordVotes({
    ...change,
    wanted: before,
    ...{ spec: 'another spec', respecified: true },
  });
  expect(changed).toEqual({
    annotations: { [VOTES]: before[VOTES], [ANNOTATIONS.editors]: '["dave"]' },
    warnings: [
      `${EVENT}: the answers of alice were for the earlier spec and do not count any more`,
    ],
  });
  expect(recordVotes({ ...change, wanted: before })).toEqual({ annotations: before, warnings: [] });
});

test('who changes the spec cannot approve the change where authors may not approve', () => {
  const made = { [ANNOTATIONS.author]: AUTHOR };
  const change = { ...PLAIN, author: undefined, gates: [AUTHORLESS] };
  const changed = recordVotes({
    ...{ ...change, user: { username: 'dave' }, before: made, wanted: made },
    ...{ spec: 'another spec', respecified: true },
  });
  if ('refused' in changed) throw new Error(changed.refused);
  const { annotations: before } = changed;
  const vote = (username: string, wanted = before) =>
    recordVotes({
      ...{ ...change, user: { username }, before, spec: 'another spec' },
      wanted: { ...wanted, [APPROVED]: 'true' },
    });
  const refused = `${EVENT}: dave changed the team's spec and may not decide`;
  expect(vote('dave')).toEqual({ refused });
  expect(vote('dave', made)).toEqual({ refused });
  expect(vote(AUTHOR)).toHaveProperty('refused');
  expect(vote('bob')).toHaveProperty('annotations');
});

test('what says who changed a team, and cannot be read, says that it may have been anybody', () => {
  for (const editors of ['[', '{}', '[7]', '"dave"']) {
    const annotations = { [ANNOTATIONS.author]: AUTHOR, [ANNOTATIONS.editors]: editors };
    expect(authorsOf(annotations)).toContain('unknown');
  }
});

test.each([
  ['asks anew', true, false],
  ['changes nothing', false, true],
])('to take a rejection back %s where the gate can reopen: %s', (_, reopens, kept) => {
  const votes = JSON.stringify([{ user: 'alice', decision: 'reject', at: AT, spec: SPEC }]);
  const before = { [ANNOTATIONS.author]: AUTHOR, [APPROVED]: 'false', [VOTES]: votes };
  const { [APPROVED]: _taken, ...wanted } = before;
  const recorded = recordVotes({
    ...{ ...PLAIN, user: { username: 'bob' }, before, wanted, gates: [OPEN] },
    reopens: (event) => reopens && event === EVENT,
  });
  expect('annotations' in recorded && VOTES in recorded.annotations).toBe(kept);
});

test('a reason that was written before the vote is not this voter’s', () => {
  const before = { [REASON]: 'I agree with everything' };
  const vote = recordVotes({
    ...{ ...PLAIN, user: { username: 'bob' }, before, gates: [OPEN] },
    wanted: { ...before, [APPROVED]: 'true' },
  });
  if ('refused' in vote) throw new Error(vote.refused);
  expect(votesOf(vote.annotations, EVENT)).toEqual([
    { user: 'bob', decision: 'approve', at: AT, spec: SPEC },
  ]);
  expect(vote.annotations).not.toHaveProperty(REASON);
});

test('without the webhook the command line alone says who answered', () => {
  const annotations = {
    [APPROVED]: 'false',
    [`${ANNOTATIONS.byPrefix}${EVENT}`]: 'ann',
    [REASON]: 'too dear',
  };
  const by = (through: string) => answerTo(EVENT, annotations, through, SPEC);
  expect(by(CLI_FIELD_MANAGER)).toEqual({ decision: 'reject', by: 'ann', reason: 'too dear' });
  expect(by('kubectl-annotate')).toMatchObject({ decision: 'reject', by: 'annotation' });
  expect(answerTo(EVENT, { [APPROVED]: 'yes' }, undefined, SPEC)).toBeUndefined();
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
  '[{"user":"alice","decision":"approve","at":"now","spec":7}]',
])('votes that nobody could have given are none: %s', (votes) => {
  expect(votesOf({ [VOTES]: votes }, EVENT)).toEqual([]);
});
