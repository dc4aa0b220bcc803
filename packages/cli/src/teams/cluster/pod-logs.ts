import { createInterface } from 'node:readline';
import { PassThrough, type Readable } from 'node:stream';
import { Log } from '@kubernetes/client-node';
import type { Connection } from '../../cluster/connection/connection.ts';
import { httpStatus, requestFailure } from '../../cluster/connection/errors.ts';

/** A container of a pod in the connection's namespace. */
export interface PodContainer {
  readonly pod: string;
  readonly container: string;
}

/** Why a container has no log: it has not started, or its pod was deleted. */
export type NoLog = 'not-started' | 'deleted';

/**
 * Opens the log of a container.
 * @param follow whether to wait for new lines until the container ends.
 * @returns its lines, or why there are none.
 * @throws Failure when the API server does not answer or refuses.
 */
export async function podLog(
  { config, namespace, server }: Connection,
  { pod, container }: PodContainer,
  follow: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<string> | NoLog> {
  const sink = new PassThrough();
  // The client does not handle errors of the stream that it pipes, and such an error would end the process.
  sink.once('pipe', (source: Readable) => source.on('error', () => sink.end()));
  try {
    const request = await new Log(config).log(namespace, pod, container, sink, { follow });
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) request.abort();
  } catch (error) {
    const status = httpStatus(error);
    // 204: the pod is not scheduled yet; 400: the container waits to start.
    if (status === 204 || status === 400) return 'not-started';
    if (status === 404) return 'deleted';
    throw requestFailure(error, server);
  }
  return createInterface({ input: sink, crlfDelay: Number.POSITIVE_INFINITY });
}

const EXECUTOR_LINE = /^time=\S+ level=(debug|info) (?=.*\bargo=true\b)/i;

/**
 * Whether Argo's executor wrote a log line to report normal operation, for example that a process has
 * ended. Its warnings and errors are not recognised, so that they are shown.
 */
export function isExecutorLine(line: string): boolean {
  return EXECUTOR_LINE.test(line);
}
