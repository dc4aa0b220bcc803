/**
 * Signals of a process as an AbortSignal.
 *
 * The first Ctrl-C, SIGTERM or SIGHUP asks everything to stop and keeps the process until that is
 * done; the second Ctrl-C leaves at once. A reader that has gone (`| head`) ends the process
 * without a word, as it ends any other program in a pipe.
 */
export function interruption(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted && name === 'SIGINT') process.exit(130);
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
