import { CLI_EXIT } from './exit.ts';

/**
 * Milliseconds in which a second Ctrl-C counts as the first one. npm, for example, forwards a signal
 * to a child that already received it from the terminal.
 */
const DUPLICATE_MS = 1_000;

/**
 * Turns the signals of a process into an AbortSignal.
 *
 * The first Ctrl-C, SIGTERM or SIGHUP aborts the signal and keeps the process alive until everything
 * has stopped; a second Ctrl-C exits at once. When the reader of a pipe closes it (`| head`), the
 * process stops silently, as other programs do. A write error on a file aborts too and is reported.
 * @param onOutputLost called with the name of the stream and the error when a stream cannot be written.
 */
export function interruption(
  process: NodeJS.Process,
  onOutputLost: (stream: string, error: Error) => void,
): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) first = performance.now();
      else if (name === 'SIGINT' && performance.now() - first > DUPLICATE_MS) {
        process.exit(CLI_EXIT.interrupted);
      }
      controller.abort(name);
    });
  }
  const streams = { 'standard output': process.stdout, 'standard error': process.stderr };
  for (const [name, stream] of Object.entries(streams)) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') onOutputLost(name, error);
      // The output is gone, but running processes must still be stopped in order.
      controller.abort(error.code);
    });
  }
  return controller.signal;
}
