export type StepKind = 'agent' | 'gate' | 'roll-call' | 'checks' | 'deliver' | 'finish';

/**
 * `waiting`: has not begun. `asking`: a gate that waits for a person. `skipped`: a gate was rejected, or a
 * step before it failed, or it was not needed.
 */
export type StepState = 'waiting' | 'running' | 'asking' | 'done' | 'failed' | 'skipped';

export interface StepDetail {
  /** Name in the Workflow: `Lead`, `researcher`, `Approve-deliver`. */
  readonly name: string;
  /** Name for people: `lead`, `approval of deliver`. */
  readonly title: string;
  readonly kind: StepKind;
  /** Name of the agent that runs in the step. */
  readonly agent?: string;
  /** Names of the steps that it waits for. */
  readonly dependsOn: readonly string[];
  /** Length of the longest path from a step without dependencies: 0 for the first steps. */
  readonly level: number;
  readonly state: StepState;
  /** The number of attempts that have a pod. */
  readonly attempts: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly message?: string;
}

export interface GateDecision {
  readonly by?: string;
  readonly decision: 'approve' | 'reject';
  readonly reason?: string;
  readonly at?: string;
  /** `agentteam`, `argo`, `timeout` or `auto-approve`. */
  readonly via?: string;
}

export interface GateDetail {
  /** `spawn-<teammate>` or `deliver`. */
  readonly event: string;
  /** Name of the step that starts when the gate opens. */
  readonly before: string;
  readonly state: 'waiting' | 'open' | 'approved' | 'rejected' | 'skipped';
  /** Who may decide; empty: anyone who may write to the team. */
  readonly approvers: readonly string[];
  readonly requiredApprovals: number;
  readonly openedAt?: string;
  readonly decisions: readonly GateDecision[];
}
