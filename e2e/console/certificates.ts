import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A client's certificate, for the options of a TLS connection. */
export interface ClientCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Creates an authority, as `ca.crt`. @returns what signs the certificate of a client with a common name. */
export function makeAuthority(directory: string): (name: string) => ClientCertificate {
  mkdirSync(directory, { recursive: true });
  const at = (file: string): string => join(directory, file);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { stdio: 'pipe' });
  const request = ['req', '-newkey', 'rsa:2048', '-nodes'];
  openssl(
    ...[...request, '-x509', '-days', '2', '-subj', '/CN=authority'],
    ...['-keyout', at('ca.key'), '-out', at('ca.crt')],
  );
  return (name) => {
    openssl(
      ...[...request, '-subj', `/CN=${name}`],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
    );
    openssl(
      ...['x509', '-req', '-days', '2', '-in', at(`${name}.csr`), '-out', at(`${name}.crt`)],
      ...['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial'],
    );
    return { cert: readFileSync(at(`${name}.crt`)), key: readFileSync(at(`${name}.key`)) };
  };
}
