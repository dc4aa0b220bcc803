import { setTimeout as delay } from 'node:timers/promises';
import type { TeamLive } from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import type { HostedTeam } from '../team-host.ts';

/** Milliseconds between two reads of a team's figures: before the first, usually, and while none answer. */
const FIRST_MS = 500;
const INTERVAL_MS = 5_000;
const MAX_INTERVAL_MS = 60_000;

/**
 * Adds a running team's figures to its states. They change more often than the team, so states are repeated
 * with newer figures.
 * @param states opens the states of the team; they end when the signal aborts.
 * @param read returns undefined when no figures can be read.
 */
export async function* withFigures(
  states: (signal: AbortSignal) => AsyncIterable<HostedTeam>,
  read: (team: HostedTeam) => Promise<TeamLive | undefined>,
  signal: AbortSignal,
): AsyncIterable<HostedTeam> {
  const closing = new AbortController();
  const iterator = states(AbortSignal.any([signal, closing.signal]))[Symbol.asyncIterator]();
  let next = iterator.next();
  let team: HostedTeam | undefined;
  let live: TeamLive | undefined;
  let pause = FIRST_MS;
  try {
    for (;;) {
      const state = await (team === undefined ? next : firstOf(next, pause));
      if (state === undefined && team !== undefined) {
        live = await read(team);
        pause = live === undefined ? Math.min(pause * 2, MAX_INTERVAL_MS) : INTERVAL_MS;
      } else if (state === undefined || state.done) {
        return;
      } else {
        team = state.value;
        next = iterator.next();
        // A failure is thrown where it is awaited.
        next.catch(() => {});
      }
      if (team !== undefined) yield shown(team, live);
    }
  } finally {
    closing.abort();
  }
}

/** @returns undefined when the time has passed first. */
async function firstOf<T>(next: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController();
  const due = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([next, due]);
  } finally {
    timer.abort();
  }
}

/** Figures of a gateway are not shown once the team has ended: the last step has the final ones. */
function shown(team: HostedTeam, live: TeamLive | undefined): HostedTeam {
  const hasEnded = team.live !== undefined || teamExitCode(team.status) !== undefined;
  return hasEnded || live === undefined ? team : { ...team, live };
}
