import type { Access, Person, Review, TeamSource } from '@agentteam/ui';
import { AuthenticationV1Api, type KubeConfig } from '@kubernetes/client-node';
import { CallerConfig, type OnBehalf } from '../cluster/connection/caller-config.ts';
import type { Connection } from '../cluster/connection/connection.ts';
import { CallerSource } from './caller-source.ts';
import type { Readings } from './readings.ts';

export interface AccessOptions {
  /** Credentials of this process. They review tokens and impersonate people, and read nothing about teams. */
  readonly own: Connection;
  /** Audiences, one of which a token must have; empty for those of the API server. */
  readonly audiences: readonly string[];
  /** Namespaces with teams; empty for all that a caller can see. */
  readonly namespaces: readonly string[];
  readonly readings: Readings;
}

/** Namespace of a service account in its user name. */
const ACCOUNT = /^system:serviceaccount:([a-z0-9-]+):/;

/** Gives the callers of the page access to the cluster, each with their own rights. */
export function clusterAccess({ own, audiences, namespaces, readings }: AccessOptions): Access {
  const source = (
    onBehalf: OnBehalf,
    user: string,
    home?: string,
    onRefused?: () => void,
  ): TeamSource =>
    new CallerSource({
      limits: readings.of(user),
      config: new CallerConfig(own.config, onBehalf),
      server: own.server,
      namespaces,
      ...(home !== undefined && { home }),
      ...(onRefused && { onRefused }),
    });
  return {
    review: (token) => review(own.config, token, audiences),
    sourceOfToken: (token, user, onRefused) =>
      source({ token }, user, ACCOUNT.exec(user)?.[1], onRefused),
    sourceOfPerson: (person: Person) => source(person, person.user),
  };
}

async function review(
  config: KubeConfig,
  token: string,
  audiences: readonly string[],
): Promise<Review | undefined> {
  const { status } = await config.makeApiClient(AuthenticationV1Api).createTokenReview({
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, ...(audiences.length > 0 && { audiences: [...audiences] }) },
    },
  });
  const { authenticated, user, audiences: accepted = [] } = status ?? {};
  if (authenticated !== true || user?.username === undefined) return undefined;
  // An authenticator that knows no audiences accepts a token for any, and then names none.
  if (audiences.length > 0 && !accepted.some((one) => audiences.includes(one))) return undefined;
  const expiresAt = expiryOf(token);
  return { user: user.username, ...(expiresAt !== undefined && { expiresAt }) };
}

/** When a token expires, in milliseconds since the epoch. The API server has verified the token. */
function expiryOf(token: string): number | undefined {
  const [, payload] = token.split('.');
  try {
    const { exp } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) ?? {};
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
