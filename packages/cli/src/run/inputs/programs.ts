import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';

const here = dirname(fileURLToPath(import.meta.url));

export interface RunnerProgram {
  readonly command: readonly string[];
  /** Directories that it is made of. */
  readonly directories: readonly string[];
}

/** How to start `agentteam-runner` on this machine. */
export function runnerProgram(): RunnerProgram {
  // Bundled, this module is dist/agentteam.mjs or one of its chunks.
  for (const directory of [here, dirname(here)]) {
    const bundle = join(directory, 'runner.mjs');
    if (existsSync(bundle)) {
      return { command: [process.execPath, bundle], directories: [directory] };
    }
  }
  const repository = join(here, '../../../../..');
  return {
    command: [
      process.execPath,
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      join(repository, 'packages/runner/src/main.ts'),
    ],
    directories: [join(repository, 'packages'), join(repository, 'node_modules')],
  };
}

/** Node and, where they lie beside it as an installation has them, the programs that come with it (npm). */
export function nodePrograms(): readonly string[] {
  const directory = dirname(process.execPath);
  const modules = join(dirname(directory), 'lib/node_modules');
  // Another directory may be anybody's: a HOME, say.
  return existsSync(join(modules, 'npm')) ? [directory, modules] : [process.execPath];
}

/** The pinned `claude` that was installed with this package, else the one on PATH. */
export function claudeProgram(env: Context['env']): string {
  const pinned = pinnedClaude();
  if (pinned !== undefined) return pinned;
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(directory, 'claude');
    if (directory !== '' && isExecutable(candidate)) return candidate;
  }
  throw new Failure('the claude program is not installed', {
    wayOut: 'npm install --include=optional   (or put Claude Code on PATH)',
  });
}

function pinnedClaude(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(
      `@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`,
    );
    const program = join(dirname(manifest), 'claude');
    return isExecutable(program) ? program : undefined;
  } catch {
    // Not installed: an optional dependency for another platform.
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
