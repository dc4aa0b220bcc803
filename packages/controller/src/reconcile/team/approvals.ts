import type { NodeStatus } from '@agentteam/argo';
import { ANNOTATIONS } from '@agentteam/contract';
import { type Answer, answered, eventOf, openGates, type Step } from '@agentteam/status';
import { answerTo } from '../../approvals/votes.ts';
import { nodePatch, type StoredWorkflow, withNode } from '../../argo/stored.ts';
import { keyOf } from '../../kube/objects.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';
import { workflowRef } from './refs.ts';

interface AnsweredGate {
  readonly gate: Step;
  readonly answer: Answer;
}

/** Gates of a running Workflow that wait for what the team's annotations already say. Pure. */
export function answersFor(
  { answeredThrough, metadata: { annotations = {} }, spec }: StoredTeam,
  workflow: StoredWorkflow,
): readonly AnsweredGate[] {
  const { approvedPrefix, votesPrefix } = ANNOTATIONS;
  const said = (name: string) => name.startsWith(approvedPrefix) || name.startsWith(votesPrefix);
  if (workflow.status?.phase !== 'Running' || !Object.keys(annotations).some(said)) return [];
  return openGates(workflow).flatMap((gate): AnsweredGate[] => {
    const event = eventOf(gate);
    const rules = spec.lifecycle.approvalGates?.find((candidate) => candidate.event === event);
    const answer = answerTo(event, rules, annotations, answeredThrough?.[event]);
    return answer === undefined ? [] : [{ gate, answer }];
  });
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
  const answers = answersFor(team, workflow);
  let current = workflow;
  for (const { gate, answer } of answers) {
    const ended = answered(gate.node, answer, now().toISOString());
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
