import { EXIT, type ProviderRefusal } from '@agentteam/contract';
import type { TeamLedger } from '../budget/team-ledger.ts';
import type { GatewayConfig } from '../config.ts';
import { type ApiCredential, type Credentials, ONLY } from '../credentials.ts';
import type { Logger } from '../log.ts';
import type { Renewal } from '../oauth/subscription.ts';
import type { PreflightOptions } from './ask-free.ts';
import { classify } from './classify.ts';
import type { CredentialPool } from './credential-pool.ts';
import type { ErrorReply } from './error-of.ts';
import type { Decision, ErrorPolicy } from './error-policy.ts';
import { credentialMissing, credentialRefused } from './messages/credential.ts';
import { preflight } from './preflight.ts';

interface CheckOptions extends PreflightOptions {
  readonly config: GatewayConfig;
  readonly ledger: TeamLedger;
  readonly credentials: Credentials;
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
  // One with a problem has a refresh token, and is asked for below.
  const isPresent = ({ key, problem }: ApiCredential) => key !== undefined || problem !== undefined;
  const present = credentials.filter(isPresent);
  const missing = credentials.find((one) => !isPresent(one));
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
  const of = name === ONLY ? {} : { credential: name };
  options.log.info({ event: 'preflight', found: found.kind, ...of });
  if (found.kind === 'no-connection') return policy.onNoConnection(undefined, found.error);
  if (found.kind !== 'error') return 'retry';
  if (!isRefused(found.error)) return policy.onErrorReply(undefined, found.error, credential);
  const { credentials, ledger, config } = options;
  const renewal: Renewal =
    found.error.status === 401 ? await credentials.renew(credential) : { kind: 'useless' };
  const now = await credentials.api(name);
  if (renewal.kind === 'renewed') return decide(options, policy, now);
  const isMistake = renewal.kind === 'useless' && !ledger.answeredSince(0);
  if (name === ONLY || !isMistake) return policy.onErrorReply(undefined, found.error, now, renewal);
  const message = credentialRefused(found.error, now, config);
  return { message, exitCode: EXIT.refused, final: true };
}

function isRefused(error: ErrorReply): boolean {
  return classify(error, Date.now()).kind === 'credential';
}
