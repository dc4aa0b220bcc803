import type { Lifecycle } from '@agentteam/api';
import type { CheckSpec, NotifySpec, PullRequestSpec, SetupSpec } from '@agentteam/contract';
import { LEAD, STEPS } from '@agentteam/contract';
import { parseDuration } from '../resolve/duration.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import { gateBefore, type ResolvedTeam } from '../resolve/resolve.ts';
import { gatewaySpec, leadSpec, planLead, planTeammate } from './agent.ts';
import { approved, gateTaskName, planGate } from './gate.ts';
import type { ChecksStep, DeliverStep, FinishStep, GateStep, RollCallStep, Step } from './step.ts';

/** A team's steps in the order in which people read them. */
export function plan(team: ResolvedTeam, options: ResolvedOptions): readonly Step[] {
  const everyone = [STEPS.lead, ...team.teammates.map(({ name }) => name)]
    .map((name) => `${name}.Succeeded`)
    .join(' && ');
  const checks = planChecks(team, everyone, options);
  const worked = checks === undefined ? everyone : `${STEPS.checks}.Succeeded`;
  const deliver = planDeliver(team, worked, checks !== undefined, options);
  const gates = team.gates.flatMap((gate) => planGate(team, gate, worked) ?? []);
  // A gate before a delivery that does not take place would only keep the team waiting.
  const asked = gates.filter((gate: GateStep) => gate.event !== 'deliver' || deliver !== undefined);
  return [
    planLead(team, options),
    ...asked,
    ...team.teammates.map((mate) => planTeammate(team, mate, options)),
    planRollCall(team),
    ...(checks === undefined ? [] : [checks]),
    ...(deliver === undefined ? [] : [deliver]),
    planFinish(team, checks !== undefined),
  ];
}

function planRollCall(team: ResolvedTeam): RollCallStep {
  const names = team.teammates.map(({ name }) => name);
  const absences = ['Failed', 'Errored', 'Skipped', 'Omitted'];
  return {
    kind: 'roll-call',
    task: {
      name: STEPS.rollCall,
      depends: names.flatMap((name) => absences.map((end) => `${name}.${end}`)).join(' || '),
      parameters: Object.fromEntries(names.map((name) => [name, `{{tasks.${name}.status}}`])),
    },
    spec: { ...team.ref, teammates: names },
  };
}

function planChecks(
  team: ResolvedTeam,
  depends: string,
  options: ResolvedOptions,
): ChecksStep | undefined {
  const gates = team.team.spec.qualityGates;
  const required = requiredChecks(team);
  const { validationScript = '', rounds = 1, timeout = '' } = gates ?? {};
  if (required.length === 0 && validationScript === '') return undefined;
  return {
    kind: 'checks',
    task: { name: STEPS.checks, depends },
    spec: {
      ...team.ref,
      ...(team.repository && { repository: team.repository }),
      ...(team.output && { output: team.output.mountPath }),
      checks: required,
      validationScript,
      timeoutSeconds: parseDuration(timeout) ?? 900,
      rounds,
      lead: leadSpec(team),
    },
    gateway: { ...gatewaySpec(team, LEAD, team.lead, options), progress: false },
    source: team.lead,
  };
}

/** Tests and linters that must pass. A command for one says that it must. */
function requiredChecks({ team }: ResolvedTeam): readonly CheckSpec[] {
  const { requireTests, requireLint, testCommand, lintCommand } = team.spec.qualityGates ?? {};
  const check = (kind: CheckSpec['kind'], isRequired = false, command?: string) =>
    isRequired || command !== undefined
      ? [{ kind, ...(command !== undefined && { command }) }]
      : [];
  return [...check('test', requireTests, testCommand), ...check('lint', requireLint, lintCommand)];
}

/** What is known before the first agent starts, or refused: see the runner's `setup`. */
export function setupSpec(team: ResolvedTeam): SetupSpec {
  const { lifecycle } = team.team.spec;
  const { onComplete } = lifecycle;
  const required = requiredChecks(team).filter(({ command }) => command === undefined);
  return {
    ...team.ref,
    members: team.members,
    ...(team.repository && { repository: team.repository }),
    ...((onComplete === 'create-pr' || onComplete === 'push-branch') && {
      delivery: { onComplete, ...pullRequestOf(team) },
    }),
    ...(required.length > 0 && { required: required.map(({ kind }) => kind) }),
  };
}

function pullRequestOf(team: ResolvedTeam): { readonly pullRequest?: PullRequestSpec } {
  const { onComplete, pullRequest = {} } = team.team.spec.lifecycle;
  if (onComplete !== 'create-pr') return {};
  const { targetBranch, reviewers = [], labels = [] } = pullRequest;
  return {
    pullRequest: {
      ...(targetBranch !== undefined && { targetBranch }),
      title: team.pullRequestTitle,
      reviewers,
      labels,
    },
  };
}

/** Whether a team delivers: its gate `deliver` stands before nothing otherwise, and is left out. */
export function hasDelivery({ onComplete }: Lifecycle): boolean {
  return onComplete === 'create-pr' || onComplete === 'push-branch';
}

/** Only what leaves the team needs a step: a notification is sent at the end of every run. */
function planDeliver(
  team: ResolvedTeam,
  depends: string,
  checked: boolean,
  { proofHashes }: ResolvedOptions,
): DeliverStep | undefined {
  const { onComplete, acceptedSecrets } = team.team.spec.lifecycle;
  if (!hasDelivery(team.team.spec.lifecycle)) return undefined;
  const gate = gateBefore(team.gates, 'deliver');
  return {
    kind: 'deliver',
    task: {
      name: STEPS.deliver,
      depends: gate === undefined ? depends : gateTaskName(gate),
      ...(gate !== undefined && { when: approved(gate, proofHashes) }),
    },
    spec: {
      ...team.ref,
      onComplete,
      members: team.scoped,
      checked,
      ...(team.repository && { repository: team.repository }),
      ...pullRequestOf(team),
      ...(acceptedSecrets && { acceptedSecrets }),
    },
  };
}

function planFinish(team: ResolvedTeam, checked: boolean): FinishStep {
  const { lifecycle, observability } = team.team.spec;
  const webhook = observability?.webhook;
  const notify: NotifySpec | undefined = webhook && {
    url: webhook.url,
    events: webhook.events ?? [],
    signed: webhook.secret !== undefined,
  };
  return {
    kind: 'finish',
    spec: {
      ...team.ref,
      members: team.scoped,
      checked,
      ...(team.repository && { repository: team.repository }),
      onComplete: lifecycle.onComplete,
      ...(lifecycle.budgetLimit !== undefined && { budgetLimit: lifecycle.budgetLimit }),
      ...(notify && { notify }),
    },
  };
}
