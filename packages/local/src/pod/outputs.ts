import type { NodeStatus, Template } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
import type { Mounted } from './mounts.ts';
import { type Bound, readLeft } from './read-left.ts';

/** Argo takes output parameters of at most this much. */
const OUTPUT: Bound = { maxBytes: 256 << 10, longer: 'nothing' };
/** The kubelet takes the last bytes of a longer termination message. */
const MESSAGE: Bound = { maxBytes: 4096, longer: 'end' };

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
    const place = placeOf(path);
    const text = place && readLeft(place.directory, place.names, OUTPUT);
    // argoexec's executor.go takes one newline off the end.
    return { ...parameter, value: text?.replace(/\n$/, '') ?? fallback };
  });
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(exitCode !== undefined && { exitCode: String(exitCode) }),
  };
}

/**
 * What a container has left to say about its end.
 * @param root the directory that stands for its `/`, where it cannot replace what the engine made.
 */
export function terminationMessage(root: string): string {
  const names = PATHS.terminationLog.split('/').slice(1);
  return readLeft(root, names, MESSAGE) ?? '';
}
