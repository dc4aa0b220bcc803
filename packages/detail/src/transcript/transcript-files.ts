import { type FileHandle, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { inDirectory, listNames, openPlainFile, RefusedError } from '@agentteam/volume';

const MOST_DIRECTORIES = 16;
const MOST_FILES = 64;

/** A transcript below an agent's session directory, which the agent can write to. */
export interface TranscriptFile {
  /** Names of the directories and of the file, below the directory with all agents' sessions. */
  readonly path: readonly string[];
  readonly modified: number;
}

/** Lists an agent's transcripts, the oldest first. Links are not followed. */
export async function transcriptFiles(
  sessions: string,
  agent: string,
): Promise<readonly TranscriptFile[]> {
  const root = [agent, 'projects'];
  const directories = await namesIn(sessions, root);
  const files: TranscriptFile[] = [];
  for (const directory of directories.slice(0, MOST_DIRECTORIES)) {
    const below = [...root, directory];
    const found = await orNothing(
      inDirectory(sessions, below, async (path) => {
        const { names } = await listNames(path);
        const wanted = names.filter((name) => name.endsWith('.jsonl')).slice(0, MOST_FILES);
        const listed = wanted.map(async (name) => {
          // Its directory may not be searchable.
          const stat = await lstat(join(path, name)).catch(() => undefined);
          return stat === undefined ? [] : [{ path: [...below, name], modified: stat.mtimeMs }];
        });
        return (await Promise.all(listed)).flat();
      }),
    );
    files.push(...(found ?? []));
  }
  return files
    .toSorted((a, b) => a.modified - b.modified || a.path.join().localeCompare(b.path.join()))
    .slice(-MOST_FILES);
}

/** @returns undefined if the file has disappeared, or is not a plain file. */
export async function openTranscript(
  sessions: string,
  { path }: TranscriptFile,
): Promise<FileHandle | undefined> {
  const name = path.at(-1) ?? '';
  return orNothing(
    inDirectory(sessions, path.slice(0, -1), (directory) => openPlainFile(join(directory, name))),
  );
}

async function namesIn(root: string, below: readonly string[]): Promise<readonly string[]> {
  const listing = await orNothing(inDirectory(root, below, listNames));
  return listing?.names ?? [];
}

/** An agent can replace its directories while they are read. */
async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (error instanceof RefusedError || code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
