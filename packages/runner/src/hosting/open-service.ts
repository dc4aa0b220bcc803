import { ENV, EXIT, hostingApiOf, PATHS, under } from '@agentteam/contract';
import {
  fetchThroughProxies,
  mintInstallationToken,
  readGitHubApp,
} from '../git/remote/github-app.ts';
import { trustAuthority } from '../git/remote/network.ts';
import type { RemoteUrl } from '../git/remote/url.ts';
import { StepFailure } from '../step/failure.ts';
import { readSecret } from '../step/secret.ts';
import { gitHub } from './github.ts';
import { gitLab } from './gitlab.ts';
import type { HostingService } from './service.ts';

/**
 * Opens the hosting service of a repository. The host's name tells GitHub from GitLab, self-hosted
 * instances included; `AGENTTEAM_HOSTING_URL` names the REST API of any other host. A URL that ends
 * in `/api/v4` is GitLab's.
 * @throws StepFailure when the service is unknown, or no token is mounted.
 */
export async function openHostingService(
  env: NodeJS.ProcessEnv,
  remote: RemoteUrl,
): Promise<HostingService> {
  const root = env[ENV.root] ?? '';
  const project = projectOf(remote);
  const baseUrl = (env[ENV.hostingUrl] ?? apiOf(remote)).replace(/\/+$/, '');
  const secret = await hostingSecret(root);
  if (secret === undefined) {
    throw new StepFailure(
      'Opening a pull request needs a token: set lifecycle.githubTokenSecret (key `token`, or the keys of a GitHub App).',
      EXIT.refused,
    );
  }
  await trustAuthority(under(root, `${PATHS.credentials}/git`));
  const token = await tokenOf(env, remote, secret);
  const access = { baseUrl, token, project, fetch: fetchThroughProxies(env) };
  return /\/api\/v4$/.test(baseUrl) ? gitLab(access) : gitHub(access);
}

/** Whether {@link openHostingService} would find both a service and a token. */
export async function hasHostingService(
  env: NodeJS.ProcessEnv,
  remote: RemoteUrl,
): Promise<boolean> {
  if ((env[ENV.hostingUrl] ?? hostingApiOf(remote.url)) === undefined) return false;
  return (await hostingSecret(env[ENV.root] ?? '')) !== undefined;
}

/**
 * Base URL of the REST API of a repository's hosting service.
 * @throws StepFailure when the host is not a known service.
 */
export function apiOf(remote: RemoteUrl): string {
  const known = remote.kind === 'local' ? undefined : hostingApiOf(remote.url);
  if (known !== undefined) return known;
  const where = remote.kind === 'local' ? 'A local path' : remote.host;
  throw new StepFailure(
    `${where} is not a known hosting service, so no pull request can be opened. Use onComplete: push-branch, or set AGENTTEAM_HOSTING_URL to the service's REST API.`,
    EXIT.invalid,
  );
}

/** A mounted Secret for the REST API. */
interface HostingSecret {
  readonly directory: string;
  /** Absent where the Secret has a GitHub App instead. */
  readonly token?: string;
}

/** The Secret for the REST API: its own one first, then the one for pushing, then the one for git. */
async function hostingSecret(root: string): Promise<HostingSecret | undefined> {
  for (const secret of ['hosting', 'push', 'git']) {
    const directory = under(root, `${PATHS.credentials}/${secret}`);
    const app = await readGitHubApp(directory);
    const token = await readSecret(`${directory}/token`);
    if (app !== undefined || token !== undefined) {
      return { directory, ...(token !== undefined && { token: token.trim() }) };
    }
  }
  return undefined;
}

/** A token of an App is minted anew, because the one for git may be about to expire. */
async function tokenOf(
  env: NodeJS.ProcessEnv,
  remote: RemoteUrl,
  { directory, token }: HostingSecret,
): Promise<string> {
  if (token !== undefined) return token;
  const app = await readGitHubApp(directory);
  if (app === undefined) throw new Error('the Secret changed while it was read');
  return mintInstallationToken(env, remote, app, directory);
}

function projectOf(remote: RemoteUrl): string {
  const path = remote.path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const parts = path.split('/');
  if (parts.length < 2) {
    throw new StepFailure(`${remote.url} does not name an owner and a repository.`, EXIT.invalid);
  }
  return remote.kind === 'local' ? parts.slice(-2).join('/') : path;
}
