import type { ProviderRef, ProviderRefusal } from '@agentteam/contract';
import type { Logger } from '../log.ts';
import type { PreflightOptions } from './ask-free.ts';
import { cloudPreflight } from './cloud-preflight.ts';
import type { CredentialPool } from './credential-pool.ts';
import type { ErrorPolicy } from './error-policy.ts';

/**
 * Checks the credential for a cloud, and that the cloud offers the agent's model.
 * @returns why the agent cannot start.
 */
export async function checkCloud(
  options: PreflightOptions & { readonly log: Logger },
  provider: ProviderRef,
  pool: CredentialPool,
  policy: ErrorPolicy,
): Promise<ProviderRefusal | undefined> {
  const credential = await pool.pick(undefined);
  const found = await cloudPreflight(options, provider, credential);
  options.log.info({ event: 'preflight', found: found.kind });
  switch (found.kind) {
    case 'no-model':
      return policy.onMissingModel();
    case 'error':
      return refusalIn(await policy.onErrorReply(undefined, found.error, credential));
    case 'no-connection':
      return refusalIn(await policy.onNoConnection(undefined, found.error));
    default:
      return undefined;
  }
}

function refusalIn(decision: string | ProviderRefusal): ProviderRefusal | undefined {
  return typeof decision === 'string' ? undefined : decision;
}
