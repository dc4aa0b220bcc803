import { delivers, FIGURES, PATHS } from '@agentteam/contract';
import { fetchedOf, fetchSecrets } from '../../resolve/fetched.ts';
import type { ResolvedOptions } from '../../resolve/options.ts';
import type { ResolvedTeam } from '../../resolve/resolve.ts';
import { join, type Mounted, NOTHING, secret, secretAt, secretIn } from './mounted.ts';

/**
 * Credentials for the clone, for what setup fetches, and for the check whether the result can be delivered.
 * Setup does all of this before any agent starts, when a refusal costs nothing.
 */
export function setupCredentials(
  { agents, secrets, delivery }: ResolvedTeam,
  options: ResolvedOptions,
): Mounted {
  const { registry, git } = fetchSecrets(fetchedOf(agents, options));
  const clone = join(
    secretAt('git', secrets.clone),
    // As for images, a Secret that does not exist is no error: the registry may be public.
    ...registry.map((name, index) =>
      secret(`registry-${index}`, name, `${PATHS.credentials}/registry/${name}`, {
        optional: true,
      }),
    ),
    ...git.map((name, index) => secretIn(`fetch-${index}`, name, `fetch/${name}`)),
  );
  if (!delivers(delivery.onComplete)) return clone;
  return join(clone, secretAt('push', secrets.push), secretAt('hosting', secrets.hosting));
}

/** Credentials for the push, and for the pull request. */
export function deliveryCredentials({ secrets }: ResolvedTeam): Mounted {
  return join(secretAt('git', secrets.push ?? secrets.clone), secretAt('hosting', secrets.hosting));
}

/**
 * The key that proves figures. It is optional: if someone has deleted the Secret, pods still start, and only
 * the figures are missing.
 */
export function figuresSecret({ controller }: ResolvedOptions): Mounted {
  const { figuresSecret: name } = controller;
  return name === undefined
    ? NOTHING
    : secret('figures', name, `${PATHS.credentials}/${FIGURES.directory}`, { optional: true });
}

export function webhookSecret({ secrets }: ResolvedTeam): Mounted {
  return secretAt('webhook', secrets.webhook);
}
