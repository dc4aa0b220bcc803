import {
  DELIVER_EVENT,
  delivers,
  type SetupSpec,
  STEPS,
  teammateOfEvent,
} from '@agentteam/contract';
import { allSucceeded, type ResolvedAgent } from '../resolve/agents.ts';
import { filesOf } from '../resolve/environment.ts';
import { fetchedOf } from '../resolve/fetched.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { agentSpec, gatewaySpec, planAgent } from './agent.ts';
import { behindGate, planGate } from './gate.ts';
import { type MemberLists, memberLists } from './members.ts';
import type { ChecksStep, DeliverStep, FinishStep, RollCallStep, Step } from './step.ts';

/** What a team compiles to, before it takes Argo's form. */
export interface Plan {
  /** The steps in the order in which people read them. */
  readonly steps: readonly Step[];
  /** For the container `setup`, which several agents' pods have. */
  readonly setup: SetupSpec;
}

export function plan(team: ResolvedTeam, options: ResolvedOptions): Plan {
  const { agents, gates } = team;
  const members = memberLists(agents);
  const [lead, ...teammates] = agents as readonly [ResolvedAgent, ...ResolvedAgent[]];
  const worked = allSucceeded(agents.map(({ step }) => step));
  const checks = planChecks(team, lead, worked, members, options);
  const checked = checks === undefined ? worked : allSucceeded([STEPS.checks]);
  const deliver = planDeliver(team, checked, members, options);
  return {
    steps: [
      planAgent(team, lead, members, options),
      ...gates.map((gate) =>
        planGate(
          gate,
          gate.event === DELIVER_EVENT ? checked : dependsBefore(gate.event, teammates),
        ),
      ),
      ...teammates.map((teammate) => planAgent(team, teammate, members, options)),
      planRollCall(team, teammates),
      ...(checks === undefined ? [] : [checks]),
      ...(deliver === undefined ? [] : [deliver]),
      planFinish(team, members),
    ],
    setup: setupSpec(team, members, options),
  };
}

function dependsBefore(event: string, teammates: readonly ResolvedAgent[]): string | undefined {
  return teammates.find(({ name }) => name === teammateOfEvent(event))?.predecessors;
}

function planRollCall({ ref }: ResolvedTeam, teammates: readonly ResolvedAgent[]): RollCallStep {
  const names = teammates.map(({ name }) => name);
  const absences = ['Failed', 'Errored', 'Skipped', 'Omitted'];
  return {
    kind: 'roll-call',
    task: {
      name: STEPS.rollCall,
      depends: names.flatMap((name) => absences.map((end) => `${name}.${end}`)).join(' || '),
      parameters: Object.fromEntries(names.map((name) => [name, `{{tasks.${name}.status}}`])),
    },
    spec: { ...ref, teammates: names },
  };
}

function planChecks(
  team: ResolvedTeam,
  lead: ResolvedAgent,
  depends: string,
  members: MemberLists,
  options: ResolvedOptions,
): ChecksStep | undefined {
  const { ref, repository, output, checks } = team;
  if (checks === undefined) return undefined;
  return {
    kind: 'checks',
    task: { name: STEPS.checks, depends },
    lead,
    spec: {
      ...ref,
      ...(repository && { repository }),
      ...(output && { output: output.mountPath }),
      checks: checks.checks,
      validationScript: checks.validationScript,
      timeoutSeconds: checks.timeoutSeconds,
      rounds: checks.rounds,
      lead: agentSpec(team, lead, members.detailed),
    },
    gateway: { ...gatewaySpec(team, lead, options), progress: false },
  };
}

/** Only a delivery needs a step: notifications are sent by the last step of every team. */
function planDeliver(
  { ref, repository, checks, delivery }: ResolvedTeam,
  depends: string,
  members: MemberLists,
  options: ResolvedOptions,
): DeliverStep | undefined {
  const { onComplete, gate, pullRequest, acceptedSecrets } = delivery;
  if (!delivers(onComplete)) return undefined;
  return {
    kind: 'deliver',
    task: { name: STEPS.deliver, ...behindGate(gate, depends, options) },
    spec: {
      ...ref,
      onComplete,
      members: members.scoped,
      checked: checks !== undefined,
      ...(repository && { repository }),
      ...(pullRequest && { pullRequest }),
      ...(acceptedSecrets && { acceptedSecrets }),
    },
  };
}

function planFinish(
  { ref, repository, checks, delivery, limits, webhook }: ResolvedTeam,
  members: MemberLists,
): FinishStep {
  return {
    kind: 'finish',
    spec: {
      ...ref,
      members: members.scoped,
      checked: checks !== undefined,
      ...(repository && { repository }),
      onComplete: delivery.onComplete,
      ...(limits.budgetLimit !== undefined && { budgetLimit: limits.budgetLimit }),
      ...(webhook && { notify: webhook }),
    },
  };
}

/** Setup also checks what would otherwise fail only after the agents have worked. */
function setupSpec(
  { ref, agents, repository, checks, delivery }: ResolvedTeam,
  members: MemberLists,
  options: ResolvedOptions,
): SetupSpec {
  const fetched = fetchedOf(agents, options);
  const { onComplete, pullRequest } = delivery;
  const files = filesOf(agents);
  const withoutCommand = (checks?.checks ?? []).filter(({ command }) => command === undefined);
  return {
    ...ref,
    members: members.detailed,
    ...(repository && { repository }),
    ...(delivers(onComplete) && {
      delivery: { onComplete, ...(pullRequest && { pullRequest }) },
    }),
    ...(withoutCommand.length > 0 && { required: withoutCommand.map(({ kind }) => kind) }),
    ...(files.length > 0 && { files }),
    ...(fetched.length > 0 && { fetched }),
  };
}
