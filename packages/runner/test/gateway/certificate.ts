import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTeam } from './team.ts';

/** A name that no resolver knows, and for which the certificate is valid. */
export const REMOTE = 'api.example.test';

export interface Identity {
  /** File of its certificate authority, which only `NODE_EXTRA_CA_CERTS` can make known. */
  readonly certificate: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** A certificate for `localhost` and {@link REMOTE}, valid while the tests of a file run. */
export async function makeIdentity(): Promise<Identity> {
  const { root } = await makeTeam();
  const certificate = join(root, 'cert.pem');
  const key = join(root, 'key.pem');
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ');
  const names = ['-addext', `subjectAltName=DNS:localhost,DNS:${REMOTE}`];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', [...request, ...files, ...names], { stdio: 'ignore' });
  return { certificate, key: await readFile(key), cert: await readFile(certificate) };
}
