const WEB = /^(https?):\/\/(?:[^/@]*@)?([^/?#]+)/;
const SSH = /^ssh:\/\/(?:[^/@]*@)?([^/:?#]+)/;
/** `git@github.com:acme/backend.git`; a host has no slash, so no path looks like this. */
const SCP = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/|:)\S/;

/**
 * Base URL of the REST API of the hosting service that a repository is on. GitHub Enterprise and
 * self-managed GitLab are told by their host's name.
 * @param repository address of the repository, as git takes it.
 * @returns undefined: it is on none that is known.
 */
export function hostingApiOf(repository: string): string | undefined {
  const [, scheme = 'https', webHost] = WEB.exec(repository) ?? [];
  const sshHost = (SSH.exec(repository) ?? SCP.exec(repository))?.[1]?.replace(/^ssh\./, '');
  const host = (webHost ?? sshHost)?.toLowerCase();
  if (host === undefined) return undefined;
  if (host === 'github.com') return 'https://api.github.com';
  // GitHub Enterprise Cloud with data residency: every company has a host below this one.
  if (host.endsWith('.ghe.com')) return `https://api.${host}`;
  if (/(^|[.-])github([.-]|$)/.test(host)) return `${scheme}://${host}/api/v3`;
  if (/(^|[.-])gitlab([.-]|$)/.test(host)) return `${scheme}://${host}/api/v4`;
  return undefined;
}
