import { type Notification, notificationId } from './notification.ts';

/** What an approver needs to know about a gate. */
export interface OpenGate {
  readonly namespace: string;
  readonly team: string;
  /** Identifies the run of the team: a UID, or the name of a local run. */
  readonly run: string;
  readonly event: string;
  /** When the gate opened, ISO 8601. A retry may open the same gate again. */
  readonly at: string;
  /** The teammate that starts after an approval. Absent: the gate is not for a teammate. */
  readonly teammate?: string;
  readonly prompt?: string;
  /** Reports of the teammates whose work is to be approved. */
  readonly reports: readonly { readonly teammate: string; readonly report: string }[];
  /** Cost of the team so far, in US dollars in decimal notation. */
  readonly costUsd: string;
  readonly budgetUsd?: string;
  /** Shell commands that answer the gate. */
  readonly approve: string;
  readonly reject: string;
}

/** The notification that a gate has opened. The same opening always has the same id. */
export function gateNotification(gate: OpenGate): Notification {
  const { namespace, team, run, at, ...data } = gate;
  return {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, run, 'approval-required', gate.event, at),
    event: 'approval-required',
    at,
    team,
    namespace,
    message: `${namespace}/${team}: ${gate.event} is waiting for approval.`,
    data: { run, ...data },
  };
}
