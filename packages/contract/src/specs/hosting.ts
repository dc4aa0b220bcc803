const WEB = /^(https?):\/\/(?:[^/@]*@)?([^/?#]+)/;
const SSH = /^ssh:\/\/(?:[^/@]*@)?([^/:?#]+)/;
/** `git@github.com:acme/backend.git`. No file path matches, because a host contains no slash. */
const SCP = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/|:)\S/;

/**
 * Base URL of the REST API of a repository's hosting service. GitHub Enterprise and self-managed GitLab are
 * recognised by the host name.
 * @param repository the repository's address in a form that git accepts.
 * @returns undefined where the host name matches no known service.
 */
export function hostingApiOf(repository: string): string | undefined {
  const { scheme, name: host } = hostOf(repository) ?? {};
  if (host === undefined) return undefined;
  if (host === 'github.com') return 'https://api.github.com';
  // GitHub Enterprise Cloud with data residency gives each company a host below this domain.
  if (host.endsWith('.ghe.com')) return `https://api.${host}`;
  if (/(^|[.-])github([.-]|$)/.test(host)) return `${scheme}://${host}/api/v3`;
  if (/(^|[.-])gitlab([.-]|$)/.test(host)) return `${scheme}://${host}/api/v4`;
  return undefined;
}

/** Hosts that repositories can be cloned from and pushed to, and whose API for pull requests is not supported. */
const GIT_ONLY: readonly (readonly [host: RegExp, name: string])[] = [
  [/(^|\.)bitbucket\.org$/, 'Bitbucket'],
  [/(^|\.)(dev\.azure|visualstudio)\.com$/, 'Azure DevOps'],
];

/**
 * The name of a known hosting service on which agentteam opens no pull requests.
 * @param repository see {@link hostingApiOf}.
 */
export function gitOnlyHostOf(repository: string): string | undefined {
  const host = hostOf(repository)?.name.replace(/:\d+$/, '') ?? '';
  return GIT_ONLY.find(([pattern]) => pattern.test(host))?.[1];
}

function hostOf(
  repository: string,
): { readonly scheme: string; readonly name: string } | undefined {
  const [, scheme = 'https', webHost] = WEB.exec(repository) ?? [];
  const sshHost = (SSH.exec(repository) ?? SCP.exec(repository))?.[1]?.replace(/^ssh\./, '');
  const name = (webHost ?? sshHost)?.toLowerCase();
  return name === undefined ? undefined : { scheme, name };
}
