import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxNetwork } from './network.ts';
import type { Identity } from './user.ts';

/** What an agent sees of the machine's own /etc: configuration of programs that holds no secret. */
const SHOWN = [
  // The dynamic linker.
  ...['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'ld-musl-x86_64.path', 'ld-musl-aarch64.path'],
  // Certificate authorities and OpenSSL's settings; `ssl/private` and `pki/tls/private` stay hidden.
  ...['ca-certificates', 'ca-certificates.conf', 'crypto-policies'],
  ...['ssl/certs', 'ssl/cert.pem', 'ssl/openssl.cnf'],
  ...['pki/ca-trust', 'pki/tls/certs', 'pki/tls/cert.pem', 'pki/tls/openssl.cnf'],
  // Which program stands behind `awk`, `editor` or `java`.
  'alternatives',
  // Time zone, names of protocols and of ports, names of file types, terminals and fonts.
  ...['localtime', 'timezone', 'protocols', 'services', 'mime.types', 'magic', 'terminfo', 'fonts'],
  // Which system this is.
  ...['os-release', 'debian_version', 'lsb-release', 'alpine-release', 'redhat-release'],
];

/** Directories in which distributions keep a language's own files: `java-17-openjdk`, `python3.11`. */
const LANGUAGES = /^(java|java-[0-9]+-openjdk(-[a-z0-9]+)?|python[23](\.[0-9]+)?|perl|php|maven)$/;

/** @returns bubblewrap's options that show what is shown of /etc. */
export function shownEtc(): readonly string[] {
  const languages = readdirSync('/etc').filter((name) => LANGUAGES.test(name));
  return [...SHOWN, ...languages]
    .map((name) => join('/etc', name))
    .filter(existsSync)
    .flatMap((path) => ['--ro-bind', path, path]);
}

/**
 * Writes the files of /etc that are made up for an agent: its user is the only one there is, and names
 * are looked up in files and DNS, not in services of the machine.
 * @returns bubblewrap's options that show them.
 */
export function madeUpEtc(
  directory: string,
  { uid, gid }: Identity,
  network: SandboxNetwork,
): readonly string[] {
  mkdirSync(directory, { recursive: true });
  const localhost = '127.0.0.1 localhost\n::1 localhost\n';
  const files: Readonly<Record<string, string>> = {
    passwd: `agent:x:${uid}:${gid}:agent:/home/agent:/bin/sh\n`,
    group: `agent:x:${gid}:\n`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    hosts: network === 'host' ? (readHost('/etc/hosts') ?? localhost) : localhost,
    'resolv.conf':
      network === 'host'
        ? (readHost('/etc/resolv.conf') ?? '')
        : '# There is no DNS here: the gateway, which HTTPS_PROXY names, looks names up.\n',
  };
  return Object.entries(files).flatMap(([name, text]) => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return ['--ro-bind', file, join('/etc', name)];
  });
}

function readHost(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
