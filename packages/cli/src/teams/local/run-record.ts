import { chmod, lstat, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import type { ImageEngine, SandboxNetwork } from '@agentteam/local';
import type { AllowPrivate } from '@agentteam/notify';
import { inDirectory, mapFew, openPlainFile } from '@agentteam/volume';
import { Failure } from '../../failure.ts';
import { readPlainFile } from './read-plain-file.ts';
import { CREATOR, isRunName, RECORD, referenceTo } from './runs-directory.ts';

/** What the CLI must know about a run, besides its Workflow, to show it and to continue it. */
export interface RunRecord {
  readonly run: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The team that was compiled. */
  readonly team: AgentTeam;
  /** Whether the Workflow may not have the team's corrected spec yet, because a retry was killed. */
  readonly isCorrected?: true;
  /** Directory of the results of a Cowork team. */
  readonly output?: string;
  readonly rehearsal?: RehearsalRecord;
  readonly sandbox: SandboxChoice;
  /**
   * Paths of the directories that are used as ConfigMaps and claims, by name, relative to the run's
   * directory.
   */
  readonly configMaps: Readonly<Record<string, string>>;
  readonly claims: Readonly<Record<string, string>>;
  /** Paths that secrets are read from. Their values are never written to a record. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Events that are approved in advance; `all` means every event. */
  readonly approve: readonly string[];
  readonly options: {
    readonly record: boolean;
    readonly prices: boolean;
    /** Whether a rehearsal fetches skills and plugins. */
    readonly fetch?: boolean;
    /** Allowed features of the Messages API besides those whose cost gateways know. */
    readonly apiFeatures?: readonly string[];
    /** Base URL of the provider's API; absent for its own. */
    readonly apiUrl?: string;
    /** Base URL of the service that issues tokens for the provider; absent for its own. */
    readonly tokenUrl?: string;
    readonly hostingUrl?: string;
    /** Whether the team's webhook may lead to this machine and its network. */
    readonly allowPrivateWebhooks?: AllowPrivate;
    /** `host`: agents share the network of this machine; absent: each agent has its own. */
    readonly network?: SandboxNetwork;
    /** Hosts and networks in private address space that agents may connect to. */
    readonly reach?: readonly string[];
    /** What runs agents in their images; absent: they use the programs of this machine. */
    readonly containers?: ImageEngine['name'];
    /** Whether pods and scratch files are kept after the end. */
    readonly keep: boolean;
  };
}

export interface RehearsalRecord {
  /** Copy of the script in the run's directory; absent for a script that is generated from the team. */
  readonly script?: string;
  /** The file that the script was copied from, for messages. */
  readonly scriptOrigin?: string;
  /** Directory of the recording that is replayed. */
  readonly recording?: string;
  /** Port on loopback that the URLs in the Workflow contain. */
  readonly port: number;
}

/** `optional` uses a sandbox if this machine can provide one; `required` refuses to run without it. */
export type SandboxChoice = 'required' | 'optional' | 'none';

/** Atomically writes the record of a run. From then on the directory is a run. */
export async function writeRecord(runs: string, record: RunRecord): Promise<void> {
  const directory = join(runs, record.run);
  const unfinished = join(directory, `${RECORD}.tmp`);
  await writeFile(unfinished, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, join(directory, RECORD));
  await rm(join(directory, CREATOR), { force: true });
}

/**
 * Reads the record of a run. Makes a run private that an older release left readable to other users.
 * @returns undefined when there is no run with that name.
 * @throws Failure when the record is damaged.
 */
export async function readRecord(runs: string, run: string): Promise<RunRecord | undefined> {
  if (!isRunName(run)) return undefined;
  try {
    const text = await readPlainFile(join(runs, run, RECORD));
    if (text === undefined) return undefined;
    // This fails on the run of another user, which is then left alone.
    await makePrivate(runs, run).catch(() => {});
    const record = JSON.parse(text) as RunRecord;
    if (typeof record?.createdAt !== 'string' || typeof record.team?.spec !== 'object') {
      throw new Error('expected the record of a run');
    }
    // The directory may have been copied or renamed since the record was written.
    return { ...record, run };
  } catch (error) {
    throw new Failure(`${join(runs, run, RECORD)} cannot be read: ${(error as Error).message}`, {
      hint: `To delete the run, run: agentteam delete ${referenceTo(runs, run)}`,
      cause: error,
    });
  }
}

/** Whether there is a run with that name. Its record may be damaged. */
export async function isRunDirectory(runs: string, run: string): Promise<boolean> {
  if (!isRunName(run)) return false;
  const found = await lstat(join(runs, run, RECORD)).catch(() => undefined);
  return found !== undefined;
}

/** Follows no link: a directory of runs from an archive could change the mode of any file of the user. */
async function makePrivate(runs: string, run: string): Promise<void> {
  await inDirectory(runs, [run], async (directory) => {
    const record = await openPlainFile(join(directory, RECORD));
    if (record === undefined) return;
    try {
      const { mode } = await record.stat();
      if ((mode & 0o077) === 0) return;
      await chmod(directory, 0o700);
      await record.chmod(0o600);
    } finally {
      await record.close();
    }
  });
}

export interface ListedRecords {
  /** Newest first. */
  readonly records: readonly RunRecord[];
  readonly unreadable: readonly { readonly run: string; readonly error: Error }[];
}

/** Reads the records of all runs. A damaged record does not hide the others. */
export async function listRecords(runs: string): Promise<ListedRecords> {
  const names = await readdir(runs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const read = await mapFew(names, (run) =>
    readRecord(runs, run).catch((error: Error) => ({ run, error })),
  );
  return {
    records: read
      .flatMap((found) => (found !== undefined && 'team' in found ? [found] : []))
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)),
    unreadable: read.flatMap((found) => (found !== undefined && 'error' in found ? [found] : [])),
  };
}
