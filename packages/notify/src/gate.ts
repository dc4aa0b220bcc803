import { type Notification, notificationId } from './notification.ts';

/** What somebody who is asked for an approval needs to know. */
export interface GateNotice {
  readonly namespace: string;
  readonly team: string;
  /** Tells this run of the team from an earlier one: a UID, the name of a local run. */
  readonly run: string;
  readonly event: string;
  /** When the gate opened, ISO 8601: one that was stopped opens again in a retry. */
  readonly at: string;
  /** Who starts once it is approved; absent where the gate is not one teammate's. */
  readonly teammate?: string;
  readonly prompt?: string;
  /** Last words of those whose work it builds on. */
  readonly reports: readonly { readonly teammate: string; readonly report: string }[];
  /** What the team has spent so far, US dollars as a decimal. */
  readonly costUsd: string;
  readonly budgetUsd?: string;
  /** Command lines for a shell. */
  readonly approve: string;
  readonly reject: string;
}

/** The notification of a gate that has opened: the same one, with the same id, however often it is made. */
export function gateNotification(notice: GateNotice): Notification {
  const { namespace, team, run, at, ...data } = notice;
  return {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, run, 'approval-required', notice.event, at),
    event: 'approval-required',
    at,
    team,
    namespace,
    message: `${namespace}/${team}: ${notice.event} waits for an approval.`,
    data: { run, ...data },
  };
}
