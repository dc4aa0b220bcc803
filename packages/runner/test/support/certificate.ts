import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shell, temporaryDirectory } from './shell.ts';

export interface Certificate {
  /** The authority's own certificate. */
  readonly authority: string;
  readonly key: string;
  readonly cert: string;
}

/** A certificate for 127.0.0.1 and the given names, signed by an unknown authority. */
export async function makeCertificate(names: readonly string[] = []): Promise<Certificate> {
  const hosts = ['IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)].join(',');
  const directory = await temporaryDirectory();
  await shell(
    directory,
    `new() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "$@" 2> /dev/null; }
     new -subj /CN=authority -keyout authority.key -out authority.crt
     new -subj /CN=git -keyout git.key -out git.crt -addext subjectAltName=${hosts} -addext basicConstraints=critical,CA:FALSE -CA authority.crt -CAkey authority.key`,
  );
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  return {
    authority: await read('authority.crt'),
    key: await read('git.key'),
    cert: await read('git.crt'),
  };
}
