import type { AgentTeam } from '@agentteam/api';
import type { Decision } from '@agentteam/contract';
import { usageError } from '../failure.ts';
import type { HostedTeam } from '../teams/team-host.ts';
import type { GateRow } from '../output/view/team-view.ts';
import type { GateAnswer } from './gate-answer.ts';
import { type GateCall, gateCall } from './gate-call.ts';

export interface GatePolicy {
  /** Events that were approved in advance; `all`: every one. */
  readonly approved: readonly string[];
  readonly answer: GateAnswer;
}

export interface GateActions {
  decide(event: string, decision: Decision, by: string): Promise<void>;
  /** Tells whoever a gate is to tell; absent in a rehearsal. */
  readonly tell?: (call: GateCall, signal: AbortSignal) => Promise<void>;
  note(text: string): void;
}

/** Sees to each gate once, when it opens: answers it, or tells whoever should. */
export class Gatekeeper {
  readonly #policy: GatePolicy;
  readonly #actions: GateActions;
  readonly #seen: Set<string> = new Set();
  readonly #answered: Set<string> = new Set();

  constructor(policy: GatePolicy, actions: GateActions) {
    this.#policy = policy;
    this.#actions = actions;
  }

  /**
   * @param gates those that are open now.
   * @returns those of them that wait for a person.
   */
  async see(
    team: HostedTeam,
    gates: readonly GateRow[],
    signal: AbortSignal,
  ): Promise<readonly GateRow[]> {
    for (const gate of gates.filter(({ event }) => !this.#seen.has(event))) {
      this.#seen.add(gate.event);
      await this.#opened(team, gate, signal);
    }
    return gates.filter(({ event }) => !this.#answered.has(event));
  }

  async #opened(team: HostedTeam, { event, before }: GateRow, signal: AbortSignal): Promise<void> {
    const { approved, answer } = this.#policy;
    if (approved.includes('all') || approved.includes(event)) {
      const words = `approved in advance, ${before} starts`;
      await this.#approve(event, 'agentteam run --approve', words);
    } else if (answer === 'approve') {
      const words = 'approved, because nobody can be asked here (--gates wait: wait for an answer)';
      await this.#approve(event, 'agentteam run --gates approve', words);
    } else {
      this.#tell(team, event, signal);
    }
  }

  /** Waits for no receiver: a person can answer meanwhile, and the team is shown. */
  #tell(team: HostedTeam, event: string, signal: AbortSignal): void {
    const { tell, note } = this.#actions;
    const call = gateCall(team, event);
    if (tell === undefined || call === undefined) return;
    const { kind } = call.channel;
    tell(call, signal).then(
      () => note(`◆ ${event}: asked by ${kind}`),
      (error: Error) => {
        if (!signal.aborted) note(`! ${event}: nobody was asked by ${kind}: ${error.message}`);
      },
    );
  }

  /** Somebody else may have answered it since it was seen, or its time be up: that is no fault. */
  async #approve(event: string, by: string, words: string): Promise<void> {
    this.#answered.add(event);
    try {
      await this.#actions.decide(event, 'approve', by);
      this.#actions.note(`◆ ${event}: ${words}`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#actions.note(`◆ ${event}: ${error.message}`);
    }
  }
}

/** How gates are answered where nothing was said. */
export function defaultAnswer(isTerminal: boolean, rehearsal: boolean): GateAnswer {
  if (isTerminal) return 'ask';
  return rehearsal ? 'approve' : 'wait';
}

/** @throws Failure for an event that the team has no gate for. */
export function checkApprovals(team: AgentTeam, approved: readonly string[]): void {
  const events = (team.spec.lifecycle.approvalGates ?? []).map(({ event }) => event);
  const unknown = approved.filter((event) => event !== 'all' && !events.includes(event));
  if (unknown.length === 0) return;
  throw usageError(
    `--approve ${unknown.join(', ')}: the team has no such gate`,
    events.length === 0
      ? 'It has none at all.'
      : `Its gates: ${events.join(', ')}; all stands for every one.`,
  );
}
