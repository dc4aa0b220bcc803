import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';

/** Signals with which people and systems end a program. */
const ORDINARY = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Passes signals on to the process that runs the CLI, and ends as it does. */
export function followChild(child) {
  // The terminal sends Ctrl-C to both processes; the child decides how to stop.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
    if (signal !== null && !ORDINARY.includes(signal)) reportEnd(signal);
  });
}

/** A process that was killed prints nothing, and leaves the terminal as it was. */
function reportEnd(signal) {
  if (process.stdin.isTTY) spawnSync('stty', ['sane'], { stdio: ['inherit', 'ignore', 'ignore'] });
  if (process.stdout.isTTY) process.stdout.write('\n\x1b[?25h');
  process.stderr.write(
    `✗ agentteam was ended by ${signal}, for example because the system had too little memory\n` +
      '  To see the runs, run: agentteam list\n  To continue one, run: agentteam resume RUN\n',
  );
}
