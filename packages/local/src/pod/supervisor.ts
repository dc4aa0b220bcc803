import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs `"$@"` and writes its exit code to `$0`, even after the engine was killed, so that a step which
 * succeeded is never repeated. The traps keep the shell alive when its whole group receives a signal;
 * the command still receives it. What it prints as errors goes to the same place as its other output.
 */
const SCRIPT = `
exec 2>&1
trap : TERM INT HUP
"$@"
code=$?
printf '{"code":%d}\\n' "$code" > "$0.tmp" && mv "$0.tmp" "$0"
exit $code
`;

export function supervised(exitFile: string, command: readonly string[]): readonly string[] {
  return ['-c', SCRIPT, exitFile, ...command];
}

export function exitFileOf(podDirectory: string, container: string): string {
  return join(podDirectory, `${container}.exit.json`);
}

/** @returns undefined for a container that has not ended, or was killed together with its supervisor. */
export function readExitCode(exitFile: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(exitFile, 'utf8')) as { readonly code: number }).code;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function removeExitCode(exitFile: string): void {
  rmSync(exitFile, { force: true });
}
