import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { gateStep } from '@agentteam/contract';
import { readDetail, readTranscript } from '@agentteam/detail';
import { aggregate } from '@agentteam/ledger';
import { decide, stop } from '@agentteam/local';
import { mapFew, removeTeamPause } from '@agentteam/volume';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { checkEvent } from '../gates.ts';
import type { HostedTeam, RetryOptions, TeamHost } from '../team-host.ts';
import { answerLocally } from './answer.ts';
import { deleteRun } from './delete-run.ts';
import { localDetailSource } from './local-detail.ts';
import { readLogs } from './local-logs.ts';
import { readLocalMessages } from './local-messages.ts';
import { localOutputs } from './local-outputs.ts';
import { LocalTeam } from './local-team.ts';
import { onlyCopyOf } from './only-copy.ts';
import { pauseLocally, resumeLocally } from './pause.ts';
import { holderOf, isHeld, isSuspended } from './run-lock.ts';
import { isRunDirectory, listRecords, readRecord } from './run-record.ts';
import { otherRuns } from './runs-directory.ts';
import { interruptLocally, tellLocally } from './tell.ts';

const START_COMMAND = 'agentteam run team.yaml --rehearse';

/** Milliseconds between two reads of a run that is followed. */
const INTERVAL_MS = 250;

/** Repeats the failed steps of a run and executes it in this process. @returns its exit code. */
export type RetryRun = (
  context: Context,
  runs: string,
  team: LocalTeam,
  options: RetryOptions,
) => Promise<number>;

/** The runs in a directory of this machine. @param env the user's environment. */
export function localHost(runs: string, retryRun: RetryRun, env: Context['env']): TeamHost {
  const open = (name: string): Promise<LocalTeam> => openLocalTeam(runs, name);
  return {
    list: (_everywhere, onUnreadable) => listLocalTeams(runs, onUnreadable),

    get: async (name) => (await open(name)).read(),

    follow: async function* follow(name, signal) {
      const team = await open(name);
      while (!signal.aborted) {
        const hosted = await team.read();
        yield hosted;
        if (hosted.interrupted || hosted.workflow.status?.finishedAt !== undefined) return;
        await delay(INTERVAL_MS, undefined, { signal }).catch(() => {});
      }
    },

    logs: async function* logs(name, options) {
      yield* readLogs(await open(name), options);
    },

    messages: async (name) => readLocalMessages(await open(name)),

    view: (name) => ({
      detail: async () => localDetailSource(await open(name)),
      transcript: async (agent, options) =>
        readTranscript(await localDetailSource(await open(name)), agent, options),
      readFiles: async () => {
        throw new Failure('the files of a run on this machine need no pod');
      },
      close: () => {},
    }),

    detail: async (name) => readDetail(await localDetailSource(await open(name))),

    outputs: async (name) => localOutputs(await open(name)),

    tell: async (name, options) => tellLocally(await open(name), options),

    answer: async (name, options) => answerLocally(await open(name), options),

    interrupt: async (name, agent) => interruptLocally(await open(name), agent),

    cost: async (name) => ({ rows: aggregate((await (await open(name)).ledger()).entries()) }),

    decide: async (name, event, { decision, by = userInfo().username, reason }) => {
      const { directory, record, reference } = await open(name);
      checkEvent(record.run, record.team, event);
      try {
        decide(directory, gateStep(event), decision, { by, reason });
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new Failure(`${event} of ${name}: ${cause.message}`, { cause });
      }
      const holder = await holderOf(directory);
      if (holder !== undefined) {
        return isSuspended(holder)
          ? `${name} is suspended; the answer takes effect after: kill -CONT ${holder}`
          : undefined;
      }
      return `no process is running ${name}; the answer takes effect after: agentteam resume ${reference}`;
    },

    pause: async (name, by) => pauseLocally(await open(name), by),

    resume: async (name) => resumeLocally(await open(name)),

    stop: async (name) => {
      const team = await open(name);
      if (!(await isHeld(team.directory))) {
        const { status } = await team.workflow();
        if (status?.finishedAt !== undefined) throw new Failure(`${name} has already ended`);
        throw new Failure(`no process is running ${name}, so there is nothing to stop`, {
          hint: `To continue it, run: agentteam resume ${team.reference}\n  To delete it, run: agentteam delete ${team.reference}`,
        });
      }
      await removeTeamPause(team.volumes.control);
      stop(team.directory);
    },

    retry: async (context, name, options) => retryRun(context, runs, await open(name), options),

    onlyCopy: async (name) => {
      const record = await readRecord(runs, name).catch(() => undefined);
      if (record === undefined) return undefined;
      return onlyCopyOf(new LocalTeam(runs, record)).catch(() => undefined);
    },

    delete: async (name) => {
      // A run whose record is damaged can be deleted too.
      if (!(await isRunDirectory(runs, name))) await open(name);
      await deleteRun(runs, name, env);
      return { gone: true };
    },

    startCommand: START_COMMAND,

    emptyMessage: `There are no runs in ${runs}. ${otherRuns(runs)} To start a rehearsal, run: ${START_COMMAND}`,
  };
}

/**
 * Lists the runs in a directory, newest first.
 * @param onUnreadable called for each run that cannot be read.
 */
export async function listLocalTeams(
  runs: string,
  onUnreadable: (name: string, error: Error) => void = () => {},
): Promise<readonly HostedTeam[]> {
  const { records, unreadable } = await listRecords(runs);
  for (const { run, error } of unreadable) onUnreadable(run, error);
  const teams = await mapFew(records, (record) =>
    new LocalTeam(runs, record).read().catch((error: Error) => {
      onUnreadable(record.run, error);
      return undefined;
    }),
  );
  return teams.filter((team) => team !== undefined);
}

/** @throws Failure for an unknown name, listing the known names. */
export async function openLocalTeam(runs: string, name: string): Promise<LocalTeam> {
  const record = await readRecord(runs, name);
  if (record !== undefined) return new LocalTeam(runs, record);
  const known = (await listRecords(runs)).records.map(({ run }) => run);
  const there =
    known.length === 0 ? `There are no runs in ${runs}.` : `Runs in ${runs}: ${known.join(', ')}.`;
  throw new Failure(`there is no run ${name}`, {
    hint: `${there} ${otherRuns(runs)} Use -n for a namespace of a cluster.`,
  });
}
