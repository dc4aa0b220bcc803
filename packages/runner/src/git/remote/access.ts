import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import { StepFailure } from '../../step/failure.ts';
import { proxyEnvironment, writeAuthorities } from './network.ts';
import { readSecret } from './secret.ts';
import { parseRemoteUrl, type RemoteUrl } from './url.ts';

/** What a git call needs to reach a remote: never the credential itself, only where it lies. */
export interface RemoteAccess {
  readonly remote: RemoteUrl;
  readonly config: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs `work` with access to a repository, and takes away afterwards what that needed.
 * @param credentials the mounted secret: `token` (and optionally `username`), or `ssh-privatekey`
 *   and `known_hosts`. Where there is none, or not the one for this protocol, access is anonymous.
 *   `ca.crt` in it vouches for a host that no public authority does.
 */
export async function withRemoteAccess<T>(
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
      return await work({ remote, ...(await httpAccess(remote, credentials, directory)) });
    }
    const env = await sshEnvironment(remote, credentials, directory);
    return await work({ remote, config: {}, env });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * git reads another repository on this machine in a process of its own, which has only this file to learn
 * from whether it may read what belongs to another user. Who named the repository has decided that.
 */
async function localEnvironment(directory: string): Promise<Readonly<Record<string, string>>> {
  const file = join(directory, 'gitconfig');
  await writeFile(file, '[safe]\n\tdirectory = *\n');
  return { GIT_CONFIG_GLOBAL: file };
}

type HttpUrl = Extract<RemoteUrl, { readonly kind: 'http' }>;

/**
 * The helper answers for this one host: a submodule elsewhere, or a redirect, gets nothing. git
 * runs it through a shell, which reads the token from its file when asked and prints it into a pipe.
 */
async function httpAccess(remote: HttpUrl, credentials: string, directory: string) {
  const origin = `${remote.secure ? 'https' : 'http'}://${remote.host}`;
  const authority = await readSecret(join(credentials, 'ca.crt'));
  const authorities = await writeAuthorities(directory, authority);
  const trust = authorities === undefined ? {} : { [`http.${origin}.sslCAInfo`]: authorities };
  const proxies = proxyEnvironment(process.env);
  const tokenFile = join(credentials, 'token');
  if ((await readSecret(tokenFile)) === undefined) return { config: trust, env: proxies };
  if (!remote.secure && !isLoopback(remote.host)) {
    const why = `http://${remote.host} would carry the token in the clear; use https.`;
    throw new StepFailure(`The repository's url cannot be used: ${why}`, EXIT.invalid);
  }
  const username = (await readSecret(join(credentials, 'username')))?.trim() ?? 'x-access-token';
  if (!/^[\w.@+-]+$/.test(username)) {
    throw new StepFailure('The secret has a username that is not one.', EXIT.invalid);
  }
  return {
    config: {
      ...trust,
      [`credential.${origin}.helper`]:
        '!f() { test "$1" = get && echo "username=$AGENTTEAM_GIT_USERNAME" && printf "password=%s\\n" "$(tr -d "\\r\\n" < "$AGENTTEAM_GIT_TOKEN_FILE")"; }; f',
      // Not any other server that this one points to.
      'http.followRedirects': 'initial',
    },
    env: { ...proxies, AGENTTEAM_GIT_USERNAME: username, AGENTTEAM_GIT_TOKEN_FILE: tokenFile },
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
      `The repository is reached by ssh, but no secret with a key \`ssh-privatekey\` is mounted: set repository.credentialsSecret.`,
      EXIT.refused,
    );
  }
  if (knownHosts === undefined) throw unknownHost(host, port);
  const keyFile = join(directory, 'key');
  const knownHostsFile = join(directory, 'known_hosts');
  // ssh refuses a key that others can read, as a mounted secret's often can; and one whose last
  // line does not end, as a key pasted into a secret often does not.
  await writeFile(keyFile, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
  await chmod(keyFile, 0o600);
  await writeFile(knownHostsFile, `${knownHosts.trimEnd()}\n`);
  const options = [
    ['IdentitiesOnly', 'yes'],
    ['IdentityAgent', 'none'],
    ['BatchMode', 'yes'],
    ['StrictHostKeyChecking', 'yes'],
    ['UserKnownHostsFile', `"${knownHostsFile}"`],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['UpdateHostKeys', 'no'],
    ['ConnectTimeout', '30'],
  ].map(([name, value]) => `-o ${shellQuoted(`${name}=${value}`)}`);
  const command = ['ssh', '-F', '/dev/null', '-i', shellQuoted(keyFile), ...options].join(' ');
  return { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' };
}

/** A host that nobody vouched for. Its key is not accepted on sight, by no setting. */
export function unknownHost(host: string, port = ''): StepFailure {
  const scan = ['ssh-keyscan', ...(port === '' ? [] : ['-p', port]), host].join(' ');
  return new StepFailure(
    `The host key of ${host} is not known, so nothing was sent to it. Put its line into the key \`known_hosts\` of the secret (\`${scan}\` prints it; compare it with what the host publishes).`,
    EXIT.refused,
  );
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.[0-9]+){3}|\[::1\])(:[0-9]+)?$/.test(host);
}
