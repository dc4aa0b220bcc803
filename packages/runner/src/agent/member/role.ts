import type { StepResult } from '../step-result.ts';

/** What a member does besides its turns: a lead or a teammate. */
export interface MemberRole {
  /** Called while the agent is idle. @returns the step's result when it may end. */
  whenIdle(): Promise<StepResult | undefined>;
  /** Called when the agent's process has exited by itself and its step has succeeded. */
  whenExited(): Promise<void>;
}
