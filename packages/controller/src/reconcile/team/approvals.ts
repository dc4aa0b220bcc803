import type { NodeStatus } from '@agentteam/argo';
import { ANNOTATIONS } from '@agentteam/contract';
import {
  type Answer,
  answered,
  eventOf,
  openGates,
  type Ruling,
  type Rulings,
  type Step,
} from '@agentteam/status';
import { hashOf } from '../../approvals/proof.ts';
import { rulingsOf, specOfRun } from '../../approvals/rulings.ts';
import { answerTo } from '../../approvals/votes.ts';
import { nodePatch, type StoredWorkflow, withNode } from '../../argo/stored.ts';
import { keyOf } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { lookAgainAt } from './look-again.ts';
import { workflowRef } from './refs.ts';

interface AnsweredGate {
  readonly gate: Step;
  readonly answer: Answer;
  /** What opens a restricted gate. */
  readonly proof?: string;
}

/** What ends a restricted gate that nobody answered in time. */
const UNANSWERED: Answer = { decision: 'reject', by: '', reason: 'nobody answered in time' };

/**
 * Gates of a running Workflow that can be ended: by what the team's annotations say already, or because
 * their time is over. Pure.
 */
export function answersFor(
  team: StoredTeam,
  workflow: StoredWorkflow,
  { gateKey, now }: Pick<TeamContext, 'gateKey' | 'now'>,
): readonly AnsweredGate[] {
  if (workflow.status?.phase !== 'Running') return [];
  const open = openGates(workflow);
  if (open.length === 0) return [];
  const rulings = rulingsOf(team, workflow, gateKey);
  return open.flatMap((gate): AnsweredGate[] => {
    const event = eventOf(gate);
    const ruling = rulings[event];
    if (ruling === undefined) return answerOf(gate, team, workflow);
    if (isAltered(workflow, event, ruling)) return [];
    const deadline = deadlineOf(gate, ruling);
    const unanswered =
      deadline !== undefined && now().getTime() >= deadline ? UNANSWERED : undefined;
    const answer = ruling.answer ?? unanswered;
    if (answer === undefined) return [];
    return [{ gate, answer, ...(answer.decision === 'approve' && { proof: ruling.proof }) }];
  });
}

/** The answer to a gate that everybody may answer. */
function answerOf(gate: Step, team: StoredTeam, workflow: StoredWorkflow): AnsweredGate[] {
  const { answeredThrough, metadata } = team;
  const event = eventOf(gate);
  const said = answerTo(
    event,
    metadata.annotations ?? {},
    answeredThrough?.[event],
    specOfRun(team, workflow),
  );
  return said === undefined ? [] : [{ gate, answer: said }];
}

/** Whether the condition behind a restricted gate is another than the one this installation made. */
function isAltered({ guards }: StoredWorkflow, event: string, { proof }: Ruling): boolean {
  return guards[event] !== hashOf(proof);
}

/** Events of restricted gates whose conditions are not the ones this installation made. Pure. */
export function alteredGates(workflow: StoredWorkflow, rulings: Rulings): readonly string[] {
  return Object.entries(rulings)
    .filter(([event, ruling]) => isAltered(workflow, event, ruling))
    .map(([event]) => event);
}

/**
 * Whether the step behind a restricted gate does not ask for a proof any more: then everybody who may
 * resume the Workflow could begin it. A Workflow that an earlier version made never asked for one.
 */
export function isUnguarded({ guards, metadata }: StoredWorkflow, rulings: Rulings): boolean {
  if (metadata.annotations?.[ANNOTATIONS.spec] === undefined) return false;
  return Object.keys(rulings).some((event) => !Object.hasOwn(guards, event));
}

function deadlineOf({ node }: Step, { timeoutSeconds }: Ruling): number | undefined {
  if (timeoutSeconds === undefined || !node.startedAt) return undefined;
  return Date.parse(node.startedAt) + timeoutSeconds * 1000;
}

/**
 * In how many ms to look again at the restricted gates that wait, so that the first of them ends when its
 * time is over; absent: none has a limit.
 */
export function nextDeadline(
  team: StoredTeam,
  workflow: StoredWorkflow,
  { gateKey, now }: Pick<TeamContext, 'gateKey' | 'now'>,
): number | undefined {
  if (workflow.status?.phase !== 'Running') return undefined;
  const open = openGates(workflow);
  if (open.length === 0) return undefined;
  const rulings = rulingsOf(team, workflow, gateKey);
  const deadlines = open.flatMap((gate) => {
    const event = eventOf(gate);
    const ruling = rulings[event];
    // One that is not answered has no end to wait for.
    if (ruling === undefined || isAltered(workflow, event, ruling)) return [];
    return deadlineOf(gate, ruling) ?? [];
  });
  if (deadlines.length === 0) return undefined;
  return lookAgainAt(Math.min(...deadlines), now().getTime());
}

/**
 * Writes the answers that wait into the Workflow's gates, as Argo's own commands do.
 * @returns whether there were any. A conflict throws: the next reconcile sees the newer Workflow.
 */
export async function answerGates(
  team: StoredTeam,
  workflow: StoredWorkflow,
  context: TeamContext,
): Promise<boolean> {
  const { log, now } = context;
  const answers = answersFor(team, workflow, context);
  let current = workflow;
  for (const { gate, answer, proof } of answers) {
    const ended = answered(gate.node, answer, now().toISOString(), proof);
    current = await endGate(team, current, gate.node, ended, context);
    log.info({ gate: gate.name, ...answer }, 'gate answered');
  }
  return answers.length > 0;
}

/** @returns the Workflow with the gate ended, as far as it is known. */
async function endGate(
  team: StoredTeam,
  workflow: StoredWorkflow,
  gate: NodeStatus,
  ended: NodeStatus,
  { api, offloaded, workflows }: TeamContext,
): Promise<StoredWorkflow> {
  if (workflow.offloaded !== undefined) {
    await offloaded.end(keyOf(team), workflow, gate, ended);
    return workflow;
  }
  const patch = nodePatch(workflow, ended);
  const metadata = await api.patch(workflowRef(team), patch);
  const after = withNode(workflow, ended, patch, metadata);
  workflows.ahead(after);
  return after;
}
