import type { AgentTeamStatus } from '@agentteam/api';
import { DECISIONS, isGateStep, OUTPUTS, STEPS, teammateOfEvent } from '@agentteam/contract';
import { isPastLimit, isUnanswered, resumedBy } from './gates.ts';
import { eventOf, outputOf, type Step, type Steps } from './nodes.ts';
import type { Ruling, Rulings } from './rulings.ts';
import type { WorkflowView } from './workflow-view.ts';

export type Approval = NonNullable<AgentTeamStatus['approvals']>[number];

/**
 * Lists every gate that has opened, with its decision.
 * @param before the approvals in the last status: Argo's labels name only the person who acted last.
 * @param rulings what the controller knows about restricted gates.
 */
export function approvalsOf(
  steps: Steps,
  workflow: WorkflowView | undefined,
  before: readonly Approval[],
  rulings: Rulings,
): Approval[] {
  const actor = actorOf(workflow?.metadata.labels ?? {});
  return [...steps.values()]
    .filter(({ name, node }) => isGateStep(name) && node.type === 'Suspend')
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
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    ...decidedAt(step),
  };
}

/**
 * The approval of a gate that only the controller can open. The votes say who decided; the node's outputs
 * do not count. A gate that ended without the proof stays closed, whatever its outputs say.
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
    const isForged = step.node.phase === 'Running' && hasOutputs(step);
    return isForged ? { ...noted, attempted: known?.attempted ?? FORGED } : noted;
  }
  const proof = outputOf(step, OUTPUTS.proof);
  // The gate opened under an earlier spec, and a retry kept the step behind it.
  const isKept =
    known?.decision === 'approve' &&
    proof !== undefined &&
    ruling.earlier?.includes(proof) === true;
  const isProven = isKept || proof === ruling.proof;
  if (known?.decision === 'approve' && !isProven) {
    const attempted = overwritten(step);
    // A step that started before the proof was overwritten continues.
    if (stepBehind(step, steps)?.node.phase !== 'Skipped') return { ...known, ...noted, attempted };
    return { ...noted, ...UNPROVEN, attempted, ...decidedAt(step) };
  }
  // Votes may change after the gate has ended; its decision does not.
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
  // Anyone who may patch the Workflow could have written this name.
  const named = who === undefined ? 'does not say who ended it' : `names ${who}`;
  const attempted =
    answer?.decision === 'approve'
      ? overwritten(step)
      : `ended without the approvers' decision; the Workflow ${named}`;
  return { ...noted, ...UNPROVEN, attempted, ...decidedAt(step) };
}

const UNPROVEN = {
  decision: 'reject',
  via: 'argo',
  reason: "the gate was ended without the approvers' decision, so the step behind it did not start",
} as const;

/** The step that starts when the gate opens. */
function stepBehind(gate: Step, steps: Steps): Step | undefined {
  return steps.get(teammateOfEvent(eventOf(gate)) ?? STEPS.deliver);
}

/** Whenever Argo processes the Workflow, it copies a WorkflowTaskResult into the node of that name, even after a retry. */
function overwritten({ node }: Step): string {
  return `ended without the proof of the approval: its outputs were overwritten. Delete the WorkflowTaskResult ${node.id} if there is one, and retry`;
}

const FORGED = 'outputs were written to the gate while it was waiting, and not by the controller';

/** A waiting gate has no output values yet. */
function hasOutputs({ node }: Step): boolean {
  return (node.outputs?.parameters ?? []).some(({ value }) => Boolean(value));
}

function decided(
  decision: 'approve' | 'reject',
  answer: Ruling['answer'],
): Pick<Approval, 'decision' | 'via' | 'by' | 'reason'> {
  // A vote just after the gate ended may have changed the answer: then it is unknown who decided.
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
  return { event: eventOf(gate), ...(startedAt && { openedAt: startedAt }) };
}

function decidedAt({ node }: Step): Pick<Approval, 'decidedAt'> {
  return node.finishedAt ? { decidedAt: node.finishedAt } : {};
}

/**
 * The person who last acted on the Workflow through Argo's server, from its labels (Argo 3.6.5 and later,
 * with SSO). They are label values, so an e-mail address has `.at.` in place of `@`.
 * Source: https://argo-workflows.readthedocs.io/en/latest/workflow-actor/
 */
function actorOf(labels: Readonly<Record<string, string>>): string | undefined {
  const of = (name: string) => labels[`workflows.argoproj.io/${name}`];
  return of('actor-email') ?? of('actor-preferred-username') ?? of('actor');
}
