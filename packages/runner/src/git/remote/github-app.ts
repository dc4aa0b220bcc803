import { join } from 'node:path';
import { ENV, EXIT, hostingApiOf } from '@agentteam/contract';
import { ProxySettingError, proxiedFetch, readProxies } from '@agentteam/notify';
import { explain, StepFailure } from '../../step/failure.ts';
import { readSecret } from '../../step/secret.ts';
import { trustAuthority } from './network.ts';
import type { RemoteUrl } from './url.ts';

/** The installation of a GitHub App, with which it gets tokens that are valid for an hour. */
export interface GitHubApp {
  readonly appId: string;
  readonly installationId: string;
  /** PEM, in PKCS#1 as GitHub issues it, or PKCS#8. */
  readonly privateKey: string;
}

const KEYS = ['appId', 'installationId', 'privateKey'] as const;

/**
 * Reads a GitHub App from the directory of a mounted Secret.
 * @returns `undefined` when the Secret has none of its keys.
 * @throws StepFailure when a key is missing or malformed, or the Secret has a token as well.
 */
export async function readGitHubApp(credentials: string): Promise<GitHubApp | undefined> {
  const values = await Promise.all(
    KEYS.map(async (key) => (await readSecret(join(credentials, key)))?.trim()),
  );
  const missing = KEYS.filter((_, index) => values[index] === undefined);
  if (missing.length === KEYS.length) return undefined;
  const keys = missing.map((key) => `\`${key}\``).join(' and ');
  if (missing.length > 0) {
    throw refused(`the Secret has a part of a GitHub App, but lacks the key ${keys}`);
  }
  if ((await readSecret(join(credentials, 'token'))) !== undefined) {
    throw refused('the Secret has a GitHub App and a `token`; keep one of them');
  }
  const [appId = '', installationId = '', privateKey = ''] = values;
  if (!/^[0-9]+$/.test(installationId)) {
    throw refused(
      'the key `installationId` is not a number; it is at the end of the address of the installation’s settings',
    );
  }
  if (!/^-----BEGIN (?:RSA )?PRIVATE KEY-----/.test(privateKey)) {
    throw refused('the key `privateKey` is not the PEM file that GitHub issued for the App');
  }
  return { appId, installationId, privateKey };
}

/**
 * Mints a token for an installation, which is valid for an hour.
 * @param credentials directory of the mounted Secret, which may have a `ca.crt`.
 * @throws StepFailure when GitHub refuses, or the host is not GitHub.
 */
export async function mintInstallationToken(
  env: NodeJS.ProcessEnv,
  remote: RemoteUrl,
  app: GitHubApp,
  credentials: string,
): Promise<string> {
  const baseUrl = apiOfGitHub(env, remote);
  await trustAuthority(credentials);
  // Loaded on demand, because most Secrets have a token or a key.
  const [{ createAppAuth }, { Octokit }, { retry }] = await Promise.all([
    import('@octokit/auth-app'),
    import('@octokit/rest'),
    import('@octokit/plugin-retry'),
  ]);
  const client = new (Octokit.plugin(retry))({
    baseUrl,
    userAgent: 'agentteam',
    request: { fetch: fetchThroughProxies(env) },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const log = { warn: () => {}, debug: () => {}, info: () => {}, error: () => {} };
  try {
    const auth = createAppAuth({ ...app, request: client.request, log });
    return (await auth({ type: 'installation' })).token;
  } catch (error) {
    throw explained(error, app, baseUrl);
  }
}

function apiOfGitHub(env: NodeJS.ProcessEnv, remote: RemoteUrl): string {
  const known = remote.kind === 'local' ? undefined : hostingApiOf(remote.url);
  const api = (env[ENV.hostingUrl] ?? known)?.replace(/\/+$/, '');
  if (api !== undefined && !/\/api\/v4$/.test(api)) return api;
  const where = remote.kind === 'local' ? 'a local path' : remote.host;
  throw new StepFailure(
    `A GitHub App works with GitHub only, and ${where} is not known to be GitHub. For GitHub Enterprise Server, set AGENTTEAM_HOSTING_URL (in a cluster: teams.hostingUrl) to https://HOST/api/v3.`,
    EXIT.invalid,
  );
}

function explained(error: unknown, { appId, installationId }: GitHubApp, baseUrl: string): unknown {
  const status = (error as { readonly status?: unknown }).status;
  const reason = explain(error);
  if (typeof status !== 'number') {
    // The library throws other errors for a key that it cannot use.
    const isKey = /key|PEM|DECODER|asn1/i.test(reason);
    if (!isKey) {
      const message = `GitHub could not be asked for a token (${baseUrl}): ${reason}`;
      return new StepFailure(message, EXIT.failed, error);
    }
    return refused(`the key \`privateKey\` cannot be used: ${reason}`, error);
  }
  switch (status) {
    case 401:
      return refused(
        `GitHub does not accept the key \`privateKey\` for the App ${appId}, or this machine's clock is wrong: ${reason}`,
        error,
      );
    case 403:
      return refused(`the installation ${installationId} may not be used: ${reason}`, error);
    case 404:
      return refused(
        `the App ${appId} has no installation ${installationId}; correct \`installationId\``,
        error,
      );
    default: {
      const code = status >= 500 || status === 429 ? EXIT.failed : EXIT.refused;
      const message = `The request for a token to GitHub failed (${status}): ${reason}`;
      return new StepFailure(message, code, error);
    }
  }
}

function refused(problem: string, cause?: unknown): StepFailure {
  const text = `The GitHub App of the Secret (repository.credentialsSecret, lifecycle.gitCredentialsSecret or lifecycle.githubTokenSecret) cannot be used: ${problem}.`;
  return new StepFailure(text, EXIT.refused, cause);
}

/** @throws StepFailure for a proxy setting that cannot be used. */
export function fetchThroughProxies(env: NodeJS.ProcessEnv): typeof fetch {
  try {
    return proxiedFetch(readProxies(env));
  } catch (error) {
    if (!(error instanceof ProxySettingError)) throw error;
    throw new StepFailure(error.message, EXIT.invalid, error);
  }
}
