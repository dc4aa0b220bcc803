import { AuthorizationV1Api } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';

/** A right in the connection's namespace. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  /** The resource with its subresource: `pods/log`. */
  readonly resource: string;
}

/** Asks the API server whether the caller has a right, with a SelfSubjectAccessReview. */
export async function isAllowed(
  { config, namespace }: Connection,
  { verb, group, resource }: Right,
): Promise<boolean> {
  const [plural = '', subresource] = resource.split('/');
  const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
    body: {
      spec: {
        resourceAttributes: {
          namespace,
          verb,
          group,
          resource: plural,
          ...(subresource !== undefined && { subresource }),
        },
      },
    },
  });
  return review.status?.allowed === true;
}
