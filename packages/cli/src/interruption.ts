import { CLI_EXIT } from './exit.ts';

/**
 * Milliseconds in which a second Ctrl-C is the same one: npm, for one, hands a signal on to a child
 * that the terminal has sent it to already.
 */
const ECHO = 1_000;

/**
 * Signals of a process as an AbortSignal.
 *
 * The first Ctrl-C, SIGTERM or SIGHUP asks everything to stop and keeps the process until that is
 * done; the second Ctrl-C leaves at once. A reader that has gone (`| head`) ends the process
 * without a word, as it ends any other program in a pipe; so does a file that takes nothing more, which
 * is reported.
 * @param onOutputLost called with the name of a stream that cannot be written, and why.
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
      else if (name === 'SIGINT' && performance.now() - first > ECHO) {
        process.exit(CLI_EXIT.interrupted);
      }
      controller.abort(name);
    });
  }
  const streams = { 'standard output': process.stdout, 'standard error': process.stderr };
  for (const [name, stream] of Object.entries(streams)) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') onOutputLost(name, error);
      // Nobody reads any more: what runs must still be stopped in order.
      controller.abort(error.code);
    });
  }
  return controller.signal;
}
