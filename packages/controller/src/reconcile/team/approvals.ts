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
import { type CachedWorkflow, nodePatch, withNode } from '../../argo/cached-workflow.ts';
import { keyOf } from '../../kube/objects.ts';
import type { CachedTeam } from '../cached-resource.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';
import { requeueAfter } from './requeue.ts';

interface AnsweredGate {
  readonly gate: Step;
  readonly answer: Answer;
  /** Opens a restricted gate. */
  readonly proof?: string;
}

/** Ends a restricted gate whose time has expired. */
const UNANSWERED: Answer = { decision: 'reject', by: '', reason: 'nobody answered in time' };

/**
 * The open gates of a running Workflow that can be closed, because the team's annotations answer them or
 * their time has expired.
 */
export function answersFor(
  team: CachedTeam,
  workflow: CachedWorkflow,
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

/** The answer to a gate without approvers, which everyone may answer. */
function answerOf(gate: Step, team: CachedTeam, workflow: CachedWorkflow): AnsweredGate[] {
  const { answerManagers, metadata } = team;
  const event = eventOf(gate);
  const said = answerTo(
    event,
    metadata.annotations ?? {},
    answerManagers?.[event],
    specOfRun(team, workflow),
  );
  return said === undefined ? [] : [{ gate, answer: said }];
}

/** Whether somebody has changed the condition behind a restricted gate. */
function isAltered({ guards }: CachedWorkflow, event: string, { proof }: Ruling): boolean {
  return guards[event] !== hashOf(proof);
}

/** Events of restricted gates whose conditions somebody has changed. */
export function alteredGates(workflow: CachedWorkflow, rulings: Rulings): readonly string[] {
  return Object.entries(rulings)
    .filter(([event, ruling]) => isAltered(workflow, event, ruling))
    .map(([event]) => event);
}

/**
 * Whether the step behind a restricted gate no longer requires a proof, so that everyone who can resume
 * the Workflow can start it. Workflows of earlier versions never required one.
 */
export function isUnguarded({ guards, metadata }: CachedWorkflow, rulings: Rulings): boolean {
  if (metadata.annotations?.[ANNOTATIONS.spec] === undefined) return false;
  return Object.keys(rulings).some((event) => !Object.hasOwn(guards, event));
}

function deadlineOf({ node }: Step, { timeoutSeconds }: Ruling): number | undefined {
  if (timeoutSeconds === undefined || !node.startedAt) return undefined;
  return Date.parse(node.startedAt) + timeoutSeconds * 1000;
}

/**
 * After how many ms the first open restricted gate expires; undefined if none has a time limit.
 */
export function nextDeadline(
  team: CachedTeam,
  workflow: CachedWorkflow,
  { gateKey, now }: Pick<TeamContext, 'gateKey' | 'now'>,
): number | undefined {
  if (workflow.status?.phase !== 'Running') return undefined;
  const open = openGates(workflow);
  if (open.length === 0) return undefined;
  const rulings = rulingsOf(team, workflow, gateKey);
  const deadlines = open.flatMap((gate) => {
    const event = eventOf(gate);
    const ruling = rulings[event];
    // The controller never closes a gate without a ruling or with a changed condition.
    if (ruling === undefined || isAltered(workflow, event, ruling)) return [];
    return deadlineOf(gate, ruling) ?? [];
  });
  if (deadlines.length === 0) return undefined;
  return requeueAfter(Math.min(...deadlines), now().getTime());
}

/**
 * Writes the available answers into the Workflow's gates, as Argo's own commands do.
 * @returns whether there were any.
 * @throws KubeError on a conflict: the next reconcile sees the newer Workflow.
 */
export async function answerGates(
  team: CachedTeam,
  workflow: CachedWorkflow,
  context: TeamContext,
): Promise<boolean> {
  const { log, now } = context;
  const answers = answersFor(team, workflow, context);
  let current = workflow;
  for (const { gate, answer, proof } of answers) {
    const ended = answered(gate.node, answer, now().toISOString(), proof);
    current = await closeGate(team, current, gate.node, ended, context);
    log.info({ gate: gate.name, ...answer }, 'gate answered');
  }
  return answers.length > 0;
}

/** @returns the Workflow with the closed gate. */
async function closeGate(
  team: CachedTeam,
  workflow: CachedWorkflow,
  gate: NodeStatus,
  ended: NodeStatus,
  { api, offloaded, workflows }: TeamContext,
): Promise<CachedWorkflow> {
  if (workflow.offloaded !== undefined) {
    await offloaded.end(keyOf(team), workflow, gate, ended);
    return workflow;
  }
  const patch = nodePatch(workflow, ended);
  const metadata = await api.patch(workflowRef(team), patch);
  const after = withNode(workflow, ended, patch, metadata);
  workflows.assume(after);
  return after;
}
