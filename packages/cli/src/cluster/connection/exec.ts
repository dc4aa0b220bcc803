import { Writable } from 'node:stream';
import { Exec, type V1Status } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';
import { requestFailure } from './errors.ts';
import { podName } from './pod-name.ts';

/** Maximum size of the output of a command. */
const MAX_BYTES = 64 << 20;

export interface PodCommand {
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/**
 * Runs a command in a container.
 * @returns its standard output.
 * @throws Failure when the command cannot be run or fails, or its output is too large.
 */
export async function execInPod(
  { config, namespace, server }: Connection,
  { pod, container, command }: PodCommand,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const ended = Promise.withResolvers<void>();
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      if (size > MAX_BYTES) ended.reject(new Error(`the output of ${pod} is too large`));
      else chunks.push(chunk);
      done();
    },
  });
  const onStatus = ({ status, message }: V1Status): void => {
    if (status === 'Success') ended.resolve();
    else ended.reject(new Error(message ?? 'the command failed'));
  };
  const abort = (): void => ended.reject(signal.reason);
  try {
    const socket = await new Exec(config).exec(
      namespace,
      podName(pod),
      container,
      [...command],
      out,
      null,
      null,
      false,
      onStatus,
    );
    socket.on('close', () => ended.reject(new Error('the connection was closed')));
    signal.addEventListener('abort', abort, { once: true });
    await ended.promise.finally(() => socket.close());
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw requestFailure(error, server);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
