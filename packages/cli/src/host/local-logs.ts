import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';
import { stepsOf } from '@agentteam/status';
import { Failure } from '../failure.ts';
import type { LocalTeam } from './local-team.ts';
import type { LogLine, LogOptions } from './team-host.ts';

/** Milliseconds between two looks at files that may grow. */
const INTERVAL = 200;
const CHUNK = 64 * 1024;

interface LogFile {
  readonly step: string;
  readonly container: string;
  readonly path: string;
}

/** A file as far as it was read. */
interface Position {
  offset: number;
  /** The bytes of a line that is not whole yet. */
  rest: Buffer;
}

/** Lines of a run's containers: what is there, step by step, and with `follow` what comes. */
export async function* readLogs(team: LocalTeam, options: LogOptions): AsyncIterable<LogLine> {
  const positions = new Map<string, Position>();
  for (;;) {
    const workflow = await team.workflow();
    // Asked before reading: what is written after the end of a run is none of its own.
    const last = !options.follow || workflow.status?.finishedAt !== undefined;
    for (const file of logFiles(team.directory, workflow, options)) {
      const position = positions.get(file.path) ?? { offset: 0, rest: Buffer.alloc(0) };
      positions.set(file.path, position);
      yield* newLines(file, position, last);
    }
    if (last || options.signal.aborted) return;
    await delay(INTERVAL, undefined, { signal: options.signal }).catch(() => {});
  }
}

/** @throws Failure for a step that the run does not have. */
function logFiles(directory: string, workflow: Workflow, options: LogOptions): readonly LogFile[] {
  const steps = [...stepsOf(workflow).values()];
  const tasks = workflow.spec.templates?.flatMap(({ dag }) => dag?.tasks ?? []) ?? [];
  const known = new Set([...steps, ...tasks].map(({ name }) => name));
  const unknown = options.steps.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Failure(`there is no step ${unknown.join(', ')}`, {
      wayOut: `Steps: ${[...known].join(', ')}`,
    });
  }
  const containers = Object.values(CONTAINERS).filter(
    (name) => options.container === undefined || options.container === name,
  );
  return steps
    .filter(({ name }) => options.steps.length === 0 || options.steps.includes(name))
    .flatMap(({ attempts }) => attempts)
    .flatMap(({ id, displayName = id }) =>
      containers.map((container) => ({
        step: displayName.replace(/\(0\)$/, ''),
        container,
        path: join(directory, 'pods', id, `${container}.log`),
      })),
    );
}

async function* newLines(
  { step, container, path }: LogFile,
  position: Position,
  last: boolean,
): AsyncIterable<LogLine> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
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
  const buffer = Buffer.alloc(CHUNK);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, position.offset);
    if (bytesRead === 0) return;
    position.offset += bytesRead;
    const data = Buffer.concat([position.rest, buffer.subarray(0, bytesRead)]);
    const end = data.lastIndexOf(0x0a) + 1;
    position.rest = Buffer.from(data.subarray(end));
    if (end > 0) yield* data.toString('utf8', 0, end - 1).split('\n');
  }
}
