import { isRecord } from './untrusted.ts';

/**
 * Names of a compiled Workflow's steps. A teammate's step has the teammate's own name, which is a
 * DNS label and so in lower case: a capital letter keeps every step of ours apart from all of them.
 */
export const STEPS = {
  lead: 'Lead',
  rollCall: 'Roll-call',
  checks: 'Checks',
  deliver: 'Deliver',
  /** The one step of what Argo runs at the end. */
  finish: 'Finish',
} as const;

export const GATE_PREFIX = 'Approve-';

/** Event of a gate in front of delivery; every other event is `spawn-<teammate>`. */
export const DELIVER_EVENT = 'deliver';
export const SPAWN_PREFIX = 'spawn-';

export function gateStep(event: string): string {
  return `${GATE_PREFIX}${event}`;
}

/** Output parameters of steps, by name. */
export const OUTPUTS = {
  decision: 'decision',
  decidedBy: 'decided-by',
  reason: 'reason',
  /** Only the controller can supply it, and it does so together with what the approvers decided. */
  proof: 'proof',
  totals: 'totals',
  /** Proof of the totals, where the step has the key of the namespace's figures. */
  totalsProof: 'totals-proof',
  summary: 'summary',
  outcome: 'outcome',
  branch: 'branch',
  pullRequestUrl: 'pull-request-url',
  pullRequestState: 'pull-request-state',
  checks: 'checks',
} as const;

export const DECISIONS = ['approve', 'reject'] as const;
export type Decision = (typeof DECISIONS)[number];

/** The output parameters of a gate that a person has answered, by name. */
export function gateOutputs({
  decision,
  by,
  reason = '',
  proof,
}: {
  readonly decision: Decision;
  readonly by: string;
  readonly reason?: string | undefined;
  /** Opens a gate that only the controller can open. */
  readonly proof?: string | undefined;
}): Readonly<Record<string, string>> {
  return {
    [OUTPUTS.decision]: decision,
    [OUTPUTS.decidedBy]: by,
    [OUTPUTS.reason]: reason,
    ...(proof === undefined ? {} : { [OUTPUTS.proof]: proof }),
  };
}

/** Under which name the command line writes to the API server, which records it with each field. */
export const CLI_FIELD_MANAGER = 'agentteam';

/** Labels on Workflows and on their pods. */
export const LABELS = {
  team: 'claude.amcheste.io/team',
  /** On Workflows with a restricted gate: {@link RESTRICTED_GATES}. */
  gates: 'claude.amcheste.io/gates',
} as const;

/** Value of the label {@link LABELS.gates}. */
export const RESTRICTED_GATES = 'restricted';

/** What a gate asks of the people who answer it. */
export interface GateRules {
  readonly approvers?: unknown;
  readonly requiredApprovals?: number;
  readonly allowAuthor?: boolean;
}

/**
 * Whether it matters who answers a gate: then only the controller can open it, with the proof that
 * the right people decided. Every other gate is open to everybody who may resume the Workflow.
 */
export function isRestricted(gate: GateRules): boolean {
  return (
    gate.approvers !== undefined || (gate.requiredApprovals ?? 1) > 1 || gate.allowAuthor === false
  );
}

/**
 * Annotations of a team: `approved.claude.amcheste.io/<event>` is a person's answer to a gate (`true`
 * or `false`), `reason.…/<event>` says why, and `by.…/<event>` is the name that the command line
 * gives. The admission webhook alone writes `votes.…/<event>` (who has answered so far, and which
 * spec they saw) and `claude.amcheste.io/author` (who made the team). `claude.amcheste.io/template`
 * names the template that the team was made of.
 *
 * Annotations of a Workflow: the generation of the team that it was compiled from, and the digest of
 * that generation's spec.
 */
export const ANNOTATIONS = {
  approvedPrefix: 'approved.claude.amcheste.io/',
  reasonPrefix: 'reason.claude.amcheste.io/',
  byPrefix: 'by.claude.amcheste.io/',
  votesPrefix: 'votes.claude.amcheste.io/',
  author: 'claude.amcheste.io/author',
  editors: 'claude.amcheste.io/editors',
  template: 'claude.amcheste.io/template',
  generation: 'claude.amcheste.io/generation',
  spec: 'claude.amcheste.io/spec',
  /** Of a Workflow that went on with a changed spec: the digests of the specs before, after one another. */
  earlierSpecs: 'claude.amcheste.io/earlier-specs',
  /** Of an ended Workflow: {@link ChangedSteps} as JSON. */
  changedSteps: 'claude.amcheste.io/changed-steps',
} as const;

/** Steps that the next retry of a Workflow does again, because the team's spec was changed after its end. */
export interface ChangedSteps {
  /** When the Workflow that ended had started: a retry starts it anew, and has done these steps. */
  readonly startedAt: string;
  readonly steps: readonly string[];
}

/**
 * The steps that the annotation of a Workflow names, if they are for the run that began at `startedAt`.
 * Everybody who may patch the Workflow may have written anything there.
 */
export function parseChangedSteps(
  text: string | undefined,
  startedAt: string | undefined,
): readonly string[] {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(value) || value['startedAt'] !== startedAt) return [];
    const { steps } = value;
    return Array.isArray(steps) ? steps.filter(isStepName).slice(0, MAX_STEPS) : [];
  } catch {
    return [];
  }
}

/** More than a team has steps. */
const MAX_STEPS = 128;

function isStepName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 253;
}
