import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gateStep } from '@agentteam/contract';
import { aggregate } from '@agentteam/ledger';
import { decide, stop } from '@agentteam/local';
import { mapFew, removeTrees } from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import { checkEvent } from '../gates.ts';
import { readLogs } from './local-logs.ts';
import { readMessages } from './local-messages.ts';
import { LocalTeam } from './local-team.ts';
import { onlyCopyOf } from './only-copy.ts';
import { isHeld } from './run-lock.ts';
import { isRunDirectory, listRecords, readRecord, referenceTo } from './runs-directory.ts';
import type { TeamHost } from '../team-host.ts';

/** Milliseconds between two looks at a run that is followed. */
const INTERVAL = 250;

/** The runs of this machine, in one directory. */
export function localHost(runs: string): TeamHost {
  const open = (name: string): Promise<LocalTeam> => openLocalTeam(runs, name);
  return {
    list: async (_everywhere, onUnreadable = () => {}) => {
      const { records, unreadable } = await listRecords(runs);
      for (const { run, error } of unreadable) onUnreadable(run, error);
      const teams = await mapFew(records, (record) =>
        new LocalTeam(runs, record).read().catch((error: Error) => {
          onUnreadable(record.run, error);
          return undefined;
        }),
      );
      return teams.filter((team) => team !== undefined);
    },

    get: async (name) => (await open(name)).read(),

    follow: async function* follow(name, signal) {
      const team = await open(name);
      while (!signal.aborted) {
        const hosted = await team.read();
        yield hosted;
        if (hosted.interrupted || hosted.workflow.status?.finishedAt !== undefined) return;
        await delay(INTERVAL, undefined, { signal }).catch(() => {});
      }
    },

    logs: async function* logs(name, options) {
      yield* readLogs(await open(name), options);
    },

    messages: async (name) => readMessages(await open(name)),

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
      return (await isHeld(directory))
        ? undefined
        : `no process runs ${name}; the answer counts when it goes on: agentteam resume ${reference}`;
    },

    stop: async (name) => {
      const team = await open(name);
      if (!(await isHeld(team.directory))) {
        const { status } = await team.workflow();
        if (status?.finishedAt !== undefined) throw new Failure(`${name} has ended already`);
        throw new Failure(`no process runs ${name}: there is nothing to stop`, {
          wayOut: `agentteam resume ${team.reference}   goes on with it; agentteam delete ${team.reference}   removes it.`,
        });
      }
      stop(team.directory);
    },

    onlyCopy: async (name) => {
      const record = await readRecord(runs, name).catch(() => undefined);
      if (record === undefined) return undefined;
      // Of what cannot be read nobody can say what it has.
      return onlyCopyOf(new LocalTeam(runs, record)).catch(() => undefined);
    },

    delete: async (name) => {
      // One whose record is torn can be removed as well.
      if (!(await isRunDirectory(runs, name))) await open(name);
      const directory = join(runs, name);
      if (await isHeld(directory)) {
        const wayOut = `agentteam stop ${referenceTo(runs, name)}`;
        throw new Failure(`${name} is running`, { wayOut });
      }
      await removeTrees([directory]);
      return { gone: true };
    },

    none: 'No runs here. agentteam run team.yaml --rehearse makes one.',
  };
}

/** @throws Failure for a name that is not known, with those that are. */
export async function openLocalTeam(runs: string, name: string): Promise<LocalTeam> {
  const record = await readRecord(runs, name);
  if (record !== undefined) return new LocalTeam(runs, record);
  const known = (await listRecords(runs)).records.map(({ run }) => run);
  throw new Failure(`there is no run ${name}`, {
    wayOut:
      known.length === 0
        ? `There is none at all in ${runs}; --dir names another directory, -n a namespace of a cluster.`
        : `Runs in ${runs}: ${known.join(', ')}; -n names a namespace of a cluster.`,
  });
}
