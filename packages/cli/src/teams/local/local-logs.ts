import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { openPlainFile } from '@agentteam/volume';
import { logSources } from '../log-sources.ts';
import type { LogLine, LogOptions } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';

/** Milliseconds between two reads of files that may grow. */
const INTERVAL_MS = 200;
const CHUNK_BYTES = 64 * 1024;
const LONGEST_LINE_BYTES = 1024 * 1024;

interface LogFile {
  readonly step: string;
  readonly container: string;
  readonly path: string;
}

/** How far a file has been read. */
interface Position {
  offset: number;
  /** Bytes of the last line, which is not complete yet. */
  rest: Buffer;
}

/** Yields the log lines of a run step by step, and with `follow` new lines as they are written. */
export async function* readLogs(team: LocalTeam, options: LogOptions): AsyncIterable<LogLine> {
  const positions = new Map<string, Position>();
  for (;;) {
    const workflow = await team.workflow();
    // Decided before reading, so that all lines of a run that ends now are read.
    const last = !options.follow || workflow.status?.finishedAt !== undefined;
    for (const file of logFiles(team.directory, workflow, options)) {
      const position = positions.get(file.path) ?? { offset: 0, rest: Buffer.alloc(0) };
      positions.set(file.path, position);
      yield* newLines(file, position, last);
    }
    if (last || options.signal.aborted) return;
    await delay(INTERVAL_MS, undefined, { signal: options.signal }).catch(() => {});
  }
}

function logFiles(directory: string, workflow: Workflow, options: LogOptions): readonly LogFile[] {
  return logSources(workflow, options).map(({ step, container, node }) => ({
    step,
    container,
    path: join(directory, 'pods', node.id, `${container}.log`),
  }));
}

async function* newLines(
  { step, container, path }: LogFile,
  position: Position,
  last: boolean,
): AsyncIterable<LogLine> {
  const file = await openPlainFile(path);
  if (file === undefined) return;
  try {
    for await (const line of linesFrom(file, position)) yield { step, container, text: line };
    if (last && position.rest.length > 0) {
      yield { step, container, text: position.rest.toString('utf8') };
    }
  } finally {
    await file.close();
  }
}

async function* linesFrom(file: FileHandle, position: Position): AsyncIterable<string> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position.offset);
    if (bytesRead === 0) return;
    position.offset += bytesRead;
    const data = Buffer.concat([position.rest, buffer.subarray(0, bytesRead)]);
    // A line that never ends must not fill the memory: longer lines come in pieces.
    const end =
      data.lastIndexOf(0x0a) + 1 || (data.length > LONGEST_LINE_BYTES ? data.length + 1 : 0);
    position.rest = Buffer.from(data.subarray(end));
    if (end > 0) yield* data.toString('utf8', 0, end - 1).split('\n');
  }
}
