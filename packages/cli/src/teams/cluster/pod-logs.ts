import { createInterface } from 'node:readline';
import { PassThrough, type Readable } from 'node:stream';
import { Log } from '@kubernetes/client-node';
import type { Connection } from '../../cluster/connection/connection.ts';
import { httpStatus, requestFailure } from '../../cluster/connection/errors.ts';
import { podName } from '../../cluster/connection/pod-name.ts';
import { readStamped, type StampedLine } from './log-position.ts';

/** A container of a pod in the connection's namespace. */
export interface PodContainer {
  readonly pod: string;
  readonly container: string;
}

/** Why a container has no log: it has not started, or its pod was deleted. */
export type NoLog = 'not-started' | 'deleted';

export interface PodLogOptions {
  /** Whether to wait for new lines until the container ends. */
  readonly follow: boolean;
  /** Return only lines from this time on, RFC 3339. */
  readonly since?: string;
}

/**
 * Opens the log of a container.
 * @returns its lines, or why there are none.
 * @throws Failure when the API server does not answer or refuses.
 */
export async function podLog(
  { config, namespace, server }: Connection,
  { pod, container }: PodContainer,
  { follow, since }: PodLogOptions,
  signal: AbortSignal,
): Promise<AsyncIterable<StampedLine> | NoLog> {
  const sink = new PassThrough();
  // The client does not handle errors of the stream that it pipes, and such an error would end the process.
  sink.once('pipe', (source: Readable) => source.on('error', () => sink.end()));
  try {
    const request = await new Log(config).log(namespace, podName(pod), container, sink, {
      follow,
      timestamps: true,
      ...(since !== undefined && { sinceTime: since }),
    });
    const abort = (): void => request.abort();
    signal.addEventListener('abort', abort, { once: true });
    // A log that is followed for hours is opened again and again.
    sink.once('close', () => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  } catch (error) {
    const status = httpStatus(error);
    // 204: the pod is not scheduled yet; 400: the container waits to start.
    if (status === 204 || status === 400) return 'not-started';
    if (status === 404) return 'deleted';
    throw requestFailure(error, server);
  }
  return stamped(createInterface({ input: sink, crlfDelay: Number.POSITIVE_INFINITY }));
}

async function* stamped(lines: AsyncIterable<string>): AsyncIterable<StampedLine> {
  for await (const line of lines) yield readStamped(line);
}

const EXECUTOR_LINE = /^time=\S+ level=(debug|info) (?=.*\bargo=true\b)/i;

/**
 * Whether Argo's executor wrote a log line to report normal operation, for example that a process has
 * ended. Its warnings and errors are not recognised, so that they are shown.
 */
export function isExecutorLine(line: string): boolean {
  return EXECUTOR_LINE.test(line);
}
