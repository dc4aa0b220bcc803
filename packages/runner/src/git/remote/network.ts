import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { readSecret } from './secret.ts';

/** How this process reaches the world, as git and Git LFS read it. Proxies hold no secret of ours. */
const PROXY_VARIABLES = [
  'https_proxy',
  'HTTPS_PROXY',
  'http_proxy',
  'HTTP_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
];

export function proxyEnvironment(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    PROXY_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Writes down whom git is to trust besides those that it trusts anyway: git takes one file in the
 * place of its own, and so this has all of them.
 * @param authority certificates of the secret, in PEM; those of `NODE_EXTRA_CA_CERTS` come with them.
 * @returns the file; `undefined` where there is nobody to add.
 */
export async function writeAuthorities(
  directory: string,
  authority: string | undefined,
): Promise<string | undefined> {
  const extra = [...getCACertificates('extra'), ...(authority === undefined ? [] : [authority])];
  if (extra.length === 0) return undefined;
  const known = [...getCACertificates('bundled'), ...getCACertificates('system')];
  const file = join(directory, 'authorities.pem');
  await writeFile(file, [...known, ...extra].map((pem) => `${pem.trim()}\n`).join(''));
  return file;
}

/** Has this whole process trust the secret's `ca.crt` besides: the REST API beside the repository. */
export async function trustAuthority(credentials: string): Promise<void> {
  const authority = await readSecret(join(credentials, 'ca.crt'));
  if (authority !== undefined) {
    setDefaultCACertificates([...getCACertificates('default'), authority]);
  }
}
