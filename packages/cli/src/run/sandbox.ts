import { detectSandbox, type SandboxNetwork } from '@agentteam/local';
import { CLI_EXIT } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import type { RunRecord, SandboxChoice } from '../teams/local/run-record.ts';
import type { RunOptions } from './run-options.ts';

/** @param option value of `--sandbox` or `--no-sandbox`; undefined when neither was given. */
export function sandboxChoice(option: boolean | undefined, rehearsal: boolean): SandboxChoice {
  if (option === false) return 'none';
  return option === true || !rehearsal ? 'required' : 'optional';
}

/**
 * Whether agents run in a sandbox on this machine.
 * @throws Failure when a sandbox is required and not available.
 */
export function useSandbox(choice: SandboxChoice, network: SandboxNetwork | undefined): boolean {
  if (choice === 'none') return false;
  const found = detectSandbox(network);
  if (!found.available && choice === 'required') {
    throw new Failure(`no sandbox is available for the agents: ${found.why}`, {
      exitCode: CLI_EXIT.usage,
      hint:
        `${process.platform === 'linux' ? ON_LINUX : ELSEWHERE}\n` +
        `  --no-sandbox runs the agents as ordinary processes with ${user() === 'root' ? "root's" : 'your'} rights: an agent that is\n` +
        '  misled by a prompt, a repository or a mail can read your files and keys, and change everything that you can.',
    });
  }
  return found.available;
}

const ON_LINUX = 'Install bubblewrap (apt-get install bubblewrap), or rehearse with --rehearse.';
const ELSEWHERE =
  'Run the team in a Linux container or virtual machine (see "macOS" in docs/cli.md), or rehearse with --rehearse.';

/** @throws Failure when a value of `--reach` is not a host or a network. */
export function checkReach({ network, reach = [] }: RunOptions): void {
  const wrong = reach.find((entry) => !REACH.test(entry));
  if (wrong !== undefined) {
    throw usageError(
      `--reach ${wrong} is not a host or a network`,
      'Give a host (registry.example), an address, or a block of addresses (10.0.0.0/8).',
    );
  }
  if (network === 'host' && reach.length > 0) {
    throw usageError(
      '--reach cannot be combined with --network host',
      'With --network host agents can reach everything that this machine can reach. Omit --reach.',
    );
  }
}

const REACH = /^[A-Za-z0-9.:-]+(\/[0-9]{1,3})?$/;

/** Warnings for options that weaken the isolation of the agents. */
export function sandboxWarnings(
  { sandbox, options }: RunRecord,
  sandboxed: boolean,
): readonly string[] {
  if (sandbox === 'none') {
    return [`! no sandbox: agents can read and change everything that ${user()} can`];
  }
  if (sandboxed && options.network === 'host') {
    return [
      '! --network host: agents can connect to every service of this machine, on localhost too',
    ];
  }
  return [];
}

function user(): string {
  return process.getuid?.() === 0 ? 'root' : 'you';
}
