import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import { StepFailure } from '../../step/failure.ts';
import { readSecret } from '../../step/secret.ts';
import { gitLogin } from './login.ts';
import { proxyEnvironment, writeAuthorities } from './network.ts';
import { parseRemoteUrl, type RemoteUrl } from './url.ts';

/** What git needs to reach a remote. It has paths of credentials, and never a credential itself. */
export interface RemoteAccess {
  readonly remote: RemoteUrl;
  readonly config: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs `work` with access to a repository, and removes the access's temporary files afterwards.
 * @param env for the address of GitHub's API, and proxies.
 * @param credentials directory of the mounted Secret. Its keys are `token` (and optionally
 *   `username`), or `appId`, `installationId` and `privateKey` of a GitHub App, for HTTP;
 *   `ssh-privatekey` and `known_hosts` for SSH; and `ca.crt` for a host with a private certificate
 *   authority. HTTP without a token or an App is anonymous.
 * @throws StepFailure when the URL or the Secret cannot be used.
 */
export async function withRemoteAccess<T>(
  env: NodeJS.ProcessEnv,
  url: string,
  credentials: string,
  work: (access: RemoteAccess) => Promise<T>,
): Promise<T> {
  const remote = parseRemoteUrl(url);
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-remote-'));
  try {
    if (remote.kind === 'local') {
      return await work({ remote, config: {}, env: await localEnvironment(directory) });
    }
    if (remote.kind === 'http') {
      return await work({ remote, ...(await httpAccess(env, remote, credentials, directory)) });
    }
    const ssh = await sshEnvironment(remote, credentials, directory);
    return await work({ remote, config: {}, env: ssh });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * git reads a local remote in a child process that honours `safe.directory` from a configuration file only.
 * The repository may belong to another user: the person who named it as the team's repository has decided to
 * trust it.
 */
async function localEnvironment(directory: string): Promise<Readonly<Record<string, string>>> {
  const file = join(directory, 'gitconfig');
  await writeFile(file, '[safe]\n\tdirectory = *\n');
  return { GIT_CONFIG_GLOBAL: file };
}

type HttpUrl = Extract<RemoteUrl, { readonly kind: 'http' }>;

/**
 * The credential helper answers for this one host only, so that submodules and redirects to other
 * hosts never get the token. git runs the helper in a shell, which reads the token from its file.
 */
async function httpAccess(
  env: NodeJS.ProcessEnv,
  remote: HttpUrl,
  credentials: string,
  directory: string,
) {
  const origin = `${remote.secure ? 'https' : 'http'}://${remote.host}`;
  const authority = await readSecret(join(credentials, 'ca.crt'));
  const authorities = await writeAuthorities(directory, authority);
  const trust = authorities === undefined ? {} : { [`http.${origin}.sslCAInfo`]: authorities };
  const proxies = proxyEnvironment(process.env);
  const login = await gitLogin(env, remote, credentials, directory);
  if (login === undefined) return { config: trust, env: proxies };
  return {
    config: {
      ...trust,
      [`credential.${origin}.helper`]:
        '!f() { test "$1" = get && echo "username=$AGENTTEAM_GIT_USERNAME" && printf "password=%s\\n" "$(tr -d "\\r\\n" < "$AGENTTEAM_GIT_TOKEN_FILE")"; }; f',
      // A later redirect could lead to another server.
      'http.followRedirects': 'initial',
    },
    env: {
      ...proxies,
      AGENTTEAM_GIT_USERNAME: login.username,
      AGENTTEAM_GIT_TOKEN_FILE: login.tokenFile,
    },
  };
}

type SshUrl = Extract<RemoteUrl, { readonly kind: 'ssh' }>;

async function sshEnvironment({ host, port }: SshUrl, credentials: string, directory: string) {
  const [key, knownHosts] = await Promise.all([
    readSecret(join(credentials, 'ssh-privatekey')),
    readSecret(join(credentials, 'known_hosts')),
  ]);
  if (key === undefined) {
    throw new StepFailure(
      'The repository has an SSH URL, but no Secret with a key `ssh-privatekey` is mounted: set repository.credentialsSecret.',
      EXIT.refused,
    );
  }
  if (knownHosts === undefined) throw unknownHost(host, port);
  const keyFile = join(directory, 'key');
  const knownHostsFile = join(directory, 'known_hosts');
  const configFile = join(directory, 'ssh_config');
  // ssh refuses a key file that other users can read, as mounted Secrets often are, and one without
  // a final newline, which pasted keys often lack.
  await writeFile(keyFile, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
  await chmod(keyFile, 0o600);
  await writeFile(knownHostsFile, `${knownHosts.trimEnd()}\n`);
  await writeFile(configFile, onlyHost(host, knownHostsFile));
  const options = [
    ['IdentitiesOnly', 'yes'],
    ['IdentityAgent', 'none'],
    ['BatchMode', 'yes'],
    ['StrictHostKeyChecking', 'yes'],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['UpdateHostKeys', 'no'],
    ['ConnectTimeout', '30'],
  ].map(([name, value]) => `-o ${shellQuoted(`${name}=${value}`)}`);
  const files = ['-F', shellQuoted(configFile), '-i', shellQuoted(keyFile)];
  return { GIT_SSH_COMMAND: ['ssh', ...files, ...options].join(' '), GIT_SSH_VARIANT: 'ssh' };
}

/**
 * Configuration of ssh that knows the key of one host. A repository can name other hosts, in its submodules and for
 * Git LFS, and the Secret may know some of them: ssh sends nothing to a host that it does not know.
 */
function onlyHost(host: string, knownHostsFile: string): string {
  const names = [...new Set([host, host.toLowerCase()])].join(' ');
  return `Host ${names}\n\tUserKnownHostsFile "${knownHostsFile}"\nHost *\n\tUserKnownHostsFile /dev/null\n`;
}

/** The failure for an unknown host key. No setting makes it accept a key on first use. */
export function unknownHost(host: string, port = ''): StepFailure {
  const scan = ['ssh-keyscan', ...(port === '' ? [] : ['-p', port]), host].join(' ');
  return new StepFailure(
    `The host key of ${host} is unknown, so nothing was sent. Add its line to the key \`known_hosts\` of the Secret. \`${scan}\` prints the line; compare it with the key that the host publishes.`,
    EXIT.refused,
  );
}
