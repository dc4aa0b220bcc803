import { Writable } from 'node:stream';
import { Exec, type V1Status } from '@kubernetes/client-node';
import { Failure } from '../../failure.ts';
import type { Connection } from './connection.ts';
import { requestFailure } from './errors.ts';
import { podName } from './pod-name.ts';

/** The limits of a command that says little. */
const USUALLY_BYTES = 1_048_576; // 1 Mi
const USUALLY_WITHIN_MS = 60_000;

export interface PodCommand {
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** How long a command may take, and how much it may write. A container may contain any program. */
export interface ExecLimits {
  readonly withinMs?: number;
  readonly maxBytes?: number;
}

/** What is used of the client library's WebSocket, whose types are not published. */
interface Socket {
  on(event: 'close', listener: () => void): void;
  terminate(): void;
}

/**
 * Runs a command in a container.
 * @returns its standard output.
 * @throws Failure when the command cannot be run or fails, or exceeds the limits.
 */
export async function execInPod(
  { config, namespace, server }: Connection,
  { pod, container, command }: PodCommand,
  signal: AbortSignal,
  { withinMs = USUALLY_WITHIN_MS, maxBytes = USUALLY_BYTES }: ExecLimits = {},
): Promise<string> {
  const name = podName(pod);
  const chunks: Buffer[] = [];
  let size = 0;
  const ended = Promise.withResolvers<void>();
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      if (size > maxBytes) ended.reject(new Failure(`the output of ${pod} is too large`));
      else chunks.push(chunk);
      done();
    },
  });
  const onStatus = ({ status, message }: V1Status): void => {
    if (status === 'Success') ended.resolve();
    else
      ended.reject(new Failure(`a command in ${pod} failed: ${message ?? 'no reason is given'}`));
  };
  const abort = (): void => ended.reject(signal.reason);
  const late = (): void =>
    ended.reject(new Failure(`${pod} has not answered for ${withinMs / 1000} seconds`));
  const timer = setTimeout(late, withinMs);
  const args = [...command];
  new Exec(config).exec(namespace, name, container, args, out, null, null, false, onStatus).then(
    (connected) => {
      const socket = connected as unknown as Socket;
      socket.on('close', () => ended.reject(new Error('the connection was closed')));
      // A container that ignores the end of the connection could go on sending.
      const end = (): void => socket.terminate();
      ended.promise.then(end, end);
    },
    (event: unknown) => ended.reject(refusalIn(event, pod)),
  );
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await ended.promise;
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw requestFailure(error, server);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** The library throws an event, which has the status of the API server's refusal in its text only. */
function refusalIn(event: unknown, pod: string): unknown {
  const { message = 'no reason is given' } = event as { readonly message?: string };
  const [, status] = /^Unexpected server response: (\d{3})$/.exec(message) ?? [];
  if (status === undefined) return event instanceof Error ? event : new Error(message);
  if (status === '404') return new Failure(`the pod ${pod} is gone`);
  const what = status === '403' ? 'you may not run commands in this pod (pods/exec)' : message;
  return Object.assign(new Error(what), { code: Number(status) });
}
