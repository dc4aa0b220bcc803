import type { StoredWorkflow } from '../../argo/stored.ts';

/** How a team's run stands, before its Workflow is looked into. */
export type Run =
  | { readonly kind: 'present'; readonly workflow: StoredWorkflow }
  /** It was started this moment: the watch will tell of it. */
  | { readonly kind: 'started' }
  /** It has ended and its Workflow was cleaned up: its status says how, for good. */
  | { readonly kind: 'over' }
  /** Somebody deleted the Workflow of a team that had not ended. */
  | { readonly kind: 'lost' }
  /** It could not be started. */
  | {
      readonly kind: 'refused';
      readonly reason: 'Invalid' | 'NameTaken' | 'Refused';
      readonly message: string;
      /** When to try again; absent: once the team is another. */
      readonly again?: Again;
    };

/** In so many ms, or with the queue's growing pauses after an error. */
export type Again = { readonly afterMs: number } | { readonly error: unknown };

/** One that there is something to say of. */
export type StandingRun = Exclude<Run, { readonly kind: 'started' }>;
