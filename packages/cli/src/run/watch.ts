import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Decision } from '@agentteam/contract';
import { shouldStop, teamExitCode } from '@agentteam/status';
import type { Context } from '../context.ts';
import type { Display } from '../display/display.ts';
import { listenForAnswers } from '../display/gate-keys.ts';
import type { LocalTeam } from '../host/local-team.ts';
import type { HostedTeam } from '../host/team-host.ts';
import { teamViewOf } from '../view/team-view-of.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import type { WaitTeller } from './wait-teller.ts';

/** Milliseconds between two looks at a run: a person sees no delay, and a look costs little. */
const INTERVAL = 250;

export interface Watched {
  readonly team: LocalTeam;
  readonly display: Display;
  readonly gatekeeper: Gatekeeper;
  readonly waitTeller: WaitTeller;
  /** Whether keys of this terminal answer gates. */
  readonly keys: boolean;
  decide(event: string, decision: Decision, by: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Shows a run and sees to its gates until the engine is through with it.
 * @param execution settles when the engine is through, or has stopped all at the user's wish.
 * @returns the team as it was left.
 * @throws whatever `execution` throws.
 */
export async function watchRun(
  context: Context,
  execution: Promise<unknown>,
  { team, display, gatekeeper, waitTeller, keys, decide, stop }: Watched,
): Promise<HostedTeam> {
  let through = false;
  const ended = execution.finally(() => {
    through = true;
  });
  // Its failure is thrown where it is awaited, at the end.
  ended.catch(() => {});
  let firstGate: string | undefined;
  const release = keys
    ? listenForAnswers(context, {
        top: () => firstGate,
        answer: (event, decision) => {
          decide(event, decision, userInfo().username).catch((error: Error) =>
            display.note(`${event}: ${error.message}`),
          );
        },
        confirmReject: (event) => display.confirmReject(event),
        interrupt: () => process.kill(process.pid, 'SIGINT'),
      })
    : () => {};
  let stopping = false;
  try {
    while (!through) {
      const hosted = await team.read();
      const view = teamViewOf(hosted, Date.now());
      const gates = await gatekeeper.see(hosted, view.gates, context.signal);
      waitTeller.see(hosted, context.signal);
      firstGate = gates[0]?.event;
      display.update({ ...view, gates });
      if (!stopping && shouldStop(hosted.workflow)) {
        stopping = true;
        await stop();
      }
      await Promise.race([ended, delay(INTERVAL)]);
    }
    await ended;
    const hosted = await team.read();
    display.update(teamViewOf(hosted, Date.now()));
    return hosted;
  } finally {
    release();
    display.end();
  }
}

/** Exit code of a run that the engine is through with; `undefined` if it can go on. */
export function exitCodeOf(hosted: HostedTeam): number | undefined {
  return teamExitCode(hosted.status);
}
