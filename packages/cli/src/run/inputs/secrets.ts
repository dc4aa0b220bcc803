import type { AgentTeam } from '@agentteam/api';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { notFound } from './config-maps.ts';
import { credentialFrom } from './credential.ts';
import type { Need } from './needs.ts';
import { readSecret, type SecretValues } from './secret-files.ts';

/** Under every key that a secret of a team may have; opens nothing. */
const REHEARSAL_SECRET: SecretValues = {
  ANTHROPIC_API_KEY: 'rehearsal',
  CLAUDE_CODE_OAUTH_TOKEN: 'rehearsal',
  token: 'rehearsal',
  secret: 'rehearsal',
};

/**
 * The values of every secret that a run needs. A rehearsal gets none of the user's: what is not
 * given by name has a stand-in. They stay in memory, and on disk only where the engine mounts them.
 * @throws Failure for those that are nowhere.
 */
export async function resolveSecrets(
  needs: readonly Need[],
  given: ReadonlyMap<string, string>,
  team: AgentTeam,
  env: Context['env'],
  rehearsal: boolean,
): Promise<ReadonlyMap<string, SecretValues>> {
  const secrets = new Map<string, SecretValues>();
  const missing: string[] = [];
  const { apiKeySecret, oauthSecret } = team.spec.auth ?? {};
  for (const { name, optional } of needs) {
    const path = given.get(name);
    const isCredential = name === apiKeySecret || name === oauthSecret;
    const values =
      path !== undefined
        ? await readSecret(path)
        : rehearsal
          ? REHEARSAL_SECRET
          : isCredential
            ? credentialFrom(env)
            : undefined;
    if (values !== undefined) secrets.set(name, values);
    else if (isCredential) throw noCredential(name);
    else if (!optional) missing.push(name);
  }
  if (missing.length > 0) throw notFound('Secret', '--secret', missing);
  return secrets;
}

function noCredential(secret: string): Error {
  return usageError(
    'a real run needs a credential for the API, and none is set',
    `Set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN, or give --secret ${secret}=FILE;\n` +
      '  or rehearse the team at no cost: add --rehearse.',
  );
}
