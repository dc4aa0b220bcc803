import type { AgentTeam } from '@agentteam/api';
import type { Decision } from '@agentteam/contract';
import { usageError } from '../failure.ts';
import type { GateRow } from '../output/view/team-view.ts';
import type { GateAnswer } from '../teams/gates.ts';
import type { HostedTeam } from '../teams/team-host.ts';
import { type AddressedNotification, notificationForGate } from './gate-notification.ts';

export interface GatePolicy {
  /** Events that are approved in advance; `all` means every event. */
  readonly approved: readonly string[];
  readonly answer: GateAnswer;
}

export interface GateActions {
  decide(event: string, decision: Decision, by: string): Promise<void>;
  /** Sends a notification; absent in a rehearsal. */
  readonly send?: (outgoing: AddressedNotification, signal: AbortSignal) => Promise<void>;
  note(text: string): void;
}

/** Handles each gate once, when it opens: answers it, or notifies the gate's channel. */
export class Gatekeeper {
  readonly #policy: GatePolicy;
  readonly #actions: GateActions;
  readonly #handled: Set<string> = new Set();
  readonly #answered: Set<string> = new Set();

  constructor(policy: GatePolicy, actions: GateActions) {
    this.#policy = policy;
    this.#actions = actions;
  }

  /**
   * @param gates the open gates.
   * @returns the gates that wait for a person.
   */
  async update(
    team: HostedTeam,
    gates: readonly GateRow[],
    signal: AbortSignal,
  ): Promise<readonly GateRow[]> {
    for (const gate of gates.filter(({ event }) => !this.#handled.has(event))) {
      this.#handled.add(gate.event);
      await this.#handle(team, gate, signal);
    }
    return gates.filter(({ event }) => !this.#answered.has(event));
  }

  async #handle(team: HostedTeam, { event, before }: GateRow, signal: AbortSignal): Promise<void> {
    const { approved, answer } = this.#policy;
    if (approved.includes('all') || approved.includes(event)) {
      await this.#approve(
        event,
        'agentteam run --approve',
        `approved in advance, ${before} starts`,
      );
    } else if (answer === 'approve') {
      await this.#approve(
        event,
        'agentteam run --gates approve',
        'approved automatically (use --gates wait to wait for an answer)',
      );
    } else {
      this.#notify(team, event, signal);
    }
  }

  /** Returns without waiting for the receiver, so that the team is shown and can be answered meanwhile. */
  #notify(team: HostedTeam, event: string, signal: AbortSignal): void {
    const { send, note } = this.#actions;
    const outgoing = notificationForGate(team, event);
    if (send === undefined || outgoing === undefined) return;
    const { kind } = outgoing.channel;
    send(outgoing, signal).then(
      () => note(`◆ ${event}: sent the request for approval by ${kind}`),
      (error: Error) => {
        if (signal.aborted) return;
        note(`! ${event}: could not send the request for approval by ${kind}: ${error.message}`);
      },
    );
  }

  /** A gate that another person answered, or that timed out meanwhile, is noted and is not an error. */
  async #approve(event: string, by: string, remark: string): Promise<void> {
    this.#answered.add(event);
    try {
      await this.#actions.decide(event, 'approve', by);
      this.#actions.note(`◆ ${event}: ${remark}`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#actions.note(`◆ ${event}: ${error.message}`);
    }
  }
}

/** How gates are answered without `--gates`. */
export function defaultAnswer(isTerminal: boolean, rehearsal: boolean): GateAnswer {
  if (isTerminal) return 'ask';
  return rehearsal ? 'approve' : 'wait';
}

/** @throws Failure when the team has no gate for an event. */
export function checkApprovals(team: AgentTeam, approved: readonly string[]): void {
  const events = (team.spec.lifecycle.approvalGates ?? []).map(({ event }) => event);
  const unknown = approved.filter((event) => event !== 'all' && !events.includes(event));
  if (unknown.length === 0) return;
  throw usageError(
    `--approve ${unknown.join(', ')}: the team has no such gate`,
    events.length === 0
      ? 'The team has no gates.'
      : `Its gates: ${events.join(', ')}. To approve every gate, use --approve all.`,
  );
}
