import { ANNOTATIONS, CLI_FIELD_MANAGER, isRestricted } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { authorOf } from '../../src/approvals/author.ts';
import { type RecordResult, recordVotes, type User } from '../../src/approvals/record-votes.ts';
import {
  answerTo,
  authorsOf,
  type Gate,
  subjectOf,
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
    /** Null: the request changes something else. */
    answer: fc.option(fc.constantFrom('true', 'false')),
    reason: fc.option(fc.constantFrom('read it', 'too dear')),
    forges: fc.boolean(),
    /** The spec after the request. */
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

test('a gate opens for a spec only with the required number of approvers who voted on that spec, whatever is written in whatever order', () => {
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
        const written: RecordResult = recordVotes({
          ...{ user, author: undefined, at: AT, before, wanted, gates: [gate], gatesAfter: [gate] },
          ...{ spec, specChanged: spec !== current, isRunning: false },
        });
        const changing = spec === current ? authors : new Set([...authors, user.username]);
        expect('refused' in written).toBe(votesNow && !mayDecide(gate, user, changing));
        if ('refused' in written) continue;
        // Everyone who changes the spec becomes an author.
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
          const subject = subjectOf(annotations, about);
          const result = tally(gate, votesOf(annotations, EVENT), subject);
          expect(result?.decision).toBe(open);
          for (const name of result?.by.split(', ') ?? []) {
            expect(votes.get(name)).toMatchObject({ spec: about });
          }
          const reasons = counted.flatMap(([, vote]) => vote.reason ?? []);
          for (const one of result?.reason?.split('; ') ?? []) expect(reasons).toContain(one);
          // An answer that does not decide is removed, so that the next person can answer.
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
const PLAIN = { author: undefined, at: AT, spec: SPEC, specChanged: false, isRunning: false };
const written = (
  before: Readonly<Record<string, string>> | undefined,
  author?: string,
  answer = 'true',
) =>
  recordVotes({
    ...{
      ...PLAIN,
      user: { username: AUTHOR },
      author,
      before,
      gates: [AUTHORLESS],
      gatesAfter: [AUTHORLESS],
    },
    wanted: { ...before, [APPROVED]: answer },
  });

test('an answer in the request that creates the team counts as the author’s', () => {
  expect(written(undefined, AUTHOR)).toEqual({
    refused: `${EVENT}: ${AUTHOR} created the team and may not answer this gate`,
  });
});

test.each([{}, { [ANNOTATIONS.author]: 'unknown' }])(
  'only a rejection counts if the author of the team is unknown: %j',
  (before) => {
    expect(written(before)).toMatchObject({
      refused: expect.stringContaining('nobody can approve this gate'),
    });
    expect(written(before, undefined, 'false')).toHaveProperty('annotations');
    const votes = [{ user: 'alice', decision: 'approve', at: AT, spec: SPEC } as const];
    expect(tally(AUTHORLESS, votes, subjectOf(before, SPEC))).toBeUndefined();
  },
);

test('the author behind a service account is unknown', () => {
  expect(authorOf('system:serviceaccount:team-a:agentteam-submitter')).toBe('unknown');
  expect(authorOf('ada')).toBe('ada');
});

test.each<[string, Partial<Gate>, string, boolean]>([
  ['several people', { requiredApprovals: 2 }, 'true', false],
  ['anybody but the authors', { allowAuthor: false }, 'true', false],
  ['several people', { requiredApprovals: 2 }, 'false', true],
  [
    'approvers that name it',
    { approvers: { users: ['system:serviceaccount:ci:bot'] } },
    'true',
    true,
  ],
  ['approvers that name its group', { approvers: { groups: ['bots'] } }, 'true', true],
  ['anybody', {}, 'true', true],
])('of %s: %j, a service account that says %s counts: %s', (_, rules, answer, counts) => {
  const before = { [ANNOTATIONS.author]: AUTHOR };
  const recorded = recordVotes({
    ...{ ...PLAIN, before, gates: [{ ...OPEN, ...rules }], gatesAfter: [{ ...OPEN, ...rules }] },
    user: { username: 'system:serviceaccount:ci:bot', groups: ['bots'] },
    wanted: { ...before, [APPROVED]: answer },
  });
  if (counts) expect(recorded).toHaveProperty('annotations');
  else expect(recorded).toEqual({ refused: expect.stringContaining('is a service account') });
});

test('changing the spec before the start withdraws the answers and names the voters', () => {
  const before = {
    [APPROVED]: 'true',
    [VOTES]: JSON.stringify([{ user: 'alice', decision: 'approve', at: AT, spec: SPEC }]),
  };
  const change = {
    ...PLAIN,
    user: { username: 'dave' },
    before,
    gates: [OPEN],
    gatesAfter: [OPEN],
  };
  const changed = recordVotes({
    ...change,
    wanted: before,
    ...{ spec: 'another spec', specChanged: true },
  });
  expect(changed).toEqual({
    annotations: { [VOTES]: before[VOTES], [ANNOTATIONS.editors]: '["dave"]' },
    warnings: [
      `${EVENT}: the answers of alice no longer count, because they are for the earlier spec`,
    ],
  });
  expect(recordVotes({ ...change, wanted: before })).toEqual({ annotations: before, warnings: [] });
});

test('a person who changes the spec cannot approve it if authors may not approve', () => {
  const made = { [ANNOTATIONS.author]: AUTHOR };
  const change = { ...PLAIN, author: undefined, gates: [AUTHORLESS], gatesAfter: [AUTHORLESS] };
  const changed = recordVotes({
    ...{ ...change, user: { username: 'dave' }, before: made, wanted: made },
    ...{ spec: 'another spec', specChanged: true },
  });
  if ('refused' in changed) throw new Error(changed.refused);
  const { annotations: before } = changed;
  const vote = (username: string, wanted = before) =>
    recordVotes({
      ...{ ...change, user: { username }, before, spec: 'another spec' },
      wanted: { ...wanted, [APPROVED]: 'true' },
    });
  const refused = `${EVENT}: dave changed the team's spec and may not answer this gate`;
  expect(vote('dave')).toEqual({ refused });
  expect(vote('dave', made)).toEqual({ refused });
  expect(vote(AUTHOR)).toHaveProperty('refused');
  expect(vote('bob')).toHaveProperty('annotations');
});

test('a malformed list of editors counts as an unknown author', () => {
  for (const editors of ['[', '{}', '[7]', '"dave"']) {
    const annotations = { [ANNOTATIONS.author]: AUTHOR, [ANNOTATIONS.editors]: editors };
    expect(authorsOf(annotations)).toContain('unknown');
  }
});

test.each([
  ['drops the votes', true, false],
  ['keeps the votes', false, true],
])('withdrawing a rejection %s (the gate can reopen: %s)', (_, reopens, kept) => {
  const votes = JSON.stringify([{ user: 'alice', decision: 'reject', at: AT, spec: SPEC }]);
  const before = { [ANNOTATIONS.author]: AUTHOR, [APPROVED]: 'false', [VOTES]: votes };
  const { [APPROVED]: _taken, ...wanted } = before;
  const recorded = recordVotes({
    ...{ ...PLAIN, user: { username: 'bob' }, before, wanted, gates: [OPEN], gatesAfter: [OPEN] },
    reopens: (event) => reopens && event === EVENT,
  });
  expect('annotations' in recorded && VOTES in recorded.annotations).toBe(kept);
});

test('a reason from before the vote does not belong to the voter', () => {
  const before = { [REASON]: 'I agree with everything' };
  const vote = recordVotes({
    ...{ ...PLAIN, user: { username: 'bob' }, before, gates: [OPEN], gatesAfter: [OPEN] },
    wanted: { ...before, [APPROVED]: 'true' },
  });
  if ('refused' in vote) throw new Error(vote.refused);
  expect(votesOf(vote.annotations, EVENT)).toEqual([
    { user: 'bob', decision: 'approve', at: AT, spec: SPEC },
  ]);
  expect(vote.annotations).not.toHaveProperty(REASON);
});

test('without the webhook only the command line names the person', () => {
  const annotations = {
    [APPROVED]: 'false',
    [`${ANNOTATIONS.byPrefix}${EVENT}`]: 'ann',
    [REASON]: 'too dear',
  };
  const by = (manager: string) => answerTo(EVENT, annotations, manager, SPEC);
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
])('ignores malformed votes: %s', (votes) => {
  expect(votesOf({ [VOTES]: votes }, EVENT)).toEqual([]);
});

test('nobody votes in the request that makes others the approvers', () => {
  const approvers = { users: ['alice'] };
  const vote = (before: Gate, after: Gate) =>
    recordVotes({
      ...{ ...PLAIN, specChanged: true, user: { username: 'dave' }, before: {} },
      ...{ gates: [before], gatesAfter: [after], wanted: { [APPROVED]: 'true' } },
    });
  const refused = { refused: expect.stringContaining('in a request of its own') };
  expect(vote(OPEN, { ...OPEN, approvers })).toEqual(refused);
  expect(vote(OPEN, { ...OPEN, requiredApprovals: 2 })).toEqual(refused);
  expect(vote(OPEN, { ...OPEN, event: 'spawn-writer' })).toEqual(refused);
  expect(vote(OPEN, { ...OPEN, channel: 'slack' })).toHaveProperty('annotations');
});

test('whoever changes the spec during the run may not approve it for a retry, and answers stay', () => {
  const answered = { [APPROVED]: 'true' };
  const change = { ...PLAIN, gates: [AUTHORLESS], gatesAfter: [AUTHORLESS], before: answered };
  const changed = recordVotes({
    ...{ ...change, user: { username: 'dave' }, wanted: answered },
    ...{ specChanged: true, isRunning: true },
  });
  if ('refused' in changed) throw new Error(changed.refused);
  expect(changed.annotations).toMatchObject(answered);
  expect(authorsOf(changed.annotations)).toContain('dave');
});
