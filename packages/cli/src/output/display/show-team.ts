import type { Decision } from '@agentteam/contract';
import type { Context } from '../../context.ts';
import type { HostedTeam } from '../../teams/team-host.ts';
import type { GateRow } from '../view/team-view.ts';
import { teamViewOf } from '../view/team-view-of.ts';
import type { Display } from './display.ts';
import { listenForAnswers } from './gate-keys.ts';

/** Milliseconds between two drawings of an unchanged team, whose clock must advance. */
const REDRAW_MS = 1_000;

export interface TeamToShow {
  /** Yields the team whenever it may have changed. */
  readonly states: AsyncIterable<HostedTeam>;
  /** Whether keys of this terminal answer gates. */
  readonly keys: boolean;
  /** Answers a gate. A rejection is shown as a note. */
  readonly answer: (event: string, decision: Decision) => Promise<unknown>;
  /**
   * Called with each state before it is shown.
   * @param gates the open gates.
   * @returns the gates that still need an answer.
   */
  readonly onState?: (
    team: HostedTeam,
    gates: readonly GateRow[],
  ) => readonly GateRow[] | Promise<readonly GateRow[]>;
}

/**
 * Shows a team until `states` ends.
 * @returns the last state; undefined if there was none.
 * @throws what `states` or `onState` throws.
 */
export async function showTeam(
  context: Context,
  display: Display,
  { states, keys, answer, onState = (_team, gates) => gates }: TeamToShow,
): Promise<HostedTeam | undefined> {
  /** Gates that were answered here. Their Workflow may still show them as open. */
  const answered = new Set<string>();
  let gates: readonly GateRow[] = [];
  let last: HostedTeam | undefined;
  const unanswered = (): readonly GateRow[] => gates.filter(({ event }) => !answered.has(event));
  const draw = (): void => {
    if (last === undefined) return;
    display.update({ ...teamViewOf(last, Date.now()), gates: unanswered() });
  };
  const stopListening = keys
    ? listenForAnswers(context, {
        top: () => unanswered()[0]?.event,
        answer: (event, decision) => {
          answered.add(event);
          answer(event, decision).catch((error: Error) => {
            answered.delete(event);
            display.note(error.message);
          });
        },
        confirmReject: (event) => display.confirmReject(event),
        interrupt: () => process.kill(process.pid, 'SIGINT'),
        leave: () => display.leave(),
      })
    : () => {};
  const redraw = context.out.isTTY ? setInterval(draw, REDRAW_MS) : undefined;
  try {
    for await (const team of states) {
      gates = await onState(team, teamViewOf(team, Date.now()).gates);
      last = team;
      draw();
    }
    return last;
  } finally {
    clearInterval(redraw);
    stopListening();
    display.end();
  }
}
