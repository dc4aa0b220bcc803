/** The values of `lifecycle.onComplete` for which the step `Deliver` pushes the result branch. */
export type DeliveringOnComplete = 'create-pr' | 'push-branch';

/** The values of `lifecycle.onComplete`. */
export type OnComplete = DeliveringOnComplete | 'notify' | 'none';

/** What happens with the result of a team whose agents have completed. */
export interface CompletionAction {
  /** Whether the step `Deliver` exists and pushes the result branch. */
  readonly pushesBranch: boolean;
  /** Whether it also opens a pull request for that branch. */
  readonly opensPullRequest: boolean;
}

/** A new value of `onComplete` does not compile until it is described here. */
export const COMPLETION_ACTIONS: Readonly<Record<OnComplete, CompletionAction>> = {
  'create-pr': { pushesBranch: true, opensPullRequest: true },
  'push-branch': { pushesBranch: true, opensPullRequest: false },
  notify: { pushesBranch: false, opensPullRequest: false },
  none: { pushesBranch: false, opensPullRequest: false },
};

/** Whether a team with this `onComplete` has the step `Deliver`. */
export function delivers(onComplete: OnComplete): onComplete is DeliveringOnComplete {
  return COMPLETION_ACTIONS[onComplete].pushesBranch;
}
