/**
 * Names in a compiled Workflow. A teammate's step has the teammate's own name, which is a DNS label and
 * therefore in lower case; our own steps start with a capital letter, so the two never collide.
 */
export const STEPS = {
  lead: 'Lead',
  rollCall: 'Roll-call',
  checks: 'Checks',
  deliver: 'Deliver',
  /** The only step of the exit handler. */
  finish: 'Finish',
} as const;

/** Names of the Argo templates. Those of pods are in lower case, because pod names contain them. */
export const TEMPLATES = {
  /** The entrypoint: the DAG of all steps. */
  team: 'team',
  lead: 'lead',
  rollCall: 'roll-call',
  checks: 'checks',
  deliver: 'deliver',
  /** The exit handler: a DAG around {@link TEMPLATES.finish}. */
  exit: 'exit',
  finish: 'finish',
} as const;

const TEAMMATE_TEMPLATE_PREFIX = 'agent-';

export function teammateTemplate(teammate: string): string {
  return `${TEAMMATE_TEMPLATE_PREFIX}${teammate}`;
}

/** Whether a template runs a teammate. */
export function isTeammateTemplate(template: string | undefined): boolean {
  return template?.startsWith(TEAMMATE_TEMPLATE_PREFIX) === true;
}

/** Whether a template runs an agent: the lead or a teammate. */
export function isAgentTemplate(template: string | undefined): boolean {
  return template === TEMPLATES.lead || isTeammateTemplate(template);
}

/** Output parameters of steps. */
export const OUTPUTS = {
  decision: 'decision',
  decidedBy: 'decided-by',
  reason: 'reason',
  /** Only the controller can supply it, once the approvers have decided. */
  proof: 'proof',
  totals: 'totals',
  /** Proof of the totals; only where the step has the namespace's key for figures. */
  totalsProof: 'totals-proof',
  summary: 'summary',
  outcome: 'outcome',
  branch: 'branch',
  pullRequestUrl: 'pull-request-url',
  pullRequestState: 'pull-request-state',
  checks: 'checks',
} as const;
