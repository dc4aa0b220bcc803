import { EXIT, hostingApiOf, PATHS, under } from '@agentteam/contract';
import { readSecret } from '../../git/remote/secret.ts';
import type { RemoteUrl } from '../../git/remote/url.ts';
import { StepFailure } from '../../step/failure.ts';
import { gitHub } from './github.ts';
import { gitLab } from './gitlab.ts';
import type { HostingService } from './service.ts';

/**
 * The service behind a repository's address. GitHub Enterprise and self-managed GitLab are told by
 * their host's name; any other is named by `override`.
 * @param override base URL of its REST API; one that ends in `/api/v4` is GitLab's.
 * @param reach how it is reached from here.
 * @throws StepFailure where that cannot be told, or there is no token.
 */
export function serviceOf(
  remote: RemoteUrl,
  token: string | undefined,
  override: string | undefined,
  reach: typeof fetch,
): HostingService {
  const project = projectOf(remote);
  if (token === undefined) {
    throw new StepFailure(
      'Opening a pull request needs a token: set lifecycle.githubTokenSecret (key `token`).',
      EXIT.refused,
    );
  }
  const baseUrl = (override ?? apiOf(remote)).replace(/\/+$/, '');
  const access = { baseUrl, token, project, fetch: reach };
  return /\/api\/v4$/.test(baseUrl) ? gitLab(access) : gitHub(access);
}

/** Base URL of the REST API of the service that a repository is on. */
export function apiOf(remote: RemoteUrl): string {
  const known = remote.kind === 'local' ? undefined : hostingApiOf(remote.url);
  if (known !== undefined) return known;
  const where = remote.kind === 'local' ? 'A local path' : remote.host;
  throw new StepFailure(
    `${where} is on no hosting service that is known here, so no pull request can be opened there. Use onComplete: push-branch, or name the service's API in AGENTTEAM_HOSTING_URL.`,
    EXIT.invalid,
  );
}

/** The token for the service's API; where it has none of its own, git's for the push. */
export async function hostingToken(root: string): Promise<string | undefined> {
  for (const secret of ['hosting', 'push', 'git']) {
    const token = await readSecret(under(root, `${PATHS.credentials}/${secret}/token`));
    if (token !== undefined) return token.trim();
  }
  return undefined;
}

function projectOf(remote: RemoteUrl): string {
  const path = remote.path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const parts = path.split('/');
  if (parts.length < 2) {
    throw new StepFailure(`${remote.url} does not name an owner and a repository.`, EXIT.invalid);
  }
  return remote.kind === 'local' ? parts.slice(-2).join('/') : path;
}
