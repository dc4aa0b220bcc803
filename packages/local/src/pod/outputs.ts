import type { NodeStatus, Template } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
import type { Mounted } from './mounts.ts';
import { type ReadLimit, readUntrustedFile } from './read-untrusted-file.ts';

/** Argo's limit for an output parameter. */
const OUTPUT_LIMIT: ReadLimit = { maxBytes: 256 << 10, ifLonger: 'nothing' };
/** The kubelet's limit for a termination message. */
const MESSAGE_LIMIT: ReadLimit = { maxBytes: 4096, ifLonger: 'end' };

/**
 * The outputs of a pod: parameters from the files of its main container, and the exit code.
 * @param placeOf where a file of the main container lies; undefined: the parameter gets its default.
 */
export function podOutputs(
  template: Template,
  exitCode: number | undefined,
  placeOf: (path: string) => Mounted | undefined,
): NodeStatus['outputs'] {
  const parameters = (template.outputs?.parameters ?? []).map((parameter) => {
    const { path = '', default: fallback = '' } = parameter.valueFrom ?? {};
    const place = placeOf(path);
    const text = place && readUntrustedFile(place.directory, place.names, OUTPUT_LIMIT);
    // Argo removes one newline at the end (executor.go of argoexec).
    return { ...parameter, value: text?.replace(/\n$/, '') ?? fallback };
  });
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(exitCode !== undefined && { exitCode: String(exitCode) }),
  };
}

/**
 * The termination message of a container; empty if it wrote none.
 * @param root the directory that serves as the container's `/`.
 */
export function terminationMessage(root: string): string {
  const names = PATHS.terminationLog.split('/').slice(1);
  return readUntrustedFile(root, names, MESSAGE_LIMIT) ?? '';
}
