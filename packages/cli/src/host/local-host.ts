import { rm } from 'node:fs/promises';
import { gateStep } from '@agentteam/contract';
import { aggregate } from '@agentteam/ledger';
import { decide, stop } from '@agentteam/local';
import { Failure } from '../failure.ts';
import { readMessages } from '../mail/read-messages.ts';
import { readLogs } from './local-logs.ts';
import { LocalTeam } from './local-team.ts';
import { isHeld } from './run-lock.ts';
import { listRecords, type RunRecord, readRecord } from './runs-directory.ts';
import type { TeamHost } from './team-host.ts';

/** The runs of this machine, in one directory. */
export function localHost(runs: string): TeamHost {
  const open = (name: string): Promise<LocalTeam> => openLocalTeam(runs, name);
  return {
    list: async () => {
      const records = await listRecords(runs);
      return Promise.all(records.map((record) => new LocalTeam(runs, record).read()));
    },

    get: async (name) => (await open(name)).read(),

    logs: async function* logs(name, options) {
      yield* readLogs(await open(name), options);
    },

    messages: async (name) => readMessages(await open(name)),

    cost: async (name) => aggregate((await (await open(name)).ledger()).entries()),

    decide: async (name, event, { decision, by, reason }) => {
      const { directory, record } = await open(name);
      checkEvent(record, event);
      try {
        decide(directory, gateStep(event), decision, { by, reason });
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new Failure(`${name}: ${cause.message}`, { cause });
      }
    },

    stop: async (name) => {
      const team = await open(name);
      if (!(await isHeld(team.directory))) {
        throw new Failure(`no process runs ${name}: there is nothing to stop`, {
          wayOut: `agentteam resume ${name}   goes on with it; agentteam delete ${name}   removes it.`,
        });
      }
      stop(team.directory);
    },

    delete: async (name) => {
      const { directory } = await open(name);
      if (await isHeld(directory)) {
        throw new Failure(`${name} is running`, { wayOut: `agentteam stop ${name}` });
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function checkEvent({ run, team }: RunRecord, event: string): void {
  const events = (team.spec.lifecycle.approvalGates ?? []).map((gate) => gate.event);
  if (events.includes(event)) return;
  throw new Failure(`${run} has no gate ${event}`, {
    wayOut: events.length === 0 ? 'It has none at all.' : `Its gates: ${events.join(', ')}`,
  });
}

/** @throws Failure for a name that is not known, with those that are. */
export async function openLocalTeam(runs: string, name: string): Promise<LocalTeam> {
  const record = await readRecord(runs, name);
  if (record !== undefined) return new LocalTeam(runs, record);
  const known = (await listRecords(runs)).map(({ run }) => run);
  throw new Failure(`there is no run ${name}`, {
    wayOut:
      known.length === 0
        ? `There is none at all in ${runs}; --dir names another directory.`
        : `Runs in ${runs}: ${known.join(', ')}`,
  });
}
