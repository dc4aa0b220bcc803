import { isDeepStrictEqual } from 'node:util';
import { formatProblems, type Problem } from '@agentteam/compiler';
import type { KubeObject } from '../kube/objects.ts';
import type { AdmissionRequest, Verdict } from './review.ts';

/** Name of an object with `generateName`, which the API server has not named yet. */
const GENERATED = 'generated';

/** Whether a request updates only labels, finalizers or annotations. */
export function isSpecUnchanged({ object, oldObject }: AdmissionRequest): boolean {
  return oldObject != null && isDeepStrictEqual(object.spec, oldObject.spec);
}

/** The object as the user wrote it, without the metadata that the API server adds. */
export function withoutServerFields({
  apiVersion,
  kind,
  metadata,
  spec,
}: AdmissionRequest['object']): KubeObject & {
  readonly spec?: unknown;
} {
  const { name = GENERATED, namespace } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec,
  };
}

/** Refuses an object and lists its problems. */
export function invalid(
  { kind, metadata }: AdmissionRequest['object'],
  problems: readonly Problem[],
): Verdict {
  const file = `${kind.toLowerCase()}/${metadata.name ?? GENERATED}`;
  return { allowed: false, code: 422, message: formatProblems(problems, { file }).trim() };
}
