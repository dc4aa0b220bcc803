import { EXIT, type ProviderRefusal } from '@agentteam/contract';
import type { GatewayConfig } from '../config.ts';
import { type ApiCredential, ONLY } from '../credentials.ts';
import type { Logger } from '../log.ts';
import type { TeamLedger } from '../team-ledger.ts';
import { classify, type ErrorReply } from './classify.ts';
import type { CredentialPool } from './credential-pool.ts';
import type { Decision, ErrorPolicy } from './error-policy.ts';
import { type PreflightOptions, preflight } from './preflight.ts';
import { credentialMissing, credentialRefused } from './refusal-messages.ts';

interface CheckOptions extends PreflightOptions {
  readonly config: GatewayConfig;
  readonly ledger: TeamLedger;
  readonly log: Logger;
}

/**
 * Checks every credential of the team with the provider. In a team that has not spent anything, one that is
 * refused is a mistake in the team. Later, the agent starts with those that are accepted.
 * @returns why the agent cannot start.
 */
export async function checkCredentials(
  options: CheckOptions,
  pool: CredentialPool,
  policy: ErrorPolicy,
): Promise<ProviderRefusal | undefined> {
  const { config, ledger } = options;
  const credentials = await pool.all();
  const present = credentials.filter(({ key }) => key !== undefined);
  const missing = credentials.find(({ key }) => key === undefined);
  if (pool.isList && missing !== undefined) {
    // On a laptop, people rarely have every credential of the file.
    if (!config.isLocal || present.length === 0) {
      const message = credentialMissing(missing, config);
      return { message, exitCode: EXIT.refused, final: true };
    }
    pool.keepOnly(present.map(({ name }) => name));
  }
  const asked = pool.isList ? present : credentials;
  const decisions = await Promise.all(asked.map((one) => decide(options, policy, one)));
  const refusals = decisions.filter((decision) => typeof decision !== 'string');
  const isFirst = !ledger.answeredSince(0);
  return isFirst || refusals.length === decisions.length ? refusals[0] : undefined;
}

async function decide(
  options: CheckOptions,
  policy: ErrorPolicy,
  credential: ApiCredential,
): Promise<Decision> {
  const found = await preflight(options, credential);
  const { name } = credential;
  options.log.info({
    event: 'preflight',
    found: found.kind,
    ...(name !== ONLY && { credential: name }),
  });
  switch (found.kind) {
    case 'error':
      if (name !== ONLY && isRefused(found.error) && !options.ledger.answeredSince(0)) {
        const message = credentialRefused(found.error, credential, options.config);
        return { message, exitCode: EXIT.refused, final: true };
      }
      return policy.onErrorReply(undefined, found.error, credential);
    case 'no-connection':
      return policy.onNoConnection(undefined, found.error);
    default:
      return 'retry';
  }
}

function isRefused(error: ErrorReply): boolean {
  return classify(error, Date.now()).kind === 'credential';
}
