import { OUTPUTS } from '../workflow.ts';

/** Event of the gate in front of delivery. Every other event is `spawn-<teammate>`. */
export const DELIVER_EVENT = 'deliver';

const SPAWN_PREFIX = 'spawn-';
const STEP_PREFIX = 'Approve-';

/** The event of the gate in front of a teammate. */
export function spawnEvent(teammate: string): string {
  return `${SPAWN_PREFIX}${teammate}`;
}

/** The teammate that starts when the gate of this event opens; undefined for {@link DELIVER_EVENT}. */
export function teammateOfEvent(event: string): string | undefined {
  return event.startsWith(SPAWN_PREFIX) ? event.slice(SPAWN_PREFIX.length) : undefined;
}

/** Name of a gate's step: `Approve-deliver`. */
export function gateStep(event: string): string {
  return `${STEP_PREFIX}${event}`;
}

export function isGateStep(step: string): boolean {
  return step.startsWith(STEP_PREFIX);
}

/** The event of a gate's step: the inverse of {@link gateStep}. */
export function eventOfGateStep(step: string): string {
  return step.slice(STEP_PREFIX.length);
}

/** Name of a gate's Argo template: `approve-deliver`. */
export function gateTemplate(event: string): string {
  return `approve-${event}`;
}

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
    ...(proof !== undefined && { [OUTPUTS.proof]: proof }),
  };
}

/** The fields of a gate that decide who may approve it. */
export interface GateRules {
  readonly approvers?: unknown;
  readonly requiredApprovals?: number;
  readonly allowAuthor?: boolean;
}

/**
 * Whether a gate restricts who may approve it. Only the controller can open such a gate, with the proof
 * that the approvers decided. Anyone who may resume the Workflow can open any other gate.
 */
export function isRestricted(gate: GateRules): boolean {
  return (
    gate.approvers !== undefined || (gate.requiredApprovals ?? 1) > 1 || gate.allowAuthor === false
  );
}
