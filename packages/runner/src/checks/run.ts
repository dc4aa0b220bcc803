import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheEnvironment } from '../git/index.ts';
import { runGroup } from '../step/run-group.ts';
import type { Check } from './check.ts';

export interface CheckResult {
  readonly check: Check;
  readonly passed: boolean;
  /** `exit code 1`, `there is no program go`. */
  readonly how: string;
  /** The end of what it printed. */
  readonly output: string;
}

export interface CheckSurroundings {
  readonly directory: string;
  readonly home: string;
  readonly cache: string;
  /** How the container's network is reached, as variables. */
  readonly network: Readonly<Record<string, string>>;
  /** Where programs are looked for. */
  readonly path: string;
  /** How long one check may run. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** Runs one check, with nothing in its environment that is this step's. */
export async function runCheck(
  check: Check,
  { directory, home, cache, network, path, timeoutSeconds, signal }: CheckSurroundings,
): Promise<CheckResult> {
  const env = {
    PATH: path,
    HOME: home,
    LANG: 'C.UTF-8',
    CI: 'true',
    ...network,
    ...cacheEnvironment(cache),
  };
  const cwd = join(directory, check.directory ?? '');
  const options = { cwd, env, signal, timeoutMs: timeoutSeconds * 1000 };
  const { passed, how, output } = await runGroup(check.command, options);
  return { check, passed, how, output };
}

/** The validation script as a file: with a `#!` line it says itself what runs it. */
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
