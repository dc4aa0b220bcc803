import { EventEmitter, on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';
import { podNameOf } from '@agentteam/status';
import type { Connection } from '../../cluster/connection/connection.ts';
import { Failure } from '../../failure.ts';
import { type LogSource, logSources } from '../log-sources.ts';
import type { HostedTeam, LogLine, LogOptions } from '../team-host.ts';
import { isExecutorLine, type NoLog, podLog } from './pod-logs.ts';

/** Milliseconds before another attempt to open the log of a container that has not started. */
const INTERVAL_MS = 1_000;

/**
 * Yields the log lines of the existing pods, step by step.
 * @throws Failure at the end, naming the steps whose pods were deleted.
 */
export async function* readPodLogs(
  connection: Connection,
  { workflow, reference }: HostedTeam,
  options: LogOptions,
): AsyncIterable<LogLine> {
  const deleted = new Set<string>();
  for (const source of podSources(workflow, options)) {
    const lines = await openLog(connection, workflow, source, false, options.signal);
    if (lines === 'deleted') deleted.add(source.step);
    else if (lines !== 'not-started') yield* labelled(lines, source);
  }
  if (deleted.size === 0) return;
  throw new Failure(`the pods of ${[...deleted].join(', ')} were deleted with their logs`, {
    hint: `After the team has ended, see the agents' reports with: agentteam watch ${reference}\n  Argo keeps the logs of ended pods if its archive is configured.`,
  });
}

/**
 * Yields the log lines of all containers as they are written, until the team has ended.
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
  let workflow: Workflow | undefined;
  // The reader may have stopped. An `error` event without a listener would end the process.
  const fail = (error: Error): void => {
    if (events.listenerCount('error') > 0) events.emit('error', error);
  };
  const pump = async (source: LogSource): Promise<void> => {
    let log: AsyncIterable<string> | NoLog = 'not-started';
    while (log === 'not-started' && !options.signal.aborted && !hasEnded(workflow, source)) {
      log = await openLog(connection, workflow, source, true, options.signal);
      if (log === 'not-started') await delay(INTERVAL_MS, undefined, options).catch(() => {});
    }
    if (log === 'deleted' || log === 'not-started') return;
    for await (const line of labelled(log, source)) events.emit('line', line);
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
    await Promise.all(pumps.values());
  };
  all().then(() => events.emit('end'), fail);
  for await (const [line] of lines) yield line as LogLine;
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
  follow: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<string> | NoLog> {
  const pod = (workflow && podNameOf(workflow, node)) ?? '';
  return podLog(connection, { pod, container }, follow, signal);
}

async function* labelled(
  lines: AsyncIterable<string>,
  { step, container }: LogSource,
): AsyncIterable<LogLine> {
  for await (const text of lines) {
    if (!isExecutorLine(text)) yield { step, container, text };
  }
}
