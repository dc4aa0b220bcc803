import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** A process of a run, except its engine. */
export interface RunProcess {
  readonly pid: number;
  /** `claude`, `shell` (the supervisor of a container), or the runner's command: `agent`, `gateway`, … */
  readonly kind: string;
  /** Id of the Workflow node that its pod belongs to. */
  readonly node: string;
  /** Directory in the pod that it belongs to: the name of its container, or `volumes` for `claude`. */
  readonly container: string;
}

/** Variables whose value is in the directory of a pod. */
const ROOT = /^(?:AGENTTEAM_ROOT|HOME)=(.*)$/;

/** The processes of a run, without the tools that agents have started. */
export function processesOf(run: string): readonly RunProcess[] {
  const pods = join(run, 'pods');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const root = valuesOf(`/proc/${pid}/environ`)
        .map((variable) => ROOT.exec(variable)?.[1])
        .find((path) => path?.startsWith(pods));
      if (root === undefined) return [];
      const kind = kindOf(valuesOf(`/proc/${pid}/cmdline`));
      const [node = '', container = ''] = relative(pods, root).split(sep);
      return kind === undefined ? [] : [{ pid: Number(pid), kind, node, container }];
    });
}

const RUNNER_COMMANDS = ['agent', 'gateway', 'setup', 'checks', 'deliver', 'roll-call', 'finish'];

function kindOf(command: readonly string[]): string | undefined {
  if (command.includes('--agent-name')) return 'claude';
  const last = command.at(-1) ?? '';
  if (!RUNNER_COMMANDS.includes(last)) return undefined;
  return command[0]?.endsWith('/sh') ? 'shell' : last;
}

/** The values in a file that are separated by zero bytes; none if the process is gone. */
function valuesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

/** @returns false if the process was gone before. */
export function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
