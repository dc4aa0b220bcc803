import type { AgentTeamStatus } from '@agentteam/api';
import {
  DECISIONS,
  DELIVER_EVENT,
  GATE_PREFIX,
  OUTPUTS,
  SPAWN_PREFIX,
  STEPS,
} from '@agentteam/contract';
import { eventOf, isPastLimit, isUnanswered, resumedBy } from './gates.ts';
import { outputOf, type Step, type Steps } from './nodes.ts';
import type { Ruling, Rulings } from './rulings.ts';
import type { SeenWorkflow } from './seen-workflow.ts';

export type Approval = NonNullable<AgentTeamStatus['approvals']>[number];

/**
 * Every gate that has opened, and what was decided.
 * @param before the approvals as they were known last: Argo's labels tell only of the newest action.
 * @param rulings what the controller knows of the gates that only it can open.
 */
export function approvalsOf(
  steps: Steps,
  workflow: SeenWorkflow | undefined,
  before: readonly Approval[],
  rulings: Rulings,
): Approval[] {
  const actor = actorOf(workflow?.metadata.labels ?? {});
  return [...steps.values()]
    .filter(({ name, node }) => name.startsWith(GATE_PREFIX) && node.type === 'Suspend')
    .map((step) => {
      const ruling = Object.hasOwn(rulings, eventOf(step)) ? rulings[eventOf(step)] : undefined;
      if (ruling !== undefined) return restrictedApproval(step, steps, ruling, actor, before);
      return isUnanswered(workflow, step)
        ? { ...opened(step), decision: 'reject', via: 'timeout', ...decidedAt(step) }
        : approvalOf(step, actor, before);
    });
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

/**
 * A gate that only the controller can open. Who decided is what the votes say, and never what the node
 * says. One that has ended without the proof is closed for good, whatever its outputs claim.
 */
function restrictedApproval(
  step: Step,
  steps: Steps,
  ruling: Ruling,
  actor: string | undefined,
  before: readonly Approval[],
): Approval {
  const record = opened(step);
  const known = before.find(
    ({ event, openedAt }) => event === record.event && openedAt === record.openedAt,
  );
  const { voided, answer } = ruling;
  const noted = {
    ...record,
    ...(voided.length > 0 && { voided: [...voided] }),
    ...(known?.attempted !== undefined && { attempted: known.attempted }),
  };
  if (step.node.phase !== 'Succeeded') {
    const forged = step.node.phase === 'Running' && hasOutputs(step);
    return forged ? { ...noted, attempted: known?.attempted ?? FORGED } : noted;
  }
  const proof = outputOf(step, OUTPUTS.proof);
  // Of a gate that opened under an earlier spec, and whose step was kept.
  const isKept =
    known?.decision === 'approve' &&
    proof !== undefined &&
    ruling.earlier?.includes(proof) === true;
  const isProven = isKept || proof === ruling.proof;
  if (known?.decision === 'approve' && !isProven) {
    const attempted = overwritten(step);
    // What began before the proof was lost goes on.
    if (behind(step, steps)?.node.phase !== 'Skipped') return { ...known, ...noted, attempted };
    return { ...noted, ...UNPROVEN, attempted, ...decidedAt(step) };
  }
  // The votes go on: what was decided when the gate ended stays.
  if (known?.decision !== undefined) return { ...known, ...noted };
  if (isProven) {
    return { ...noted, ...decided('approve', answer), ...decidedAt(step) };
  }
  if (answer?.decision === 'reject') {
    return { ...noted, ...decided('reject', answer), ...decidedAt(step) };
  }
  if (isPastLimit(step, ruling.timeoutSeconds)) {
    return { ...noted, decision: 'reject', via: 'timeout', ...decidedAt(step) };
  }
  const who = resumedBy(step) ?? actor;
  // A label, or a message of the node: who may patch the Workflow may have written another name.
  const named = who === undefined ? 'does not say by whom' : `names ${who}`;
  const attempted =
    answer?.decision === 'approve'
      ? overwritten(step)
      : `ended without the approvers' decision; the Workflow ${named}`;
  return { ...noted, ...UNPROVEN, attempted, ...decidedAt(step) };
}

const UNPROVEN = {
  decision: 'reject',
  via: 'argo',
  reason: "it was ended without the approvers' decision, so nothing behind it began",
} as const;

/** The step that begins once the gate is open. */
function behind(gate: Step, steps: Steps): Step | undefined {
  const event = eventOf(gate);
  return steps.get(event === DELIVER_EVENT ? STEPS.deliver : event.slice(SPAWN_PREFIX.length));
}

/** Argo copies a WorkflowTaskResult into the node of its name at every look: also after a retry. */
function overwritten({ node }: Step): string {
  return `ended without the proof of the approval: its outputs were overwritten. Delete the WorkflowTaskResult ${node.id} if there is one, and retry`;
}

const FORGED =
  'outputs were written to the gate while it waits, by somebody other than the controller';

/** A gate that waits has its outputs still to be supplied. */
function hasOutputs({ node }: Step): boolean {
  return (node.outputs?.parameters ?? []).some(({ value }) => Boolean(value));
}

function decided(
  decision: 'approve' | 'reject',
  answer: Ruling['answer'],
): Pick<Approval, 'decision' | 'via' | 'by' | 'reason'> {
  // A vote that came right after the gate ended may say otherwise: then nobody knows whose it was.
  const agreed = answer?.decision === decision ? answer : undefined;
  return {
    decision,
    via: 'agentteam',
    ...(agreed !== undefined && { by: agreed.by }),
    ...(agreed?.reason !== undefined && { reason: agreed.reason }),
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
