import { isDeepStrictEqual } from 'node:util';
import { formatProblems, type Problem } from '@agentteam/compiler';
import type { KubeObject } from '../kube/objects.ts';
import type { AdmissionRequest, Verdict } from './review.ts';

/** A name that the API server makes itself (`generateName`) is not there yet. */
const GENERATED = 'generated';

/** An update that leaves the spec alone: labels, finalizers, annotations. */
export function isSpecUnchanged({ object, oldObject }: AdmissionRequest): boolean {
  return oldObject != null && isDeepStrictEqual(object.spec, oldObject.spec);
}

/** What a user wrote of an object, without what the API server keeps in its metadata. */
export function bare({
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

export function invalid(
  { kind, metadata }: AdmissionRequest['object'],
  problems: readonly Problem[],
): Verdict {
  const file = `${kind.toLowerCase()}/${metadata.name ?? GENERATED}`;
  return { allowed: false, code: 422, message: formatProblems(problems, { file }).trim() };
}
