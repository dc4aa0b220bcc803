import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { Context } from '../../context.ts';
import { distribution } from '../../distribution.ts';
import { Failure } from '../../failure.ts';

export interface RunnerProgram {
  readonly command: readonly string[];
  /** Directories that contain its files. */
  readonly directories: readonly string[];
}

/** Finds the program `agentteam-runner`. */
export function runnerProgram(): RunnerProgram {
  const directory = distribution();
  return { command: [process.execPath, join(directory, 'runner.mjs')], directories: [directory] };
}

/** Paths of Node and, in an ordinary installation, of the programs that come with it, such as npm. */
export function nodePrograms(): readonly string[] {
  const directory = dirname(process.execPath);
  const modules = join(dirname(directory), 'lib/node_modules');
  // Without npm beside it, the directory may be any directory, for example a user's HOME.
  return existsSync(join(modules, 'npm')) ? [directory, modules] : [process.execPath];
}

/**
 * Finds the pinned `claude` that was installed with this package, or the one on PATH.
 * @throws Failure when there is none.
 */
export function claudeProgram(env: Context['env']): string {
  const pinned = pinnedClaude();
  if (pinned !== undefined) return pinned;
  const found = findOnPath('claude', env);
  if (found !== undefined) return found;
  throw new Failure('the claude program is not installed', {
    hint: 'Run npm install --include=optional, or put Claude Code on PATH.',
  });
}

/**
 * The files of Claude Code: its package, or the program alone. The directory of a program on PATH may be any directory,
 * for example a user's HOME.
 * @param program its real path.
 */
export function claudeFiles(program: string): string {
  const directory = dirname(program);
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const { name } = manifest as { readonly name?: unknown };
    return String(name).startsWith('@anthropic-ai/') ? directory : program;
  } catch {
    return program;
  }
}

/** The first executable file of a name on PATH. */
export function findOnPath(name: string, env: Context['env']): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable);
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
    // The optional dependency for this platform is not installed.
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
