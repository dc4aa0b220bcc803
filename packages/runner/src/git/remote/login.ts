import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { isOwnMachine } from '../../own-machine.ts';
import { StepFailure } from '../../step/failure.ts';
import { readSecret } from '../../step/secret.ts';
import { mintInstallationToken, readGitHubApp } from './github-app.ts';
import type { RemoteUrl } from './url.ts';

type HttpUrl = Extract<RemoteUrl, { readonly kind: 'http' }>;

/** What git answers a host that asks for a user and a password. */
export interface GitLogin {
  readonly username: string;
  /** Path of the file with the password. */
  readonly tokenFile: string;
}

/**
 * Reads the login of a mounted Secret for HTTP. For a GitHub App, it mints a token into a file.
 * @param credentials directory of the Secret.
 * @param directory a temporary directory that only this process's user can read.
 * @returns `undefined` when the Secret has neither a token nor an App.
 */
export async function gitLogin(
  env: NodeJS.ProcessEnv,
  remote: HttpUrl,
  credentials: string,
  directory: string,
): Promise<GitLogin | undefined> {
  const app = await readGitHubApp(credentials);
  const givenToken = join(credentials, 'token');
  const token = await readSecret(givenToken);
  if (app === undefined && token === undefined) return undefined;
  assertEncrypted(remote);
  if (app !== undefined) {
    const tokenFile = join(directory, 'token');
    const minted = await mintInstallationToken(env, remote, app, credentials);
    await writeFile(tokenFile, minted, { mode: 0o600 });
    return { username: 'x-access-token', tokenFile };
  }
  const given = (await readSecret(join(credentials, 'username')))?.trim();
  const username = given ?? usernameFor(remote.host, token?.trim() ?? '');
  if (!/^[\w.@+-]+$/.test(username)) {
    throw new StepFailure(
      'The key `username` of the Secret may contain only letters, digits and the characters . _ @ + -',
      EXIT.invalid,
    );
  }
  return { username, tokenFile: givenToken };
}

/** @throws StepFailure for http to another machine. */
function assertEncrypted({ secure, host }: HttpUrl): void {
  if (secure || isOwnMachine(new URL(`http://${host}`).hostname)) return;
  const reason = `http://${host} would send the token unencrypted; use https.`;
  throw new StepFailure(`The repository's url cannot be used: ${reason}`, EXIT.invalid);
}

/** A kind of token that a host recognises by its beginning. */
interface TokenKind {
  readonly prefix: string;
  /** The user name that the host expects with it; absent where it differs from token to token. */
  readonly username?: string;
  readonly name?: string;
}

interface Host {
  readonly pattern: RegExp;
  readonly kinds: readonly TokenKind[];
  readonly username: string;
}

/** User names that hosts expect with a token. */
const HOSTS: readonly Host[] = [
  {
    // https://docs.gitlab.com/user/project/deploy_tokens/ and /security/tokens/#token-prefixes
    pattern: /(^|[.-])gitlab([.-]|$)/,
    kinds: [{ prefix: 'gldt-', name: 'a GitLab deploy token' }],
    username: 'oauth2',
  },
  {
    // https://support.atlassian.com/bitbucket-cloud/docs/using-api-tokens and /using-access-tokens
    pattern: /(^|[.-])bitbucket([.-]|$)/,
    kinds: [
      { prefix: 'ATATT', username: 'x-bitbucket-api-token-auth' },
      { prefix: 'ATBB', name: 'a Bitbucket app password' },
    ],
    username: 'x-token-auth',
  },
  {
    // Azure DevOps accepts any user name with a personal access token.
    pattern: /(^|\.)(dev\.azure\.com|visualstudio\.com)$/,
    kinds: [],
    username: 'pat',
  },
];

/** @throws StepFailure for a token whose user name only its owner knows. */
function usernameFor(host: string, token: string): string {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const known = HOSTS.find(({ pattern }) => pattern.test(name));
  const kind = known?.kinds.find(({ prefix }) => token.startsWith(prefix));
  if (kind !== undefined && kind.username === undefined) {
    throw new StepFailure(
      `The \`token\` of the Secret is ${kind.name}, which belongs to a user name: add that name to the Secret as the key \`username\`.`,
      EXIT.invalid,
    );
  }
  return kind?.username ?? known?.username ?? 'x-access-token';
}
