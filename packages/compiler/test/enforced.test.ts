import type { AgentTeamRun, AgentTeamTemplate } from '@agentteam/api';
import { parseDuration } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inScope } from '../../runner/src/git/scope/rules.ts';
import { checkEnforced, checkTemplate, teamOfRun } from '../src/index.ts';
import { isNarrower } from '../src/template/enforced/narrower.ts';
import { mergeRun } from '../src/template/merge.ts';

const API_VERSION = 'claude.amcheste.io/v1alpha1';
const ALL = ['gates', 'budget', 'timeout', 'scope', 'qualityGates'] as const;
const template = (spec: object): AgentTeamTemplate =>
  ({
    apiVersion: API_VERSION,
    kind: 'AgentTeamTemplate',
    metadata: { name: 'mailing', namespace: 'sales' },
    spec: {
      teammates: [
        { name: 'researcher', prompt: 'Research.', scope: { includePaths: ['docs/'] } },
        { name: 'mailer', prompt: 'Mail.', scope: { includePaths: ['mail/', 'lists/'] } },
      ],
      ...spec,
    },
  }) as unknown as AgentTeamTemplate;
const run = (spec: object): AgentTeamRun =>
  ({
    apiVersion: API_VERSION,
    kind: 'AgentTeamRun',
    metadata: { name: 'q4', namespace: 'sales' },
    spec: {
      templateRef: { name: 'mailing' },
      workspace: { output: {} },
      auth: { apiKeySecret: 'key' },
      lead: { prompt: 'Lead.' },
      ...spec,
    },
  }) as unknown as AgentTeamRun;
const enforcedIn = (from: AgentTeamTemplate, of: AgentTeamRun) =>
  teamOfRun(from, of).problems.filter(({ code }) => code === 'enforced');
const places = (from: AgentTeamTemplate, of: AgentTeamRun) =>
  enforcedIn(from, of).map(({ path }) => path.slice(1).join('.'));

const money = fc.constantFrom('0.50', '5.00', '5000.00', '10');
const duration = fc.constantFrom('90s', '30m', '1h', '2h30m', '1d');
const onLimit = fc.constantFrom('finish', 'cut', 'reserve');
const gate = fc.record(
  {
    event: fc.constantFrom('spawn-mailer', 'spawn-researcher'),
    approvers: fc.record(
      { users: fc.subarray(['ada', 'bob']), groups: fc.subarray(['managers', 'legal']) },
      { requiredKeys: [] },
    ),
    requiredApprovals: fc.integer({ min: 1, max: 3 }),
    allowAuthor: fc.boolean(),
  },
  { requiredKeys: ['event'] },
);
const gates = fc.uniqueArray(gate, { selector: ({ event }) => event, maxLength: 2 });
const lifecycle = fc.record(
  { budgetLimit: money, onLimit, timeout: duration, approvalGates: gates },
  { requiredKeys: [] },
);
/** A lifecycle with every field that a template can enforce. */
const enforceable = fc.record(
  { budgetLimit: money, onLimit, timeout: duration, approvalGates: gates },
  { requiredKeys: ['budgetLimit', 'timeout', 'approvalGates'] },
);
type Gate = Record<string, unknown> & {
  readonly event: string;
  readonly approvers?: { readonly users?: readonly string[]; readonly groups?: readonly string[] };
};
type Lifecycle = {
  readonly budgetLimit?: string;
  readonly onLimit?: string;
  readonly timeout?: string;
  readonly approvalGates?: readonly Gate[];
};

const PEOPLE = ['ada', 'bob', 'carol'].flatMap((name) =>
  [[], ['managers'], ['legal'], ['managers', 'legal']].map((groups) => ({ name, groups })),
);
const mayApprove = ({ approvers }: Gate, { name, groups }: (typeof PEOPLE)[number]) =>
  approvers === undefined ||
  approvers.users?.includes(name) === true ||
  groups.some((group) => approvers.groups?.includes(group));

describe('a run of a template that enforces', () => {
  test('everything is never looser than the template', () => {
    fc.assert(
      fc.property(enforceable, lifecycle, (bound: Lifecycle, own: Lifecycle) => {
        const from = template({ enforced: ['gates', 'budget', 'timeout'], lifecycle: bound });
        const merged = mergeRun(from, run({ lifecycle: own }));
        fc.pre(checkEnforced(from, merged).length === 0);
        const now = merged.spec['lifecycle'] as Lifecycle;
        expect(Number(now.budgetLimit)).toBeLessThanOrEqual(Number(bound.budgetLimit));
        const strictness = ['finish', 'cut', 'reserve'];
        expect(strictness.indexOf(now.onLimit ?? 'finish')).toBeGreaterThanOrEqual(
          strictness.indexOf(bound.onLimit ?? 'finish'),
        );
        expect(parseDuration(now.timeout ?? '')).toBeLessThanOrEqual(
          parseDuration(bound.timeout ?? '') ?? 0,
        );
        for (const wanted of bound.approvalGates ?? []) {
          const found = now.approvalGates?.find(({ event }) => event === wanted.event) as Gate;
          expect(found).toBeDefined();
          for (const person of PEOPLE) {
            if (mayApprove(found, person)) expect(mayApprove(wanted, person)).toBe(true);
          }
          const required = (one: Gate) => Number(one['requiredApprovals'] ?? 1);
          expect(required(found)).toBeGreaterThanOrEqual(required(wanted));
          if (wanted['allowAuthor'] === false) expect(found['allowAuthor']).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('may leave every enforced field to the template', () => {
    fc.assert(
      fc.property(lifecycle, fc.subarray([...ALL]), (bound, enforced) => {
        const lead = { prompt: 'Lead.', scope: { includePaths: ['docs/'] } };
        const from = template({ enforced, lifecycle: bound, qualityGates: { requireTests: true } });
        fc.pre(checkTemplate(from).problems.length === 0);
        expect(enforcedIn(from, run({ lead }))).toEqual([]);
      }),
    );
  });
});

test('gates includes who may answer questions of agents', () => {
  const questions = { answerers: { users: ['ada', 'bob'], groups: ['managers'] } };
  const approvalGates = [{ event: 'deliver', channel: 'none' }];
  const from = template({ enforced: ['gates'], lifecycle: { approvalGates, questions } });
  const answeredBy = (answerers: object) => run({ lifecycle: { questions: { answerers } } });
  expect(places(from, run({}))).toEqual([]);
  expect(places(from, answeredBy({ users: ['ada'], groups: [] }))).toEqual([]);
  expect(enforcedIn(from, answeredBy({ users: ['ada', 'eve'] }))).toEqual([
    {
      code: 'enforced',
      path: ['spec', 'lifecycle', 'questions', 'answerers'],
      message:
        '`lifecycle.questions.answerers` allows other people to answer: template `mailing` enforces `gates`',
      hint: 'use only: ada, bob, group managers',
    },
  ]);
  expect(places(from, answeredBy({ groups: ['everybody'] }))).toEqual([
    'lifecycle.questions.answerers',
  ]);
});

test('a problem names the field, the template and a solution', () => {
  const from = template({ enforced: ['budget'], lifecycle: { budgetLimit: '5.00' } });
  expect(enforcedIn(from, run({ lifecycle: { budgetLimit: '5000.00' } }))).toEqual([
    {
      code: 'enforced',
      path: ['spec', 'lifecycle', 'budgetLimit'],
      message: '`lifecycle.budgetLimit` is 5000.00: template `mailing` enforces `budget`',
      hint: 'remove it, or set at most 5.00',
    },
  ]);
});

test.each<[string, object, readonly string[]]>([
  ['lead without a scope', { lead: { prompt: 'Lead.' } }, ['lead.scope']],
  [
    'lead with a wider scope',
    { lead: { prompt: 'Lead.', scope: { includePaths: ['src/'] } } },
    ['lead.scope'],
  ],
  [
    'shared worktree',
    {
      lead: { prompt: 'Lead.', scope: { includePaths: ['mail/', 'docs/a'] } },
      repository: { url: 'https://git.example/x.git', worktreeStrategy: 'shared' },
    },
    ['repository.worktreeStrategy'],
  ],
])('a template that enforces scopes refuses a %s', (_what, spec, expected) => {
  expect(places(template({ enforced: ['scope'] }), run(spec))).toEqual(expected);
});

test('enforced quality gates cannot be turned off', () => {
  const qualityGates = { requireTests: true, validationScript: 'make check' };
  const from = template({ enforced: ['qualityGates'], qualityGates });
  const loosened = { ...run({}), spec: { ...run({}).spec, qualityGates: { requireTests: false } } };
  expect(enforcedIn(from, run({}))).toEqual([]);
  expect(places(from, loosened as AgentTeamRun)).toEqual(['qualityGates.requireTests']);
});

test.each<[string, object, string]>([
  ['gates', {}, 'lifecycle.approvalGates'],
  ['budget', {}, 'lifecycle.budgetLimit'],
  ['timeout', {}, 'lifecycle.timeout'],
  ['qualityGates', {}, 'qualityGates'],
  ['scope', { teammates: [{ name: 'a', prompt: 'A.' }] }, 'includePaths'],
])('a template that enforces %s must set it', (name, spec, field) => {
  const { problems } = checkTemplate(template({ enforced: [name], ...spec }));
  expect(problems).toMatchObject([{ code: 'nothing-to-enforce', path: ['spec', 'enforced', 0] }]);
  expect(problems[0]?.message).toContain(field);
});

test('a narrower scope allows only changes that one of the other scopes allows', () => {
  const part = fc.constantFrom('a', 'b', 'A', 'a.b', 'a\u200d');
  const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const rule = fc.tuple(path, fc.constantFrom('', '/')).map(([text, end]) => `${text}${end}`);
  const scope = fc.record({
    includePaths: fc.array(rule, { maxLength: 2 }),
    excludePaths: fc.array(rule, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(
      scope,
      fc.array(scope, { minLength: 1, maxLength: 3 }),
      path,
      (own, others, file) => {
        fc.pre(isNarrower(own, others));
        if (inScope(file, own)) expect(others.some((other) => inScope(file, other))).toBe(true);
        expect(isNarrower(own, [own])).toBe(true);
      },
    ),
    { numRuns: 2000, maxSkipsPerRun: 1000 },
  );
});
