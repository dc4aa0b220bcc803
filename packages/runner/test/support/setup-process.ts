import { setupCommand } from '../../src/setup/command.ts';

/** Setup in its own process, to be killed. */
process.exitCode = await setupCommand(process.env, [], new AbortController().signal);
