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

/** Under which name the command line writes to the API server, which records it with each field. */
export const CLI_FIELD_MANAGER = 'agentteam';

/** Labels on Workflows and on their pods. */
export const LABELS = {
  team: 'claude.amcheste.io/team',
} as const;

/**
 * Annotations. Of a team: `approved.claude.amcheste.io/<event>` is a person's answer to a gate
 * (`true` or `false`), `reason.…/<event>` why, `by.…/<event>` who says it was they (the command line
 * writes it), and `votes.…/<event>` who has answered so far,
 * written by the admission webhook alone, as `claude.amcheste.io/author` is, who made it; `claude.amcheste.io/template`, what it was made of. Of a Workflow: the team's generation it was compiled from.
 */
export const ANNOTATIONS = {
  approvedPrefix: 'approved.claude.amcheste.io/',
  reasonPrefix: 'reason.claude.amcheste.io/',
  byPrefix: 'by.claude.amcheste.io/',
  votesPrefix: 'votes.claude.amcheste.io/',
  author: 'claude.amcheste.io/author',
  template: 'claude.amcheste.io/template',
  generation: 'claude.amcheste.io/generation',
} as const;
