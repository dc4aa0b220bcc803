import type { NodeStatus, Template } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
import type { Mounted } from './mounts.ts';
import { readLeft } from './read-left.ts';

/** Argo takes output parameters of at most this much. */
const MAX_OUTPUT_BYTES = 256 << 10;
/** The kubelet takes the last bytes of a longer termination message. */
const MAX_MESSAGE_BYTES = 4096;

/**
 * A pod's outputs as its main container left them: parameters from files, and the exit code.
 * @param placeOf where a file of the main container lies; undefined: nothing is read there.
 */
export function podOutputs(
  template: Template,
  exitCode: number | undefined,
  placeOf: (path: string) => Mounted | undefined,
): NodeStatus['outputs'] {
  const parameters = (template.outputs?.parameters ?? []).map((parameter) => {
    const { path = '', default: fallback = '' } = parameter.valueFrom ?? {};
    const place = isOutput(path) ? placeOf(path) : undefined;
    const text = place && readLeft(place.directory, place.names, MAX_OUTPUT_BYTES);
    // argoexec's executor.go takes one newline off the end.
    return { ...parameter, value: text?.replace(/\n$/, '') ?? fallback };
  });
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(exitCode !== undefined && { exitCode: String(exitCode) }),
  };
}

/** Outputs have a directory of their own; a Workflow that names another place has nothing read there. */
function isOutput(path: string): boolean {
  return path.startsWith(`${PATHS.outputs}/`);
}

/**
 * What a container has left to say about its end.
 * @param root the directory that stands for its `/`, where it cannot replace what the engine made.
 */
export function terminationMessage(root: string): string {
  const names = PATHS.terminationLog.split('/').slice(1);
  return readLeft(root, names, MAX_MESSAGE_BYTES) ?? '';
}
