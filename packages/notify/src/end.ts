import { type Notification, notificationId } from './notification.ts';

/** How a team ended, as a notification tells it. What more is given goes into `data` as it is. */
export interface EndNotice {
  readonly namespace: string;
  readonly team: string;
  /** Tells this run of the team from an earlier one, and this end of it from one before a retry. */
  readonly run: string;
  readonly event: 'completed' | 'failed' | 'timed-out' | 'budget-exceeded';
  /** ISO 8601. */
  readonly at: string;
  /** The event as the end of a sentence that begins with the team. */
  readonly words: string;
  /** As in the team's status: `TimedOut`. */
  readonly phase: string;
  /** As in its condition `Complete`: `Rejected`. */
  readonly reason: string;
  /** US dollars as a decimal. */
  readonly costUsd: string;
  readonly budgetUsd?: string;
  /** What became of the result, in words. */
  readonly outcome?: string;
  readonly branch?: string;
  readonly pullRequest?: { readonly url: string; readonly state: string };
  /** A line for each check of the result. */
  readonly checks?: string;
  readonly [figure: string]: unknown;
}

/** The notification of a team's end: with the same id, however often it is made. */
export function endNotification(notice: EndNotice): Notification {
  const { namespace, team, run, event, at, words, ...data } = notice;
  const outcome = notice.outcome?.split('\n', 1)[0];
  return {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, run, event),
    event,
    at,
    team,
    namespace,
    message: [`${namespace}/${team} ${words}.`, outcome].filter(Boolean).join(' '),
    data,
  };
}
