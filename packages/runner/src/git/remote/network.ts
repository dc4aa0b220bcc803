import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { readSecret } from '../../step/secret.ts';

/** Proxy settings that git and Git LFS read. */
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
 * Writes a file of the certificate authorities that git must trust. Such a file replaces git's
 * defaults, and so it lists those too.
 * @param authority certificates from the Secret, in PEM. Those of `NODE_EXTRA_CA_CERTS` are added.
 * @returns the file's path; `undefined` when git's defaults are enough.
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

/** Makes this whole process trust the Secret's `ca.crt` too, for calls to the hosting service. */
export async function trustAuthority(credentials: string): Promise<void> {
  const authority = await readSecret(join(credentials, 'ca.crt'));
  if (authority !== undefined) {
    setDefaultCACertificates([...getCACertificates('default'), authority]);
  }
}
