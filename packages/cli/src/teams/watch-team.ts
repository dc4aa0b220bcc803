import { teamExitCode } from '@agentteam/status';
import { writeOutputs } from '../cluster/submit/write-outputs.ts';
import { type Context, note } from '../context.ts';
import { CLI_EXIT } from '../exit.ts';
import { openDisplay } from '../output/display/open-display.ts';
import { showTeam } from '../output/display/show-team.ts';
import { printEnding } from '../output/view/print-ending.ts';
import type { HostedTeam, TeamHost } from './team-host.ts';

/** Milliseconds after which the controller should have noticed a new team. */
const CONTROLLER_DELAY_MS = 15_000;

export interface WatchOptions {
  readonly json: boolean;
  /** Longest time to wait, in milliseconds; absent to wait until the team has ended. */
  readonly timeout?: number;
  /** Directory for the results of a pipeline step. They are written even if the wait ends before the team. */
  readonly outputs?: string;
}

/**
 * Shows a team until it has ended. Stopping the watch does not affect the team.
 * @returns the exit code: that of the team, or {@link CLI_EXIT.waitExpired} or {@link CLI_EXIT.interrupted}
 * while it has not ended.
 */
export async function watchTeam(
  context: Context,
  host: TeamHost,
  name: string,
  { json, timeout, outputs }: WatchOptions,
): Promise<number> {
  const deadline = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([context.signal, ...(deadline === undefined ? [] : [deadline])]);
  const last = await showUntil(context, host, name, json, signal);
  if (outputs !== undefined && last !== undefined) await writeOutputs(context, outputs, last);
  const exitCode = last && teamExitCode(last.status);
  if (last !== undefined && exitCode !== undefined) {
    const { rows } = await host.cost(name);
    printEnding(context, { hosted: last, cost: rows, files: [] }, exitCode, json);
    return exitCode;
  }
  const reference = last?.reference ?? name;
  if (last?.interrupted) {
    note(context, `${name} was interrupted. To continue it, run: agentteam resume ${reference}`);
    return CLI_EXIT.interrupted;
  }
  note(context, `${name} is still running. To watch it again, run: agentteam watch ${reference}`);
  return deadline?.aborted ? CLI_EXIT.waitExpired : CLI_EXIT.interrupted;
}

/** @returns the last state of the team. */
async function showUntil(
  context: Context,
  host: TeamHost,
  name: string,
  json: boolean,
  signal: AbortSignal,
): Promise<HostedTeam | undefined> {
  const keys = context.out.isTTY === true && context.in.isTTY === true && !json;
  const display = openDisplay(context, json, keys);
  let latest: HostedTeam | undefined;
  const noController = setTimeout(() => {
    if (latest === undefined || isNoticed(latest)) return;
    display.note(
      '! The controller has not noticed this team yet. To check the controller, run: agentteam doctor',
    );
  }, CONTROLLER_DELAY_MS);
  try {
    return await showTeam(context, display, {
      // Activities are shown in the live tree only. A pipeline needs no right to read them.
      states: host.follow(name, signal, context.out.isTTY === true && !json),
      keys,
      answer: (event, decision) => host.decide(name, event, { decision, reason: '' }),
      onState: (team, gates) => {
        latest = team;
        return gates;
      },
    });
  } finally {
    clearTimeout(noController);
  }
}

/** The controller records in the status whether a team has started. Runs on this machine need none. */
function isNoticed({ status, workflow }: HostedTeam): boolean {
  return (
    workflow.status !== undefined ||
    (status.conditions ?? []).some(({ type }) => type === 'Started')
  );
}
