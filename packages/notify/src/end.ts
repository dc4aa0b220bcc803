import { type Notification, notificationId } from './notification.ts';

/** How a team ended. Additional fields become part of the notification's `data`. */
export interface TeamEnd {
  readonly namespace: string;
  readonly team: string;
  /** Identifies the run of the team, and its end among those of several retries. */
  readonly run: string;
  readonly event: 'completed' | 'failed' | 'timed-out' | 'budget-exceeded';
  /** ISO 8601. */
  readonly at: string;
  /** Completes a sentence that starts with the team's name: `failed: the lead ran out of memory`. */
  readonly summary: string;
  /** The phase in the team's status, such as `TimedOut`. */
  readonly phase: string;
  /** The reason of the condition `Complete`, such as `Rejected`. */
  readonly reason: string;
  /** US dollars in decimal notation. */
  readonly costUsd: string;
  readonly budgetUsd?: string;
  /** What happened to the result, as text. */
  readonly outcome?: string;
  readonly branch?: string;
  readonly pullRequest?: { readonly url: string; readonly state: string };
  /** One line for each quality gate. */
  readonly checks?: string;
  readonly [figure: string]: unknown;
}

/** The notification that a team has ended. The same end always has the same id. */
export function endNotification(end: TeamEnd): Notification {
  const { namespace, team, run, event, at, summary, ...data } = end;
  const outcome = end.outcome?.split('\n', 1)[0];
  return {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, run, event),
    event,
    at,
    team,
    namespace,
    message: [`${namespace}/${team} ${summary}.`, outcome].filter(Boolean).join(' '),
    data,
  };
}
