import { detectSandbox } from '@agentteam/local';
import { CLI_EXIT } from '../exit.ts';
import { Failure } from '../failure.ts';
import type { SandboxChoice } from '../host/runs-directory.ts';

/** @param asked what `--sandbox` or `--no-sandbox` said, if either was given. */
export function sandboxChoice(asked: boolean | undefined, rehearsal: boolean): SandboxChoice {
  if (asked === false) return 'none';
  return asked === true || !rehearsal ? 'required' : 'optional';
}

/**
 * Whether agents run in a sandbox here.
 * @throws Failure where one is required and cannot be had.
 */
export function useSandbox(choice: SandboxChoice): boolean {
  if (choice === 'none') return false;
  const found = detectSandbox();
  if (!found.available && choice === 'required') {
    throw new Failure(`no sandbox for the agents: ${found.why}`, {
      exitCode: CLI_EXIT.usage,
      wayOut:
        'Install bubblewrap (apt install bubblewrap), or rehearse with --rehearse.\n' +
        '  --no-sandbox runs the agents as plain processes of yours: whatever a prompt, a repository\n' +
        '  or a mail talks them into, they can read your files and keys and change all that you can.',
    });
  }
  return found.available;
}
