import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { withLock } from '@agentteam/volume';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { runGroup } from '../../step/run-group.ts';

export interface SetupCommand {
  readonly worktree: string;
  /** Exec form: program and arguments, no shell. Empty: nothing to do. */
  readonly command: readonly string[];
  /** Package caches of this worktree. */
  readonly cache: string;
  /** A file that says it was done; outside of the worktree, and kept over restarts. */
  readonly marker: string;
  /** The agent's environment: what runs here is the repository's, so it gets no secret either. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Where package managers keep what they downloaded. */
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
 * Runs the repository's setup command in a worktree, once. Where several agents share the tree, and
 * so the marker, one runs it and the others wait.
 * @throws StepFailure with the command and the end of its output.
 */
export async function runSetupCommand(setup: SetupCommand): Promise<void> {
  const { command, marker, signal } = setup;
  if (command.length === 0) return;
  await mkdir(dirname(marker), { recursive: true });
  while (!(await exists(marker))) {
    signal.throwIfAborted();
    await withLock(marker, () => runUnlessDone(setup)).catch((error: NodeJS.ErrnoException) => {
      // Another agent's takes longer than a lock is waited for.
      if (error.code !== 'ELOCKED') throw error;
    });
  }
}

async function runUnlessDone(setup: SetupCommand): Promise<void> {
  const { worktree, command, cache, marker, env, signal } = setup;
  if (await exists(marker)) return;
  const result = await runGroup(command, {
    cwd: worktree,
    env: { ...env, ...cacheEnvironment(cache) },
    signal,
  });
  if (!result.passed) {
    const words = command.map((word) =>
      /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word),
    );
    throw new StepFailure(
      `The setup command \`${words.join(' ')}\` failed (${result.how}):\n${result.output}`,
      result.started ? EXIT.failed : EXIT.invalid,
    );
  }
  await writeFile(marker, '');
}
