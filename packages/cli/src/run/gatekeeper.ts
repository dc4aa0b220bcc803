import type { AgentTeam } from '@agentteam/api';
import type { Decision } from '@agentteam/contract';
import type { GateAnswer } from '../commands/gates-option.ts';
import { usageError } from '../failure.ts';
import type { GateRow } from '../view/team-view.ts';
import { notifyGate } from './webhooks.ts';

export interface GatePolicy {
  readonly team: AgentTeam;
  readonly run: string;
  /** Events that were approved in advance; `all`: every one. */
  readonly approved: readonly string[];
  readonly answer: GateAnswer;
  /** Whether webhooks are called: not in a rehearsal. */
  readonly webhooks: boolean;
}

export interface GateActions {
  decide(event: string, decision: Decision, by: string): Promise<void>;
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
  async see(gates: readonly GateRow[], signal: AbortSignal): Promise<readonly GateRow[]> {
    for (const gate of gates.filter(({ event }) => !this.#seen.has(event))) {
      this.#seen.add(gate.event);
      await this.#opened(gate, signal);
    }
    return gates.filter(({ event }) => !this.#answered.has(event));
  }

  async #opened({ event, before }: GateRow, signal: AbortSignal): Promise<void> {
    const { approved, answer, team, run, webhooks } = this.#policy;
    if (approved.includes('all') || approved.includes(event)) {
      await this.#approve(event, 'agentteam run --approve');
      this.#actions.note(`◆ ${event}: approved in advance, ${before} starts`);
    } else if (answer === 'approve') {
      await this.#approve(event, 'agentteam run --gates approve');
      this.#actions.note(
        `◆ ${event}: approved, because nobody can be asked here (--gates wait: wait for an answer)`,
      );
    } else if (webhooks) {
      // The team goes on whether or not the receiver is there: a person can still answer.
      await notifyGate(team, run, event, signal).catch((error: Error) => {
        this.#actions.note(`! ${error.message}`);
      });
    }
  }

  async #approve(event: string, by: string): Promise<void> {
    this.#answered.add(event);
    await this.#actions.decide(event, 'approve', by);
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
