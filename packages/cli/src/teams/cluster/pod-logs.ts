import { createInterface } from 'node:readline';
import { PassThrough, type Readable } from 'node:stream';
import { Log } from '@kubernetes/client-node';
import type { Connection } from '../../cluster/connection/connection.ts';
import { httpStatus, requestFailure } from '../../cluster/connection/errors.ts';

/** A container in a pod of the connection's namespace. */
export interface PodContainer {
  readonly pod: string;
  readonly container: string;
}

/** Why a container has no log to read: it has not begun, or its pod is gone. */
export type NoLog = 'not yet' | 'gone';

/**
 * Lines of a container's log.
 * @param follow until the container ends.
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
  // The client does not listen for errors of what it pipes: a lost connection would end the process.
  sink.once('pipe', (source: Readable) => source.on('error', () => sink.end()));
  try {
    const request = await new Log(config).log(namespace, pod, container, sink, { follow });
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) request.abort();
  } catch (error) {
    const status = httpStatus(error);
    // 204: its pod has no node yet; 400: it waits to start.
    if (status === 204 || status === 400) return 'not yet';
    if (status === 404) return 'gone';
    throw requestFailure(error, server);
  }
  return createInterface({ input: sink, crlfDelay: Number.POSITIVE_INFINITY });
}
