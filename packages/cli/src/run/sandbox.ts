import { detectSandbox, type SandboxNetwork } from '@agentteam/local';
import { CLI_EXIT } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import type { RunRecord, SandboxChoice } from '../teams/local/runs-directory.ts';
import type { RunOptions } from './run-options.ts';

/** @param asked what `--sandbox` or `--no-sandbox` said, if either was given. */
export function sandboxChoice(asked: boolean | undefined, rehearsal: boolean): SandboxChoice {
  if (asked === false) return 'none';
  return asked === true || !rehearsal ? 'required' : 'optional';
}

/**
 * Whether agents run in a sandbox here.
 * @throws Failure where one is required and cannot be had.
 */
export function useSandbox(choice: SandboxChoice, network: SandboxNetwork | undefined): boolean {
  if (choice === 'none') return false;
  const found = detectSandbox(network);
  if (!found.available && choice === 'required') {
    throw new Failure(`no sandbox for the agents: ${found.why}`, {
      exitCode: CLI_EXIT.usage,
      wayOut:
        `${process.platform === 'linux' ? ON_LINUX : ELSEWHERE}\n` +
        `  --no-sandbox runs the agents as plain processes of ${user() === 'root' ? 'root' : 'yours'}: whatever a prompt, a repository\n` +
        '  or a mail talks them into, they can read your files and keys and change all that you can.',
    });
  }
  return found.available;
}

const ON_LINUX = 'Install bubblewrap (apt-get install bubblewrap), or rehearse with --rehearse.';
const ELSEWHERE =
  'Run it in a Linux container or virtual machine (docs/cli.md, "macOS"), or rehearse with --rehearse.';

/** @throws Failure for a `--reach` that is no host or network. */
export function checkReach({ network, reach = [] }: RunOptions): void {
  const wrong = reach.find((entry) => !REACH.test(entry));
  if (wrong !== undefined) {
    throw usageError(
      `--reach ${wrong} is not a host or a network`,
      'Name a host (registry.example), an address, or a block of addresses (10.0.0.0/8).',
    );
  }
  if (network === 'host' && reach.length > 0) {
    throw usageError(
      '--reach does not go with --network host',
      'With --network host agents reach everything that this machine reaches: leave --reach out.',
    );
  }
}

const REACH = /^[A-Za-z0-9.:-]+(\/[0-9]{1,3})?$/;

/** What a person should know before agents start: what they asked to give up. */
export function sandboxWarnings(
  { sandbox, options }: RunRecord,
  sandboxed: boolean,
): readonly string[] {
  if (sandbox === 'none') {
    return [`! no sandbox: agents can read and change all that ${user()} can`];
  }
  if (sandboxed && options.network === 'host') {
    return [
      "! network of this machine: agents can connect to all of its services, localhost's too",
    ];
  }
  return [];
}

function user(): string {
  return process.getuid?.() === 0 ? 'root' : 'you';
}
