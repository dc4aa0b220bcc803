import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { AgentTeam } from '@agentteam/api';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { notFound } from './config-maps.ts';
import type { Need } from './needs.ts';
import { REGISTRY_LOGIN, registryLogin } from './registry-login.ts';

/** The values of a Secret by key. */
export type SecretValues = Readonly<Record<string, string>>;

/** Environment variables with the API's credential, in the order in which Claude Code prefers them. */
const CREDENTIAL_VARIABLES = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;

/** A stand-in with every key that a Secret of a team may have. */
const REHEARSAL_SECRET: SecretValues = {
  ANTHROPIC_API_KEY: 'rehearsal',
  CLAUDE_CODE_OAUTH_TOKEN: 'rehearsal',
  token: 'rehearsal',
  secret: 'rehearsal',
};

/**
 * Reads the values of the Secrets that a run needs. A rehearsal uses none of the user's credentials, except for
 * skills that it fetches: Secrets that are not given by name are stand-ins. The values stay in memory, except where the engine
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
  const { apiKeySecret, oauthSecret } = team.spec.auth ?? {};
  for (const { name, optional } of needs) {
    const path = given.get(name);
    if (name === REGISTRY_LOGIN) {
      const login = path === undefined ? await registryLogin(team, env) : await readSecret(path);
      if (login !== undefined) secrets.set(name, login);
      continue;
    }
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
    else if (isCredential) throw missingCredential(name);
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

/** Reads the API's credential from the environment. */
function credentialFrom(env: Context['env']): SecretValues | undefined {
  for (const name of CREDENTIAL_VARIABLES) {
    const value = env[name];
    if (value) return { [name]: value };
  }
  return undefined;
}

function missingCredential(secret: string): Error {
  return usageError(
    'a real run needs a credential for the API, and none is set',
    `Set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN, or use --secret ${secret}=FILE.\n` +
      '  To rehearse the team at no cost, add --rehearse.',
  );
}
