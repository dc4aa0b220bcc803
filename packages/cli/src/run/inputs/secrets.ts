import type { AgentTeam } from '@agentteam/api';
import { BASE_URLS, PATHS } from '@agentteam/contract';
import type { SecretSource, SecretValues } from '@agentteam/local';
import { rehearsedCredentials } from '@agentteam/rehearsal';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { notFound } from './config-maps.ts';
import type { Need } from './needs.ts';
import { cloudCredential, missingCloudCredential } from './provider-credentials.ts';
import { readSecret, rereadSecret } from './read-secret.ts';
import { REGISTRY_LOGIN, registryLogin } from './registry-login.ts';

/** Environment variables with the API's credential, in the order in which Claude Code prefers them. */
const CREDENTIAL_VARIABLES = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;

/** The directory of the Secrets whose keys are names of headers. */
const HEADERS = `${PATHS.credentials}/mcp-headers/`;

/** A stand-in with every key that a Secret of a team may have; with one header if it holds headers. */
function rehearsalSecret({ mountPaths }: Need): SecretValues {
  if (mountPaths.some((path) => path.startsWith(HEADERS))) return { 'X-Rehearsal': 'rehearsal' };
  return {
    ANTHROPIC_API_KEY: 'rehearsal',
    CLAUDE_CODE_OAUTH_TOKEN: 'rehearsal',
    ...rehearsedCredentials(),
    token: 'rehearsal',
    secret: 'rehearsal',
  };
}

/**
 * Reads the values of the Secrets that a run needs. A rehearsal uses none of the user's credentials, except for
 * skills that it fetches: Secrets that are not given by name are stand-ins. The values stay in memory, except
 * where the engine mounts them.
 * @param given paths by the name of the Secret.
 * @throws Failure listing the Secrets that are missing.
 */
export async function resolveSecrets(
  needs: readonly Need[],
  given: ReadonlyMap<string, string>,
  team: AgentTeam,
  env: Context['env'],
  rehearsal: boolean,
): Promise<ReadonlyMap<string, SecretSource>> {
  const secrets = new Map<string, SecretSource>();
  const missing: string[] = [];
  const fromEnvironment = rehearsal ? credentialsFrom({}, team) : await credentialsOf(env, team);
  for (const need of needs) {
    const { name, optional } = need;
    const path = given.get(name);
    if (name === REGISTRY_LOGIN) {
      const login = path === undefined ? await registryLogin(team, env) : readSecret(path);
      if (login !== undefined) secrets.set(name, login);
      continue;
    }
    const isCredential = fromEnvironment.has(name);
    const values =
      path !== undefined
        ? fromFile(path, rehearsal)
        : rehearsal
          ? rehearsalSecret(need)
          : fromEnvironment.get(name);
    if (values !== undefined) secrets.set(name, values);
    else if (!optional && !isCredential) missing.push(name);
  }
  if (missing.length > 0) throw notFound('Secret', '--secret', missing);
  const needed = needs.map(({ name }) => name).filter((name) => fromEnvironment.has(name));
  const [first = ''] = needed;
  if (needed.length > 0 && needed.every((name) => !secrets.has(name))) {
    throw missingCredential(first, team, env);
  }
  // A team can run with some of the credentials in its list. The gateway skips those without a value.
  for (const name of needed) if (!secrets.has(name)) secrets.set(name, {});
  return secrets;
}

/** The Secret of `--secret NAME=PATH`. A real run follows its changes. */
function fromFile(path: string, rehearsal: boolean): SecretSource {
  const values = readSecret(path);
  return rehearsal ? withoutLogin(values) : () => rereadSecret(path);
}

/** Keys with which a step would get a token from a real server. */
const LOGIN_KEYS = ['CLAUDE_CODE_OAUTH_REFRESH_TOKEN', 'appId', 'installationId', 'privateKey'];

/** The Secret for a rehearsal, which spends no refresh token, and asks GitHub for no token. */
function withoutLogin(values: SecretValues): SecretValues {
  const kept = Object.entries(values).filter(([key]) => !LOGIN_KEYS.includes(key));
  return { ...('appId' in values && { token: 'rehearsal' }), ...Object.fromEntries(kept) };
}

/** The Secrets with the provider's credentials, and what this machine has for them. */
async function credentialsOf(
  env: Context['env'],
  team: AgentTeam,
): Promise<ReadonlyMap<string, SecretValues | undefined>> {
  const { provider = 'anthropic', credentialsSecret } = team.spec.auth ?? {};
  if (provider === 'anthropic' || credentialsSecret === undefined)
    return credentialsFrom(env, team);
  const values = isSentWhere(env, team) ? await cloudCredential(provider, env) : undefined;
  return new Map([[credentialsSecret, values]]);
}

/**
 * The Secrets with the API's credentials, and what the environment has for them. A variable is used for the
 * first credential of its kind only: the others belong to other accounts.
 */
function credentialsFrom(
  env: Context['env'],
  team: AgentTeam,
): ReadonlyMap<string, SecretValues | undefined> {
  const { apiKeySecret, oauthSecret, credentials = [] } = team.spec.auth ?? {};
  const isSent = isSentWhere(env, team);
  const valuesFor = (name: (typeof CREDENTIAL_VARIABLES)[number]): SecretValues | undefined =>
    isSent && env[name] ? { [name]: env[name] } : undefined;
  const either = CREDENTIAL_VARIABLES.map(valuesFor).find((values) => values !== undefined);
  const found = new Map<string, SecretValues | undefined>();
  for (const name of [apiKeySecret, oauthSecret]) if (name !== undefined) found.set(name, either);
  const used = new Set<string>();
  for (const credential of credentials) {
    const isKey = credential.apiKeySecret !== undefined;
    const name = credential.apiKeySecret ?? credential.oauthSecret ?? '';
    const variable = CREDENTIAL_VARIABLES[isKey ? 0 : 1];
    found.set(name, { ...found.get(name), ...(used.has(variable) ? {} : valuesFor(variable)) });
    used.add(variable);
  }
  return new Map([...found].map(([name, values]) => [name, isEmpty(values) ? undefined : values]));
}

function isEmpty(values: SecretValues | undefined): boolean {
  return Object.keys(values ?? {}).length === 0;
}

/** Whether the environment's credential is for the API that the team uses, and not for one that only its file names. */
function isSentWhere(env: Context['env'], { spec: { auth } }: AgentTeam): boolean {
  return (
    auth?.baseUrl === undefined || auth.baseUrl === env[BASE_URLS[auth.provider ?? 'anthropic']]
  );
}

function missingCredential(secret: string, team: AgentTeam, env: Context['env']): Error {
  const { baseUrl, provider = 'anthropic' } = team.spec.auth ?? {};
  if (!isSentWhere(env, team)) {
    return usageError(
      `the team sends its credential to ${baseUrl} (auth.baseUrl), and none is given for that address`,
      `Use --secret ${secret}=FILE. To send the credential of your environment there, set ${BASE_URLS[provider]} to the same address.`,
    );
  }
  if (provider !== 'anthropic') return missingCloudCredential(provider, secret);
  return usageError(
    'a real run needs a credential for the API, and none is set',
    `Set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN, or use --secret ${secret}=FILE.\n` +
      '  To rehearse the team at no cost, add --rehearse.',
  );
}
