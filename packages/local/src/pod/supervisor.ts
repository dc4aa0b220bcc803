import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** How a container ended. */
export interface ContainerExit {
  readonly code: number;
  /** Whether the engine that had started it was there to see it. */
  readonly watched: boolean;
}

/**
 * Runs `"$@"` and writes to `$0` how it ended, also when no engine waits for it any more: what is
 * finished is never run again. A shell, because it is everywhere and costs nothing.
 *
 * The traps keep it alive where a whole group is told to end; its command gets signals as ever. On
 * the death of its parent a process is given another one at once, while `kill -0` would still find
 * the dead one until somebody looks at it.
 */
const SCRIPT = `
trap : TERM INT HUP
"$@"
code=$?
parent=$PPID
[ -r /proc/$$/stat ] && read -r _ _ _ parent _ < /proc/$$/stat
if [ "$parent" = "$PPID" ] && kill -0 "$PPID" 2>/dev/null; then watched=true; else watched=false; fi
printf '{"code":%d,"watched":%s}\\n' "$code" "$watched" > "$0.tmp" && mv "$0.tmp" "$0"
exit $code
`;

export function supervised(exitFile: string, command: readonly string[]): readonly string[] {
  return ['-c', SCRIPT, exitFile, ...command];
}

export function exitFileOf(podDirectory: string, container: string): string {
  return join(podDirectory, `${container}.exit.json`);
}

/** Undefined while the container has not ended, and where it was killed along with its supervisor. */
export function readExit(exitFile: string): ContainerExit | undefined {
  try {
    return JSON.parse(readFileSync(exitFile, 'utf8')) as ContainerExit;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function forgetExit(exitFile: string): void {
  rmSync(exitFile, { force: true });
}
