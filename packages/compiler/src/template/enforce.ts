import type { AgentTeamTemplate, ApprovalGate } from '@agentteam/api';
import type { Problem } from '../problem.ts';
import { parseDuration } from '../resolve/duration.ts';
import type { MergedTeam } from './merge.ts';
import { isNarrower, type Scope } from './narrower.ts';

export type Enforced = NonNullable<AgentTeamTemplate['spec']['enforced']>[number];

/** As far as it is compared: neither the template nor the team has its defaults. */
interface Bounded {
  readonly lead?: { readonly scope?: Scope };
  readonly teammates?: readonly { readonly name: string; readonly scope?: Scope }[];
  readonly repository?: { readonly worktreeStrategy?: string };
  readonly lifecycle?: {
    readonly budgetLimit?: string;
    readonly onLimit?: string;
    readonly timeout?: string;
    readonly approvalGates?: readonly Partial<ApprovalGate>[];
  };
  readonly qualityGates?: {
    readonly requireTests?: boolean;
    readonly requireLint?: boolean;
    readonly validationScript?: string;
  };
}

/** A field of the team that is looser than the template lets it be. */
interface Loose {
  readonly path: Problem['path'];
  /** What is wrong, after the field's name. */
  readonly message: string;
  readonly hint: string;
}

type Comparison = (bound: Bounded, team: Bounded) => readonly Loose[];

/** A name in `enforced` that has no comparison does not compile. */
const COMPARISONS: Readonly<Record<Enforced, Comparison>> = {
  gates: compareGates,
  budget: compareBudget,
  timeout: compareTimeout,
  scope: compareScope,
  qualityGates: compareQualityGates,
};

/** What a template must say itself before it can enforce it, and in which field. */
const NEEDED: Readonly<Record<Enforced, readonly [string, (bound: Bounded) => boolean]>> = {
  gates: [
    'lifecycle.approvalGates',
    ({ lifecycle }) => (lifecycle?.approvalGates ?? []).length > 0,
  ],
  budget: ['lifecycle.budgetLimit', ({ lifecycle }) => lifecycle?.budgetLimit !== undefined],
  timeout: ['lifecycle.timeout', ({ lifecycle }) => lifecycle?.timeout !== undefined],
  scope: [
    'the scope of each teammate, with includePaths',
    ({ teammates = [] }) => teammates.every(({ scope }) => includes(scope).length > 0),
  ],
  qualityGates: ['qualityGates', ({ qualityGates }) => qualityGates !== undefined],
};

/** What is looser in a team than the template that it is made of lets it be. */
export function checkEnforced(template: AgentTeamTemplate, team: MergedTeam): readonly Problem[] {
  const { enforced = [], ...bound } = template.spec;
  return enforced.flatMap((name) =>
    COMPARISONS[name](bound as Bounded, team.spec as Bounded).map(
      ({ path, message, hint }): Problem => ({
        code: 'enforced',
        path: ['spec', ...path],
        message: `\`${path.filter((part) => typeof part === 'string').join('.')}\` ${message}: template \`${template.metadata.name}\` enforces \`${name}\``,
        hint,
      }),
    ),
  );
}

/** Names in `enforced` that the template itself says nothing about. */
export function checkEnforcing({ spec }: AgentTeamTemplate): readonly Problem[] {
  const { enforced = [], ...bound } = spec;
  return enforced.flatMap((name, index) => {
    const [field, says] = NEEDED[name];
    if (says(bound as Bounded)) return [];
    return [
      {
        code: 'nothing-to-enforce',
        path: ['spec', 'enforced', index],
        message: `\`${name}\` is enforced, and the template does not set ${field}`,
        hint: `set ${field}, or remove \`${name}\` from spec.enforced`,
      },
    ];
  });
}

const GATES = ['lifecycle', 'approvalGates'] as const;

function compareGates({ lifecycle: bound }: Bounded, { lifecycle }: Bounded): readonly Loose[] {
  const gates = lifecycle?.approvalGates ?? [];
  return (bound?.approvalGates ?? []).flatMap((wanted): readonly Loose[] => {
    const index = gates.findIndex(({ event }) => event === wanted.event);
    const gate = gates[index];
    if (gate === undefined) {
      const hint = `leave approvalGates out, or add the gate ${wanted.event}`;
      return [{ path: GATES, message: `lacks the gate ${wanted.event}`, hint }];
    }
    const loose = (field: keyof ApprovalGate, message: string, hint: string): Loose => ({
      path: [...GATES, index, field],
      message: `of ${wanted.event} ${message}`,
      hint,
    });
    const found: Loose[] = [];
    const { approvers } = wanted;
    if (approvers !== undefined && !isSubset(gate.approvers, approvers)) {
      const { users = [], groups = [] } = approvers;
      const who = [...users, ...groups.map((group) => `group ${group}`)].join(', ');
      found.push(loose('approvers', 'names others', `name some of: ${who}`));
    }
    const least = wanted.requiredApprovals ?? 1;
    const { requiredApprovals = 1 } = gate;
    if (requiredApprovals < least) {
      found.push(loose('requiredApprovals', `is ${requiredApprovals}`, `ask for ${least} or more`));
    }
    if (wanted.allowAuthor === false && gate.allowAuthor !== false) {
      found.push(loose('allowAuthor', 'lets the author approve', 'set it to false'));
    }
    return found;
  });
}

/** Somebody who is not named may be in a group: only names that the template has are known to be fewer. */
function isSubset(
  approvers: Partial<ApprovalGate>['approvers'],
  of: NonNullable<ApprovalGate['approvers']>,
): boolean {
  if (approvers === undefined) return false;
  const { users = [], groups = [] } = approvers;
  return (
    users.every((user) => of.users?.includes(user)) &&
    groups.every((group) => of.groups?.includes(group))
  );
}

/** From the loosest to the strictest. */
const ON_LIMIT = ['finish', 'cut', 'reserve'];

function compareBudget({ lifecycle: bound }: Bounded, { lifecycle }: Bounded): readonly Loose[] {
  const most = bound?.budgetLimit ?? '';
  const limit = lifecycle?.budgetLimit;
  const found: Loose[] = [];
  if (limit === undefined || !(Number(limit) <= Number(most))) {
    found.push({
      path: ['lifecycle', 'budgetLimit'],
      message: `is ${limit ?? 'not set'}`,
      hint: `leave it out, or set at most ${most}`,
    });
  }
  const { onLimit: strict = 'finish' } = bound ?? {};
  const { onLimit = 'finish' } = lifecycle ?? {};
  if (ON_LIMIT.indexOf(onLimit) < ON_LIMIT.indexOf(strict)) {
    found.push({
      path: ['lifecycle', 'onLimit'],
      message: `is ${onLimit}`,
      hint: `leave it out, or set ${strict}`,
    });
  }
  return found;
}

function compareTimeout({ lifecycle: bound }: Bounded, { lifecycle }: Bounded): readonly Loose[] {
  const most = parseDuration(bound?.timeout ?? '');
  const { timeout = '' } = lifecycle ?? {};
  const seconds = parseDuration(timeout);
  // One that is no duration is another problem, and is told of as such.
  if (most === undefined || seconds === undefined || seconds <= most) return [];
  const hint = `leave it out, or set at most ${bound?.timeout}`;
  return [{ path: ['lifecycle', 'timeout'], message: `is ${timeout}`, hint }];
}

/**
 * Scopes hold for teammates with trees of their own, and as little as the lead's: it brings their work
 * together, and needs no path that none of them has.
 */
function compareScope(bound: Bounded, team: Bounded): readonly Loose[] {
  const mates = bound.teammates ?? [];
  const found = mates.flatMap(({ name, scope }): readonly Loose[] => {
    const index = (team.teammates ?? []).findIndex((mate) => mate.name === name);
    const own = team.teammates?.[index]?.scope;
    if (index < 0 || isNarrower(own, [scope])) return [];
    const hint = `keep to ${includes(scope).join(', ')}`;
    return [{ path: ['teammates', index, 'scope'], message: `of ${name} is wider`, hint }];
  });
  const scopes = mates.map(({ scope }) => scope);
  const lead: readonly Loose[] = isNarrower(team.lead?.scope, scopes)
    ? []
    : [
        {
          path: ['lead', 'scope'],
          message: team.lead?.scope === undefined ? 'is not set' : 'is wider',
          hint: `set includePaths to some of: ${scopes.flatMap(includes).join(', ')}`,
        },
      ];
  const shared: readonly Loose[] =
    team.repository?.worktreeStrategy === 'shared'
      ? [
          {
            path: ['repository', 'worktreeStrategy'],
            message: 'is shared, where scopes hold less',
            hint: 'leave it out, or set per-teammate',
          },
        ]
      : [];
  return [...found, ...lead, ...shared];
}

function includes(scope: Scope | undefined): readonly string[] {
  return scope?.includePaths ?? [];
}

function compareQualityGates(
  { qualityGates: bound = {} }: Bounded,
  { qualityGates = {} }: Bounded,
): readonly Loose[] {
  const required = (['requireTests', 'requireLint'] as const).flatMap((field): readonly Loose[] =>
    bound[field] === true && qualityGates[field] !== true
      ? [{ path: ['qualityGates', field], message: 'is not required', hint: 'set it to true' }]
      : [],
  );
  const { validationScript: script } = bound;
  const other: readonly Loose[] =
    script === undefined || qualityGates.validationScript === script
      ? []
      : [
          {
            path: ['qualityGates', 'validationScript'],
            message: 'is another one',
            hint: "leave it out: the template's script runs",
          },
        ];
  return [...required, ...other];
}
