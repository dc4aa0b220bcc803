import { EventEmitter, on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';
import { podNameOf } from '@agentteam/status';
import type { Connection } from '../../cluster/connection/connection.ts';
import { httpStatus } from '../../cluster/connection/errors.ts';
import { Failure } from '../../failure.ts';
import { type LogSource, logSources } from '../log-sources.ts';
import { mergeByTime } from '../log-time.ts';
import type { HostedTeam, LogLine, LogOptions } from '../team-host.ts';
import { LogPosition, type StampedLine } from './log-position.ts';
import { isExecutorLine, type NoLog, type PodLogOptions, podLog } from './pod-logs.ts';

/** Milliseconds before another attempt to open the log of a container that has not started or was cut off. */
const INTERVAL_MS = 1_000;

/**
 * Yields the log lines of the existing pods.
 * @throws Failure at the end, naming the steps whose pods were deleted.
 */
export async function* readPodLogs(
  connection: Connection,
  { workflow, reference }: HostedTeam,
  options: LogOptions,
): AsyncIterable<LogLine> {
  const deleted = new Set<string>();
  const read = async function* readLog(source: LogSource): AsyncIterable<LogLine> {
    const lines = await openLog(connection, workflow, source, { follow: false }, options.signal);
    if (lines === 'deleted') deleted.add(source.step);
    else if (lines !== 'not-started') yield* labelled(lines, source);
  };
  const logs = podSources(workflow, options).map((source) => ({
    lines: read(source),
    startedAt: source.node.startedAt,
  }));
  if (options.byTime) yield* mergeByTime(logs);
  else for (const { lines } of logs) yield* lines;
  if (deleted.size === 0) return;
  throw new Failure(`the pods of ${[...deleted].join(', ')} were deleted with their logs`, {
    hint: `After the team has ended, see the agents' reports with: agentteam watch ${reference}\n  Argo keeps the logs of ended pods if its archive is configured.`,
  });
}

/**
 * Yields the log lines of all containers as they are written, until the team has ended. A log that breaks off
 * is opened again.
 * @param teams yields the team whenever it changes.
 */
export async function* followPodLogs(
  connection: Connection,
  teams: AsyncIterable<HostedTeam>,
  options: LogOptions,
): AsyncIterable<LogLine> {
  const events = new EventEmitter();
  const lines = on(events, 'line', { close: ['end'] });
  const pumps = new Map<string, Promise<void>>();
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  let workflow: Workflow | undefined;
  let isOver = false;
  // The reader may have stopped. An `error` event without a listener would end the process.
  const fail = (error: Error): void => {
    if (events.listenerCount('error') > 0) events.emit('error', error);
  };
  const pump = async (source: LogSource): Promise<void> => {
    const position = new LogPosition();
    for (;;) {
      // Decided before reading, so that all lines of a container that ends now are read.
      const isLast = isOver || hasEnded(workflow, source);
      const log = await reopenLog(connection, workflow, source, position, signal);
      if (log === 'deleted') return;
      if (log !== 'not-started') {
        for await (const line of labelled(newLines(log, position), source)) {
          events.emit('line', line);
        }
        // It ends long before its pod, and is not restarted.
        if (source.container === CONTAINERS.setup) return;
      }
      if (isLast || signal.aborted) return;
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  };
  const all = async (): Promise<void> => {
    for await (const team of teams) {
      workflow = team.workflow;
      for (const source of podSources(workflow, options)) {
        const key = `${source.node.id}/${source.container}`;
        if (pumps.has(key)) continue;
        const pumping = pump(source);
        pumping.catch(fail);
        pumps.set(key, pumping);
      }
    }
    isOver = true;
    await Promise.all(pumps.values());
  };
  try {
    all().then(() => events.emit('end'), fail);
    for await (const [line] of lines) yield line as LogLine;
  } finally {
    closing.abort();
  }
}

/** Opens a log behind what was read of it. An API server that does not answer now may answer later. */
async function reopenLog(
  connection: Connection,
  workflow: Workflow | undefined,
  source: LogSource,
  position: LogPosition,
  signal: AbortSignal,
): Promise<AsyncIterable<StampedLine> | NoLog> {
  position.reopen();
  const { since } = position;
  const options = { follow: true, ...(since !== undefined && { since }) };
  try {
    return await openLog(connection, workflow, source, options, signal);
  } catch (error) {
    // The client reports a connection that it could not make as status 500.
    const status = httpStatus((error as Error).cause) ?? 0;
    if (status < 500) throw error;
    return 'not-started';
  }
}

async function* newLines(
  lines: AsyncIterable<StampedLine>,
  position: LogPosition,
): AsyncIterable<StampedLine> {
  for await (const line of lines) if (position.isNew(line)) yield line;
}

/** A container that never started has no log to wait for once its pod has ended. */
function hasEnded(workflow: Workflow | undefined, { node }: LogSource): boolean {
  return Boolean(workflow?.status?.nodes?.[node.id]?.finishedAt);
}

/** Only agent pods have containers besides `main`. */
function podSources(workflow: Workflow, options: LogOptions): readonly LogSource[] {
  const templates = new Map(workflow.spec.templates?.map((one) => [one.name, one]));
  return logSources(workflow, options).filter(({ container, node }) => {
    const { initContainers = [] } = templates.get(node.templateName ?? '') ?? {};
    const names = initContainers.map(({ name }) => name);
    return container === CONTAINERS.main || names.includes(container);
  });
}

function openLog(
  connection: Connection,
  workflow: Workflow | undefined,
  { node, container }: LogSource,
  options: PodLogOptions,
  signal: AbortSignal,
): Promise<AsyncIterable<StampedLine> | NoLog> {
  const pod = workflow && podNameOf(workflow, node);
  // No pod has ever had the name of a node that Argo did not write.
  if (pod === undefined) return Promise.resolve('deleted');
  return podLog(connection, { pod, container }, options, signal);
}

async function* labelled(
  lines: AsyncIterable<StampedLine>,
  { step, container }: LogSource,
): AsyncIterable<LogLine> {
  for await (const line of lines) {
    if (!isExecutorLine(line.text)) yield { step, container, ...line };
  }
}
