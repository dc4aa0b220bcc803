import { EventEmitter, on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';
import { podNameOf } from '@agentteam/status';
import { Failure } from '../../failure.ts';
import type { Connection } from '../../cluster/connection/connection.ts';
import { type LogSource, logSources } from '../log-sources.ts';
import type { HostedTeam, LogLine, LogOptions } from '../team-host.ts';
import { isExecutors } from './executor-lines.ts';
import { type NoLog, podLog } from './pod-logs.ts';

/** Milliseconds before a container that has not begun is asked again. */
const INTERVAL = 1_000;

/** Logs of the pods that are there, step by step. @throws Failure, at the end, naming those that are gone. */
export async function* readPodLogs(
  connection: Connection,
  { workflow, reference }: HostedTeam,
  options: LogOptions,
): AsyncIterable<LogLine> {
  const gone = new Set<string>();
  for (const source of podSources(workflow, options)) {
    const lines = await openLog(connection, workflow, source, false, options.signal);
    if (lines === 'gone') gone.add(source.step);
    else if (lines !== 'not yet') yield* labelled(lines, source);
  }
  if (gone.size === 0) return;
  throw new Failure(`the pods of ${[...gone].join(', ')} are gone, and their logs with them`, {
    wayOut: `What they did is in their reports, once the team has ended: agentteam watch ${reference}. Argo keeps logs of ended pods where its archive is set up.`,
  });
}

/**
 * The same, and whatever comes, from all containers at once until the team has ended.
 * @param teams the team, again whenever it changes.
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
  // Who reads may have left, and an error that nobody hears would end the process.
  const fail = (error: Error): void => {
    if (events.listenerCount('error') > 0) events.emit('error', error);
  };
  const pump = async (source: LogSource): Promise<void> => {
    let log: AsyncIterable<string> | NoLog = 'not yet';
    while (log === 'not yet' && !options.signal.aborted && !hasEnded(workflow, source)) {
      log = await openLog(connection, workflow, source, true, options.signal);
      if (log === 'not yet') await delay(INTERVAL, undefined, options).catch(() => {});
    }
    if (log === 'gone' || log === 'not yet') return;
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

/** A pod whose log could not be opened before its end has none to follow. */
function hasEnded(workflow: Workflow | undefined, { node }: LogSource): boolean {
  return Boolean(workflow?.status?.nodes?.[node.id]?.finishedAt);
}

/** Steps that run no agent have one container. */
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
    if (!isExecutors(text)) yield { step, container, text };
  }
}
