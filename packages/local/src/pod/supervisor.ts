import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs `"$@"` and writes its exit code to `$0`, also when no engine waits for it any more: what has
 * succeeded is never run again. A shell, because it is everywhere and costs nothing. The traps keep
 * it alive where a whole group is told to end; its command gets signals as ever.
 */
const SCRIPT = `
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

/** Undefined while the container has not ended, and where it was killed along with its supervisor. */
export function readExitCode(exitFile: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(exitFile, 'utf8')) as { readonly code: number }).code;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function forgetExit(exitFile: string): void {
  rmSync(exitFile, { force: true });
}
