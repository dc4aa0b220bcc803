import { type Notification, notificationId } from './notification.ts';

/** Agents of a team wait, because the provider of the model turns them away. */
export interface WaitNotice {
  readonly namespace: string;
  readonly team: string;
  /** Tells this run of the team from an earlier one: a UID, the name of a local run. */
  readonly run: string;
  /** Since when the first of them waits, ISO 8601. */
  readonly at: string;
  /** Who waits for what, in sentences. */
  readonly words: string;
  readonly agents: readonly {
    readonly agent: string;
    readonly reason: string;
    readonly since: string;
    readonly until: string;
  }[];
  /** What the team has spent so far, US dollars as a decimal. */
  readonly costUsd: string;
}

/** The notification of a wait: with the same id, however often it is made. */
export function waitNotification(notice: WaitNotice): Notification {
  const { namespace, team, run, at, words, ...data } = notice;
  const event = 'waiting-for-provider';
  return {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, run, event, at),
    event,
    at,
    team,
    namespace,
    message: `${namespace}/${team}: ${words} Nobody has to do anything; it goes on by itself.`,
    data: { run, ...data },
  };
}
