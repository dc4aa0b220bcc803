import type { Answer } from './gates.ts';

/**
 * What the controller knows about a restricted gate. The gate's node proves nothing, because anyone who may
 * patch Workflows or write WorkflowTaskResults can put any decision and any name there.
 */
export interface Ruling {
  /** The proof with which the controller opens the gate. Only the controller can have opened a node that has it. */
  readonly proof: string;
  /** The proofs for the run's earlier specs. */
  readonly earlier?: readonly string[];
  /** The result of the votes. Absent while approvals are missing. */
  readonly answer?: Answer;
  /** People whose votes do not count any more because the spec has changed. */
  readonly voided: readonly string[];
  /** Time limit of the gate. Absent: none. */
  readonly timeoutSeconds?: number;
}

/** Rulings by event. A gate without one is unrestricted: its node decides. */
export type Rulings = Readonly<Record<string, Ruling>>;
