import type { CachedWorkflow } from '../../argo/cached-workflow.ts';

/** Whether a team has its Workflow, and why not. */
export type WorkflowState =
  | { readonly kind: 'found'; readonly workflow: CachedWorkflow }
  /** It was created a moment ago. The watch will report it. */
  | { readonly kind: 'created' }
  /** The team has ended and its Workflow was deleted. The team's status is final. */
  | { readonly kind: 'ended' }
  /** Somebody deleted the Workflow of a running team. */
  | { readonly kind: 'deleted' }
  | RefusedState;

/** It could not be created. */
export interface RefusedState {
  readonly kind: 'refused';
  readonly reason: 'Invalid' | 'NameTaken' | 'Refused';
  readonly message: string;
  /** When to try again. Absent: when the team changes. */
  readonly requeue?: Requeue;
}

/** Reconcile again after so many ms, or with the queue's growing delays after an error. */
export type Requeue = { readonly afterMs: number } | { readonly error: unknown };

/** A state that the team's status reports. */
export type ReportedState = Exclude<WorkflowState, { readonly kind: 'created' }>;
