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
 * without a word, as it ends any other program in a pipe.
 */
export function interruption(process: NodeJS.Process): AbortSignal {
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
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      // Nobody reads any more: what runs must still be stopped in order.
      controller.abort('EPIPE');
    });
  }
  return controller.signal;
}
