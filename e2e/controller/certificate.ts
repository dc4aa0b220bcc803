import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Creates a self-signed certificate for 127.0.0.1, as `tls.crt` and `tls.key`.
 * @returns the CA bundle for the API server, base64.
 */
export function makeCertificate(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const at = (name: string) => join(directory, name);
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=webhook'],
      ...[
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        at('tls.key'),
        '-out',
        at('tls.crt'),
      ],
    ],
    { stdio: 'pipe' },
  );
  return readFileSync(at('tls.crt')).toString('base64');
}
