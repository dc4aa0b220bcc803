/** One mail of the team, for a person who reads the conversation. */
export interface Message {
  readonly from: string;
  readonly to: string;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: 'message' | 'task' | 'idle' | 'shutdown';
  readonly text: string;
  /** Whether the receiver has it in its session already. */
  readonly delivered: boolean;
}

/** A team's mail, as far as it can be had. */
export interface Correspondence {
  /** In the order in which it was sent. */
  readonly messages: readonly Message[];
  /** Agents of whose delivered mail nothing is known here. */
  readonly missing: readonly string[];
  /** What was not read, because there is too much of it or it is not a plain file: sentences. */
  readonly leftOut: readonly string[];
}
