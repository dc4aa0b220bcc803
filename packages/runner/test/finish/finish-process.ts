import { finishCommand } from '../../src/finish/command.ts';

/** The last step in a process of its own, with the descriptors that it is given. */
process.exitCode = await finishCommand(
  process.env,
  process.argv.slice(2),
  new AbortController().signal,
);
