import { type Notification, notificationId } from './notification.ts';

/** What a person needs to know to answer a question of an agent. */
export interface AskedQuestion {
  readonly namespace: string;
  readonly team: string;
  /** Identifies the run of the team: a UID, or the name of a local run. */
  readonly run: string;
  /** Id of the question. */
  readonly id: string;
  readonly agent: string;
  /** `blocked`: the agent has reported that it cannot continue. */
  readonly kind: 'question' | 'blocked';
  /** In the agent's words. */
  readonly question: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** When the agent asked, ISO 8601. */
  readonly at: string;
  /** Until when the question waits, ISO 8601. */
  readonly deadline: string;
  /** Cost of the team so far, in US dollars in decimal notation. */
  readonly costUsd: string;
  /** A shell command that answers the question, with `…` in place of the answer. */
  readonly answer: string;
}

/** The notification of a question. The same question always has the same id. */
export function questionNotification(asked: AskedQuestion): Notification {
  const { namespace, team, run, at, id, ...data } = asked;
  const what =
    asked.kind === 'blocked' ? 'is blocked and asks what to do' : 'asks a question and waits';
  return {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, run, 'question', id, at),
    event: 'question',
    at,
    team,
    namespace,
    message: `${namespace}/${team}: ${asked.agent} ${what} (${id}).`,
    data: { run, id, ...data },
  };
}
