import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus, Template } from '@agentteam/argo';
import { CONTAINERS } from '@agentteam/contract';

/** Argo takes output parameters of at most this much. */
const MAX_OUTPUT_BYTES = 256 << 10;

/** A pod's outputs as its main container left them: parameters from files, and the exit code. */
export function podOutputs(
  podDirectory: string,
  template: Template,
  exitCode: number | undefined,
): NodeStatus['outputs'] {
  const parameters = (template.outputs?.parameters ?? []).map((parameter) => {
    const { path = '', default: fallback = '' } = parameter.valueFrom ?? {};
    return { ...parameter, value: readOutput(podDirectory, path) ?? fallback };
  });
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(exitCode !== undefined && { exitCode: String(exitCode) }),
  };
}

/**
 * An output parameter's text, without one newline at its end (as argoexec's executor.go has it);
 * undefined when there is none. Agents write these files: one that leads out of the pod, or is no
 * plain file, is not read.
 */
function readOutput(podDirectory: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(podDirectory, CONTAINERS.main, path));
    const stat = statSync(real);
    if (!real.startsWith(`${realpathSync(podDirectory)}/`) || !stat.isFile()) return undefined;
    if (stat.size > MAX_OUTPUT_BYTES) return undefined;
    return readFileSync(real, 'utf8').replace(/\n$/, '');
  } catch {
    return undefined;
  }
}
