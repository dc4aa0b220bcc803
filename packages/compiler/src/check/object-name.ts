import { OBJECT_NAME } from '@agentteam/contract';
import type { Problem } from '../problem.ts';

/** Checks the name of a Secret, ConfigMap, claim or class. */
export function checkObjectName(name: string, path: Problem['path']): readonly Problem[] {
  if (OBJECT_NAME.test(name)) return [];
  return [
    {
      code: 'bad-object-name',
      path,
      message: `\`${name}\` is not a valid name for a Kubernetes object`,
      hint: 'use lower-case letters, digits, hyphens and dots; start and end with a letter or digit',
    },
  ];
}
