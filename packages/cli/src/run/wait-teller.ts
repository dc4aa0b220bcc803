import { isWantedEvent, WAIT_EVENT } from '@agentteam/contract';
import { waitNotification } from '@agentteam/notify';
import { waitBriefing } from '@agentteam/status';
import type { HostedTeam } from '../teams/team-host.ts';
import type { GateCall } from './gate-call.ts';

export interface WaitTellerOptions {
  /** Tells the webhook; absent in a rehearsal. */
  readonly tell?: (call: GateCall, signal: AbortSignal) => Promise<void>;
  note(text: string): void;
}

/** Tells a team's webhook that the team waits for the provider of the model, each wait once. */
export class WaitTeller {
  readonly #options: WaitTellerOptions;
  #told = '';

  constructor(options: WaitTellerOptions) {
    this.#options = options;
  }

  /** Waits for no receiver. */
  see(hosted: HostedTeam, signal: AbortSignal): void {
    const { tell, note } = this.#options;
    const call = waitCall(hosted);
    if (tell === undefined || call === undefined || call.notification.id === this.#told) return;
    this.#told = call.notification.id;
    tell(call, signal).catch((error: Error) => {
      if (!signal.aborted) note(`! the webhook was not told of the wait: ${error.message}`);
    });
  }
}

/** @returns `undefined` where nobody is to be told. Pure. */
export function waitCall(hosted: HostedTeam): GateCall | undefined {
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
