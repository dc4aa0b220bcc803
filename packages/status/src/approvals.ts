import type { AgentTeamStatus } from '@agentteam/api';
import { DECISIONS, GATE_PREFIX, OUTPUTS } from '@agentteam/contract';
import { eventOf, isUnanswered, resumedBy } from './gates.ts';
import { outputOf, type Step, type Steps } from './nodes.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

type Approval = NonNullable<AgentTeamStatus['approvals']>[number];

/**
 * Every gate that has opened, and what was decided.
 * @param before the approvals as they were known last: Argo's labels tell only of the newest action.
 */
export function approvalsOf(
  steps: Steps,
  workflow: SeenWorkflow | undefined,
  before: readonly Approval[],
): Approval[] {
  const actor = actorOf(workflow?.metadata.labels ?? {});
  return [...steps.values()]
    .filter(({ name, node }) => name.startsWith(GATE_PREFIX) && node.type === 'Suspend')
    .map((step) =>
      isUnanswered(workflow, step)
        ? { ...opened(step), decision: 'reject', via: 'timeout', ...decidedAt(step) }
        : approvalOf(step, actor, before),
    );
}

function approvalOf(step: Step, actor: string | undefined, before: readonly Approval[]): Approval {
  const { event } = opened(step);
  const answer = outputOf(step, OUTPUTS.decision);
  const decision =
    step.node.phase === 'Succeeded'
      ? DECISIONS.find((candidate) => candidate === answer)
      : undefined;
  if (decision === undefined) return opened(step);
  const ours = outputOf(step, OUTPUTS.decidedBy);
  const known = before.find((approval) => approval.event === event && approval.decision);
  const by = ours ?? resumedBy(step) ?? (known === undefined ? actor : known.by);
  const reason = outputOf(step, OUTPUTS.reason);
  return {
    ...opened(step),
    decision,
    via: ours === undefined ? 'argo' : 'agentteam',
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    ...decidedAt(step),
  };
}

function opened(gate: Step): Approval {
  const { startedAt } = gate.node;
  return { event: eventOf(gate), ...(startedAt ? { openedAt: startedAt } : {}) };
}

function decidedAt({ node }: Step): Pick<Approval, 'decidedAt'> {
  return node.finishedAt ? { decidedAt: node.finishedAt } : {};
}

/**
 * Who acted on the Workflow last through Argo's server, as its labels say (Argo 3.6.5 and later, with
 * SSO). Values of labels: an address has `.at.` in place of its `@`.
 * Source: https://argo-workflows.readthedocs.io/en/latest/workflow-actor/
 */
function actorOf(labels: Readonly<Record<string, string>>): string | undefined {
  const of = (name: string) => labels[`workflows.argoproj.io/${name}`];
  return of('actor-email') ?? of('actor-preferred-username') ?? of('actor');
}
