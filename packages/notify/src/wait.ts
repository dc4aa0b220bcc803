import { type Notification, notificationId } from './notification.ts';

/** Agents of a team wait for the provider of the model, which refuses their requests. */
export interface ProviderWait {
  readonly namespace: string;
  readonly team: string;
  /** Identifies the run of the team: a UID, or the name of a local run. */
  readonly run: string;
  /** Since when the first agent waits, ISO 8601. */
  readonly at: string;
  /** Which agents wait, and for what, as sentences. */
  readonly summary: string;
  readonly agents: readonly {
    readonly agent: string;
    readonly reason: string;
    readonly since: string;
    readonly until: string;
  }[];
  /** Cost of the team so far, in US dollars in decimal notation. */
  readonly costUsd: string;
}

/** The notification that a team waits. The same wait always has the same id. */
export function waitNotification(wait: ProviderWait): Notification {
  const { namespace, team, run, at, summary, ...data } = wait;
  const event = 'waiting-for-provider';
  return {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, run, event, at),
    event,
    at,
    team,
    namespace,
    message: `${namespace}/${team}: ${summary} The team continues by itself; no action is needed.`,
    data: { run, ...data },
  };
}
