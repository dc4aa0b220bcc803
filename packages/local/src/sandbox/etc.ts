import {
  copyFileSync,
  existsSync,
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

/** What an agent sees of the machine's own /etc: configuration of programs that holds no secret. */
const SHOWN = [
  // The dynamic linker.
  ...['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'ld-musl-x86_64.path', 'ld-musl-aarch64.path'],
  // Certificate authorities and OpenSSL's settings; `ssl/private` and `pki/tls/private` stay hidden.
  ...['ssl/certs', 'ssl/cert.pem', 'ssl/openssl.cnf', 'crypto-policies'],
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

/**
 * Makes an agent's /etc in a directory: files of the machine's as copies, and those that are made up,
 * in which the agent is the only user and names are looked up in files and DNS, not in services of the
 * machine. Each mount costs a sandbox time, so directories alone are mounted.
 * @returns bubblewrap's options that show it.
 */
export function shownEtc(
  directory: string,
  identity: Identity,
  network: SandboxNetwork,
): readonly string[] {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(madeUp(identity, network))) {
    writeFileSync(join(directory, name), text);
  }
  const languages = readdirSync('/etc').filter((name) => LANGUAGES.test(name));
  const mounts = [...SHOWN, ...languages].flatMap((name) => {
    const from = join('/etc', name);
    const stat = statSync(from, { throwIfNoEntry: false });
    // Whatever the list says: what not everybody may read is not for agents.
    if (stat === undefined || (stat.mode & 0o004) === 0) return [];
    const at = join(directory, name);
    if (stat.isFile()) {
      mkdirSync(dirname(at), { recursive: true });
      copyFileSync(from, at);
    }
    if (!stat.isDirectory()) return [];
    mkdirSync(at, { recursive: true });
    return ['--ro-bind', from, from];
  });
  return ['--ro-bind', directory, '/etc', ...mounts];
}

function madeUp({ uid, gid }: Identity, network: SandboxNetwork): Readonly<Record<string, string>> {
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
        : '# There is no DNS here: the gateway, which HTTPS_PROXY names, looks names up.\n',
  };
}

function readHost(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
