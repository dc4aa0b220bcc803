import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus, Template } from '@agentteam/argo';
import { CONTAINERS, PATHS } from '@agentteam/contract';

/** Argo takes output parameters of at most this much. */
const MAX_OUTPUT_BYTES = 256 << 10;
/** The kubelet takes the last bytes of a longer termination message. */
const MAX_MESSAGE_BYTES = 4096;

/** A pod's outputs as its main container left them: parameters from files, and the exit code. */
export function podOutputs(
  podDirectory: string,
  template: Template,
  exitCode: number | undefined,
): NodeStatus['outputs'] {
  const parameters = (template.outputs?.parameters ?? []).map((parameter) => {
    const { path = '', default: fallback = '' } = parameter.valueFrom ?? {};
    // argoexec's executor.go takes one newline off the end.
    const text = readLeft(podDirectory, CONTAINERS.main, path)?.replace(/\n$/, '');
    return { ...parameter, value: text ?? fallback };
  });
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(exitCode !== undefined && { exitCode: String(exitCode) }),
  };
}

/** What a container has left to say about its end. */
export function terminationMessage(podDirectory: string, container: string): string {
  const text = readLeft(podDirectory, container, PATHS.terminationLog) ?? '';
  return Buffer.from(text).subarray(-MAX_MESSAGE_BYTES).toString();
}

/**
 * A file that a container has left; undefined when there is none. Agents write these files: one
 * that leads out of the pod, or is no plain file, is not read.
 */
function readLeft(podDirectory: string, container: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(podDirectory, container, path));
    const stat = statSync(real);
    if (!real.startsWith(`${realpathSync(podDirectory)}/`) || !stat.isFile()) return undefined;
    if (stat.size > MAX_OUTPUT_BYTES) return undefined;
    return readFileSync(real, 'utf8');
  } catch {
    return undefined;
  }
}
