import { isWantedEvent, WAIT_EVENT } from '@agentteam/contract';
import { waitNotification } from '@agentteam/notify';
import { waitBriefing } from '@agentteam/status';
import type { HostedTeam } from '../teams/team-host.ts';
import type { AddressedNotification } from './gate-notification.ts';

export interface WaitActions {
  /** Sends a notification; absent in a rehearsal. */
  readonly send?: (outgoing: AddressedNotification, signal: AbortSignal) => Promise<void>;
  note(text: string): void;
}

/** Notifies a team's webhook, once for each wait, that the team waits for the model's provider. */
export class WaitNotifier {
  readonly #actions: WaitActions;
  #sent = '';

  constructor(actions: WaitActions) {
    this.#actions = actions;
  }

  /** Returns without waiting for the receiver. */
  update(hosted: HostedTeam, signal: AbortSignal): void {
    const { send, note } = this.#actions;
    const outgoing = notificationForWait(hosted);
    if (send === undefined || outgoing === undefined || outgoing.notification.id === this.#sent)
      return;
    this.#sent = outgoing.notification.id;
    send(outgoing, signal).catch((error: Error) => {
      if (!signal.aborted) note(`! the webhook was not notified of the wait: ${error.message}`);
    });
  }
}

/** @returns undefined when the team does not wait, or its webhook does not want the event. */
function notificationForWait(hosted: HostedTeam): AddressedNotification | undefined {
  const { team, live, status, name, createdAt } = hosted;
  const { webhook } = team.spec.observability ?? {};
  const waiting = waitBriefing(live);
  if (webhook === undefined || waiting === undefined) return undefined;
  if (!isWantedEvent(WAIT_EVENT, webhook.events)) return undefined;
  const notification = waitNotification({
    namespace: team.metadata.namespace ?? 'default',
    team: team.metadata.name ?? '',
    run: `${name} of ${createdAt}`,
    ...waiting,
    costUsd: status.estimatedCost ?? '0.00',
  });
  return { channel: { kind: 'webhook', url: webhook.url }, notification };
}
