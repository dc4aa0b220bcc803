import type { Answer } from './gates.ts';

/**
 * What the controller knows of a restricted gate. The gate's node proves nothing: everybody who may
 * patch Workflows or write WorkflowTaskResults can put any decision and any name there.
 */
export interface Ruling {
  /** With which the controller opens the gate: a node that has it was opened by the controller. */
  readonly proof: string;
  /** With which it opened the gate for specs that the run began with and went on from since. */
  readonly earlier?: readonly string[];
  /** What the votes come to; absent while approvals are missing. */
  readonly answer?: Answer;
  /** People whose votes were for a spec that has changed since. */
  readonly voided: readonly string[];
  /** How long the gate waits; absent: as long as the team may run. */
  readonly timeoutSeconds?: number;
}

/** By event. A gate that is not here is decided by its node: everybody may answer it. */
export type Rulings = Readonly<Record<string, Ruling>>;
