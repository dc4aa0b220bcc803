import { setupCommand } from '../../src/setup/command.ts';

/** Setup in a process of its own, to be killed. */
process.exitCode = await setupCommand(process.env, [], new AbortController().signal);
