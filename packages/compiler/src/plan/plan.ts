import type { Lifecycle } from '@agentteam/api';
import type { NotifySpec } from '@agentteam/contract';
import { LEAD, STEPS } from '@agentteam/contract';
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
  if (gates === undefined) return undefined;
  const { requireTests, requireLint, validationScript = '', rounds } = gates;
  if (!requireTests && !requireLint && validationScript === '') return undefined;
  return {
    kind: 'checks',
    task: { name: STEPS.checks, depends },
    spec: {
      ...team.ref,
      ...(team.repository && { repository: team.repository }),
      ...(team.output && { output: team.output.mountPath }),
      requireTests,
      requireLint,
      validationScript,
      rounds,
      lead: leadSpec(team),
    },
    gateway: { ...gatewaySpec(team, LEAD, team.lead, options), progress: false },
    source: team.lead,
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
  const { onComplete, pullRequest } = team.team.spec.lifecycle;
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
      members: team.members,
      checked,
      ...(team.repository && { repository: team.repository }),
      ...(onComplete === 'create-pr' && {
        pullRequest: {
          targetBranch: pullRequest?.targetBranch ?? 'main',
          title: team.pullRequestTitle,
          reviewers: pullRequest?.reviewers ?? [],
          labels: pullRequest?.labels ?? [],
        },
      }),
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
      members: team.members,
      checked,
      ...(team.repository && { repository: team.repository }),
      onComplete: lifecycle.onComplete,
      ...(lifecycle.budgetLimit !== undefined && { budgetLimit: lifecycle.budgetLimit }),
      ...(notify && { notify }),
    },
  };
}
