import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HOST_NAME } from './isolation.ts';
import type { SandboxNetwork } from './network.ts';
import type { Identity } from './user.ts';

/** The parts of the machine's /etc that an agent sees. None of them holds a secret. */
const SHOWN = [
  // The dynamic linker.
  ...['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'ld-musl-x86_64.path', 'ld-musl-aarch64.path'],
  // Certificate authorities and OpenSSL's settings, without `ssl/private` and `pki/tls/private`.
  ...['ssl/certs', 'ssl/cert.pem', 'ssl/openssl.cnf', 'crypto-policies'],
  ...['pki/ca-trust', 'pki/tls/certs', 'pki/tls/cert.pem', 'pki/tls/openssl.cnf'],
  // Links that select a program for names such as `awk`, `editor` or `java`.
  'alternatives',
  // Time zone, names of protocols, ports and file types, terminals, fonts.
  ...['localtime', 'timezone', 'protocols', 'services', 'mime.types', 'magic', 'terminfo', 'fonts'],
  // Name and version of the system.
  ...['os-release', 'debian_version', 'lsb-release', 'alpine-release', 'redhat-release'],
];

/** Directories of programming languages: `java-17-openjdk`, `python3.11`. */
const LANGUAGES = /^(java|java-[0-9]+-openjdk(-[a-z0-9]+)?|python[23](\.[0-9]+)?|perl|php|maven)$/;

/**
 * Creates an agent's /etc in a directory. Files of the machine are copied and its directories are mounted,
 * because every mount delays the start of a sandbox. Generated files make the agent the only user and
 * have names looked up in files and DNS only.
 * @returns bubblewrap's options that mount it.
 */
export function shownEtc(
  directory: string,
  identity: Identity,
  network: SandboxNetwork,
): readonly string[] {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(generatedFiles(identity, network))) {
    writeFileSync(join(directory, name), text);
  }
  const isRoot = process.getuid?.() === 0;
  const languages = readdirSync('/etc').filter((name) => LANGUAGES.test(name));
  const mounts = [...SHOWN, ...languages].flatMap((name) => {
    const from = join('/etc', name);
    const stat = statSync(from, { throwIfNoEntry: false });
    // A file that not every user may read is not shown, even if it is on the list.
    if (stat === undefined || (stat.mode & 0o004) === 0) return [];
    const at = join(directory, name);
    if (stat.isFile()) {
      mkdirSync(dirname(at), { recursive: true });
      copyFileSync(from, at);
    }
    if (!stat.isDirectory()) return [];
    mkdirSync(at, { recursive: true });
    return ['--ro-bind', from, from, ...(isRoot ? closedBelow(from) : [])];
  });
  return ['--ro-bind', directory, '/etc', ...mounts];
}

/**
 * Bubblewrap's options that cover what not every user may read below a mounted directory, such as a password of Java's
 * management. If root runs the engine, the sandbox has root's user id outside, and modes keep nothing from it.
 * @param directory an absolute path of this machine.
 */
export function closedBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isSymbolicLink()) return [];
    const isOpen = (lstatSync(path).mode & 0o004) !== 0;
    if (!entry.isDirectory()) return isOpen ? [] : ['--ro-bind', '/dev/null', path];
    return isOpen ? closedBelow(path) : ['--tmpfs', path, '--remount-ro', path];
  });
}

function generatedFiles(
  { uid, gid }: Identity,
  network: SandboxNetwork,
): Readonly<Record<string, string>> {
  const hosts =
    network === 'host' ? readHost('/etc/hosts') : '127.0.0.1 localhost\n::1 localhost\n';
  return {
    passwd: `agent:x:${uid}:${gid}:agent:/home/agent:/bin/sh\n`,
    group: `agent:x:${gid}:\n`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    hosts: `${hosts}127.0.0.1 ${HOST_NAME}\n`,
    'resolv.conf':
      network === 'host'
        ? readHost('/etc/resolv.conf')
        : '# There is no DNS here. The gateway in HTTPS_PROXY resolves names.\n',
  };
}

function readHost(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
