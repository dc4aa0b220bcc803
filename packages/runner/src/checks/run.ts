import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandVariables } from '../environment/variables.ts';
import { cacheEnvironment } from '../git/worktree/setup-command.ts';
import { type Check, shownCommand } from '../quality-gates/check.ts';
import { runGroup } from '../step/run-group.ts';

export interface CheckResult {
  readonly check: Check;
  readonly passed: boolean;
  /** How the command ended, for example `exit code 1` or `program not found: go`. */
  readonly detail: string;
  /** The end of its output. */
  readonly output: string;
}

export interface CheckSurroundings {
  readonly directory: string;
  readonly home: string;
  readonly cache: string;
  /** Environment variables for the container's network. */
  readonly network: Readonly<Record<string, string>>;
  readonly variables: CommandVariables;
  /** `PATH` of the checks. */
  readonly path: string;
  /** Maximum time for one check. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** Runs one check. Of this step's environment it gets only what the lead's commands get. */
export async function runCheck(
  check: Check,
  { directory, home, cache, network, variables, path, timeoutSeconds, signal }: CheckSurroundings,
): Promise<CheckResult> {
  const env = {
    ...variables.image,
    PATH: path,
    HOME: home,
    LANG: 'C.UTF-8',
    CI: 'true',
    ...network,
    ...cacheEnvironment(cache),
    ...variables.own,
  };
  const cwd = join(directory, check.directory ?? '');
  const options = { cwd, env, signal, timeoutMs: timeoutSeconds * 1000 };
  const { passed, detail, output } = await runGroup(check.command, options);
  return { check, passed, detail, output };
}

/** Writes the validation script to a file, and passes `work` the check that runs it. */
export async function withScript<T>(
  script: string,
  work: (check: Check) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-check-'));
  try {
    const file = join(directory, 'validate');
    await writeFile(file, script.endsWith('\n') ? script : `${script}\n`, { mode: 0o755 });
    const command = script.startsWith('#!') ? [file] : ['sh', '-e', file];
    return await work({ kind: 'validation', command, foundIn: 'qualityGates.validationScript' });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** One line for each check, for the output parameter and the pull request. */
export function checkLines(results: readonly CheckResult[]): string {
  return results
    .map(({ check, passed, detail }) => {
      const what = check.kind === 'validation' ? 'validation script' : shownCommand(check);
      return `${passed ? 'passed' : 'FAILED'}  ${check.kind}: ${what} (${check.foundIn}; ${detail})`;
    })
    .join('\n');
}
