import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { withLock } from '@agentteam/volume';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { runGroup } from '../../step/run-group.ts';

export interface SetupCommand {
  readonly worktree: string;
  /** Program and arguments, run without a shell. Empty when there is nothing to run. */
  readonly command: readonly string[];
  /** A file that marks the command as done. It is outside the worktree, and survives restarts. */
  readonly marker: string;
  /** The agent's environment. The command comes from the repository, so it must get no secret. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Environment variables that make package managers store downloads in `cache`. */
export function cacheEnvironment(cache: string): Readonly<Record<string, string>> {
  return {
    npm_config_cache: join(cache, 'npm'),
    YARN_CACHE_FOLDER: join(cache, 'yarn'),
    npm_config_store_dir: join(cache, 'pnpm'),
    PIP_CACHE_DIR: join(cache, 'pip'),
    UV_CACHE_DIR: join(cache, 'uv'),
    CARGO_HOME: join(cache, 'cargo'),
    GOMODCACHE: join(cache, 'go', 'mod'),
    GOCACHE: join(cache, 'go', 'build'),
    GRADLE_USER_HOME: join(cache, 'gradle'),
    MAVEN_ARGS: `-Dmaven.repo.local=${join(cache, 'maven')}`,
  };
}

/**
 * Runs the repository's setup command in a worktree, once. Agents that share a tree share the marker:
 * one runs the command, and the others wait.
 * @throws StepFailure with the command and the end of its output.
 */
export async function runSetupCommand(setup: SetupCommand): Promise<void> {
  const { command, marker, signal } = setup;
  if (command.length === 0) return;
  await mkdir(dirname(marker), { recursive: true });
  while (!(await exists(marker))) {
    signal.throwIfAborted();
    await withLock(marker, () => runUnlessDone(setup)).catch((error: NodeJS.ErrnoException) => {
      // Another agent is still running the command. Keep waiting.
      if (error.code !== 'ELOCKED') throw error;
    });
  }
}

async function runUnlessDone(setup: SetupCommand): Promise<void> {
  const { worktree, command, marker, env, signal } = setup;
  if (await exists(marker)) return;
  const result = await runGroup(command, { cwd: worktree, env, signal });
  if (!result.passed) {
    const shown = command.map((argument) =>
      /^[\w@%+=:,./-]+$/.test(argument) ? argument : JSON.stringify(argument),
    );
    const output = result.output.trim() === '' ? '' : `:\n${result.output}`;
    throw new StepFailure(
      `The setup command \`${shown.join(' ')}\` failed (${result.detail})${output}`,
      result.started ? EXIT.failed : EXIT.invalid,
    );
  }
  await writeFile(marker, '');
}
