import { textFor } from '@agentteam/text';
import { execa } from 'execa';

export interface GroupOptions {
  readonly cwd: string;
  /** The whole environment: nothing is inherited from this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** After this time, the program and everything that it started are killed. */
  readonly timeoutMs?: number;
}

export interface GroupResult {
  readonly passed: boolean;
  /** How the program ended: `exit code 1`, `program not found: npm`, `stopped after 15 min`. */
  readonly detail: string;
  /** Whether the program could be started. */
  readonly started: boolean;
  /** The end of both output streams, interleaved, without colours and control characters. */
  readonly output: string;
}

/** How long output is read after the program has ended, in milliseconds. A pipe holds 64 KiB at most. */
const OUTPUT_MS = 2_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const SHOWN_LINES = 150;
const SHOWN_CHARACTERS = 12_000;

/**
 * Runs a program from the repository, which agents may have changed, in its own process group. When
 * the program ends, the rest of its group is killed: a server in the background would keep the output
 * open, and this step waiting.
 */
export async function runGroup(
  [program = '', ...args]: readonly string[],
  { cwd, env, signal, timeoutMs }: GroupOptions,
): Promise<GroupResult> {
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    // A stop must reach everything that the program started.
    killDescendants: true,
    all: true,
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  });
  const { nodeChildProcess } = child;
  let unread: NodeJS.Timeout | undefined;
  nodeChildProcess.once('exit', () => {
    if (child.pid !== undefined) endGroup(child.pid);
    // A daemon that has left the group may keep the output open.
    unread = setTimeout(() => {
      nodeChildProcess.stdout?.destroy();
      nodeChildProcess.stderr?.destroy();
    }, OUTPUT_MS);
  });
  const result = await child;
  clearTimeout(unread);
  signal.throwIfAborted();
  const output = textFor('log', tail(result.all ?? ''));
  if (result.timedOut) {
    const detail = `stopped after ${minutes(timeoutMs ?? 0)}`;
    return { passed: false, detail, started: true, output };
  }
  if (result.exitCode !== undefined) {
    const detail = `exit code ${result.exitCode}`;
    return { passed: result.exitCode === 0, detail, started: true, output };
  }
  const missing = result.code === 'ENOENT';
  const detail = missing
    ? `program not found: ${program}`
    : (result.shortMessage ?? 'the program failed');
  return { passed: false, detail, started: !missing, output };
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${ms / 1000} s` : `${Math.round(ms / 6_000) / 10} min`;
}

function tail(text: string): string {
  const all = text.trimEnd().split('\n');
  const lines = all.slice(-SHOWN_LINES).join('\n');
  if (lines.length > SHOWN_CHARACTERS) return `…${lines.slice(-SHOWN_CHARACTERS)}`;
  return all.length > SHOWN_LINES ? `… (${all.length - SHOWN_LINES} lines cut)\n${lines}` : lines;
}
