import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { AgentTeam } from '@agentteam/api';
import { rehearsedCredentials } from '@agentteam/rehearsal';
import type { Context } from '../../context.ts';
import { notFound } from './config-maps.ts';
import type { Need } from './needs.ts';
import { missingCredential, providerCredential } from './provider-credentials.ts';

/** The values of a Secret by key. */
export type SecretValues = Readonly<Record<string, string>>;

/** A stand-in with every key that a Secret of a team may have. */
const rehearsalSecret = (): SecretValues => ({
  ANTHROPIC_API_KEY: 'rehearsal',
  CLAUDE_CODE_OAUTH_TOKEN: 'rehearsal',
  ...rehearsedCredentials(),
  token: 'rehearsal',
  secret: 'rehearsal',
});

/**
 * Reads the values of the Secrets that a run needs. A rehearsal uses none of the user's credentials:
 * Secrets that are not given by name are stand-ins. The values stay in memory, except where the engine
 * mounts them.
 * @param given paths by the name of the Secret.
 * @throws Failure listing the Secrets that are missing.
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
  const { provider = 'anthropic', ...auth } = team.spec.auth ?? {};
  const own = [auth.credentialsSecret, auth.apiKeySecret, auth.oauthSecret];
  for (const { name, optional } of needs) {
    const path = given.get(name);
    const isCredential = own.includes(name);
    const values =
      path !== undefined
        ? await readSecret(path)
        : rehearsal
          ? rehearsalSecret()
          : isCredential
            ? await providerCredential(provider, env)
            : undefined;
    if (values !== undefined) secrets.set(name, values);
    else if (isCredential) throw missingCredential(provider, name);
    else if (!optional) missing.push(name);
  }
  if (missing.length > 0) throw notFound('Secret', '--secret', missing);
  return secrets;
}

/** Reads a Secret from a directory with a file for each key, or from a file of `KEY=value` lines. */
async function readSecret(path: string): Promise<SecretValues> {
  if (!(await stat(path)).isDirectory()) {
    return parseEnv(await readFile(path, 'utf8')) as SecretValues;
  }
  const entries = await readdir(path, { withFileTypes: true });
  // Kubernetes mounts a Secret with directories whose names begin with two dots.
  const keys = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('..'));
  const values = await Promise.all(
    keys.map(async ({ name }) => [name, await readFile(join(path, name), 'utf8')] as const),
  );
  return Object.fromEntries(values);
}
