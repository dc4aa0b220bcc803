import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { type ReadPosition, readAppendedLines, startOfFile } from '@agentteam/ledger';
import { runDirectory } from '@agentteam/local';
import { openPlainFile } from '@agentteam/volume';
import { logSources } from '../log-sources.ts';
import { mergeByTime, timeOfLine } from '../log-time.ts';
import type { LogLine, LogOptions } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';

/** Milliseconds between two reads of files that may grow. */
const INTERVAL_MS = 200;
const LONGEST_LINE_BYTES = 1024 * 1024;

interface LogFile {
  readonly step: string;
  readonly container: string;
  readonly path: string;
  readonly startedAt: string | null | undefined;
}

/** Yields the log lines of a run, and with `follow` new lines as they are written. */
export async function* readLogs(team: LocalTeam, options: LogOptions): AsyncIterable<LogLine> {
  const positions = new Map<string, LogPosition>();
  for (;;) {
    const workflow = await team.workflow();
    // Decided before reading, so that all lines of a run that ends now are read.
    const last = !options.follow || workflow.status?.finishedAt !== undefined;
    const logs = logFiles(team.directory, workflow, options).map((file) => {
      const position = positions.get(file.path) ?? { ...startOfFile(), hasTimes: false };
      positions.set(file.path, position);
      return { lines: newLines(file, position, last), startedAt: file.startedAt };
    });
    if (options.byTime) yield* mergeByTime(logs);
    else for (const { lines } of logs) yield* lines;
    if (last || options.signal.aborted) return;
    await delay(INTERVAL_MS, undefined, { signal: options.signal }).catch(() => {});
  }
}

function logFiles(directory: string, workflow: Workflow, options: LogOptions): readonly LogFile[] {
  const { pods } = runDirectory(directory);
  return logSources(workflow, options).map(({ step, container, node }) => ({
    step,
    container,
    path: join(pods, node.id, `${container}.log`),
    startedAt: node.startedAt,
  }));
}

interface LogPosition extends ReadPosition {
  /** Whether a line before it has a time. */
  hasTimes: boolean;
}

async function* newLines(
  { step, container, path, startedAt }: LogFile,
  position: LogPosition,
  last: boolean,
): AsyncIterable<LogLine> {
  const lineOf = (text: string): LogLine => {
    const line = { step, container, text };
    position.hasTimes ||= timeOfLine(line) !== undefined;
    return position.hasTimes || startedAt == null ? line : { ...line, at: startedAt };
  };
  const file = await openPlainFile(path);
  if (file === undefined) return;
  try {
    for await (const lines of readAppendedLines(file, position, LONGEST_LINE_BYTES)) {
      yield* lines.map(lineOf);
    }
    if (last && position.rest.length > 0) {
      yield lineOf(position.rest.toString('utf8'));
    }
  } finally {
    await file.close();
  }
}
