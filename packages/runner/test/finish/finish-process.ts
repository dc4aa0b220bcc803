import { finishCommand } from '../../src/finish/command.ts';

/** Runs the last step in its own process, with the given file descriptors. */
process.exitCode = await finishCommand(
  process.env,
  process.argv.slice(2),
  new AbortController().signal,
);
