import { textFor } from '@agentteam/text';
import { execa } from 'execa';

export interface GroupOptions {
  readonly cwd: string;
  /** All of it: nothing is taken over from this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** After so long it is ended, with all that it started. */
  readonly timeoutMs?: number;
}

export interface GroupResult {
  readonly passed: boolean;
  /** How it ended, in words: `exit code 1`, `there is no program npm`, `stopped after 15 min`. */
  readonly how: string;
  /** Whether the program could be started at all. */
  readonly started: boolean;
  /** The end of what it printed, both streams as they came, without colours and control characters. */
  readonly output: string;
}

const MOST_OUTPUT = 64 * 1024 * 1024;
const SHOWN_LINES = 150;
const SHOWN_CHARACTERS = 12_000;

/**
 * Runs a program of the repository's (so: of the agents') in a process group of its own. When it
 * ends, what it left running ends too: a server in the background would hold the output open, and
 * this step with it.
 */
export async function runGroup(
  [program = '', ...args]: readonly string[],
  { cwd, env, signal, timeoutMs }: GroupOptions,
): Promise<GroupResult> {
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    // In a process group of its own, so that a stop reaches all of it.
    killDescendants: true,
    all: true,
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
    maxBuffer: MOST_OUTPUT,
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  child.nodeChildProcess.once('exit', () => {
    if (child.pid !== undefined) endGroup(child.pid);
  });
  const result = await child;
  signal.throwIfAborted();
  const output = textFor('log', tail(result.all ?? ''));
  if (result.timedOut) {
    const how = `stopped after ${minutes(timeoutMs ?? 0)}`;
    return { passed: false, how, started: true, output };
  }
  if (result.exitCode !== undefined) {
    return { passed: !result.failed, how: `exit code ${result.exitCode}`, started: true, output };
  }
  const missing = result.code === 'ENOENT';
  const how = missing ? `there is no program ${program}` : (result.shortMessage ?? 'it failed');
  return { passed: false, how, started: !missing, output };
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing was left of it.
  }
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${ms / 1000} s` : `${Math.round(ms / 6_000) / 10} min`;
}

function tail(text: string): string {
  const all = text.trimEnd().split('\n');
  const lines = all.slice(-SHOWN_LINES).join('\n');
  if (lines.length > SHOWN_CHARACTERS) return `…${lines.slice(-SHOWN_CHARACTERS)}`;
  return all.length > SHOWN_LINES ? `… ${all.length - SHOWN_LINES} lines before\n${lines}` : lines;
}
