import { teamExitCode } from '@agentteam/status';
import { type Context, note } from '../context.ts';
import type { Display } from '../display/display.ts';
import { listenForAnswers } from '../display/gate-keys.ts';
import { openDisplay } from '../display/open-display.ts';
import { CLI_EXIT } from '../exit.ts';
import type { HostedTeam, TeamHost } from '../host/team-host.ts';
import { printEnding } from '../view/print-ending.ts';
import { teamViewOf } from '../view/team-view-of.ts';
import { writeOutputs } from './write-outputs.ts';

/** Milliseconds between two drawings of a team that stands still: its clock goes on. */
const REDRAW = 1_000;
/** Milliseconds after which somebody should have looked at a new team. */
const PATIENCE = 15_000;

export interface WatchOptions {
  readonly json: boolean;
  /** Milliseconds to wait at most; absent: as long as the team takes. */
  readonly timeout?: number;
  /** Directory for what a pipeline takes up: written however the waiting ends. */
  readonly outputs?: string;
}

/**
 * Shows a team until it has ended, however it is run. To stop watching does nothing to the team.
 * @returns how the process should end: as the team did, or {@link CLI_EXIT.waitedLongEnough} or
 * {@link CLI_EXIT.interrupted} where it goes on.
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
    note(context, `${name} is interrupted. Go on: agentteam resume ${reference}`);
    return CLI_EXIT.interrupted;
  }
  note(context, `${name} goes on. See how: agentteam watch ${reference}`);
  return deadline?.aborted ? CLI_EXIT.waitedLongEnough : CLI_EXIT.interrupted;
}

/** @returns the team as it was seen last. */
async function showUntil(
  context: Context,
  host: TeamHost,
  name: string,
  json: boolean,
  signal: AbortSignal,
): Promise<HostedTeam | undefined> {
  const keys = context.out.isTTY === true && context.in.isTTY === true && !json;
  const display = openDisplay(context, json, keys);
  const answers = new Set<string>();
  let last: HostedTeam | undefined;
  const draw = (): void => {
    if (last !== undefined) display.update(viewOf(last, answers));
  };
  const release = keys ? answerByKeys(context, host, name, display, answers, () => last) : () => {};
  const redraw = context.out.isTTY && !json ? setInterval(draw, REDRAW) : undefined;
  const impatience = setTimeout(() => {
    if (last !== undefined && !isAttended(last)) {
      display.note(
        '! Nobody has looked at this team yet: is the controller there? agentteam doctor',
      );
    }
  }, PATIENCE);
  try {
    for await (const team of host.follow(name, signal)) {
      last = team;
      draw();
    }
    return last;
  } finally {
    clearInterval(redraw);
    clearTimeout(impatience);
    release();
    display.end();
  }
}

/** A gate that was answered here asks no more, though its Workflow may not show it yet. */
function viewOf(team: HostedTeam, answered: ReadonlySet<string>): ReturnType<typeof teamViewOf> {
  const view = teamViewOf(team, Date.now());
  return { ...view, gates: view.gates.filter(({ event }) => !answered.has(event)) };
}

function answerByKeys(
  context: Context,
  host: TeamHost,
  name: string,
  display: Display,
  answered: Set<string>,
  latest: () => HostedTeam | undefined,
): () => void {
  return listenForAnswers(context, {
    top: () => {
      const team = latest();
      return team && viewOf(team, answered).gates[0]?.event;
    },
    answer: (event, decision) => {
      answered.add(event);
      host.decide(name, event, { decision, reason: '' }).catch((error: Error) => {
        answered.delete(event);
        display.note(error.message);
      });
    },
    confirmReject: (event) => display.confirmReject(event),
    interrupt: () => process.kill(process.pid, 'SIGINT'),
  });
}

/** The controller says of every team whether it has begun. Runs of this machine need none. */
function isAttended({ status, workflow }: HostedTeam): boolean {
  return (
    workflow.status !== undefined ||
    (status.conditions ?? []).some(({ type }) => type === 'Started')
  );
}
