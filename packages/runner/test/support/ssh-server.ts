import { spawn } from 'node:child_process';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { shell, temporaryDirectory } from './shell.ts';

export interface SshServer {
  readonly port: number;
  /** `ssh://user@127.0.0.1:<port>` */
  readonly url: string;
  /** A private key that the server accepts. */
  readonly key: string;
  /** A private key that it does not accept. */
  readonly otherKey: string;
  /** The line of its host key for `known_hosts`. */
  readonly knownHosts: string;
  /** The same line with another host's key. */
  readonly otherKnownHosts: string;
  close(): Promise<void>;
}

const SSHD = '/usr/sbin/sshd';

/** A real sshd on loopback, run by this user and for this user. */
export async function startSshd(): Promise<SshServer> {
  await access(SSHD).catch(() => {
    throw new Error(
      `These tests need a real ssh server, and ${SSHD} is missing: apt-get install openssh-server`,
    );
  });
  const directory = (await temporaryDirectory()).replaceAll(' ', '-');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of ['host', 'other-host', 'user', 'other-user']) {
    await shell(directory, `ssh-keygen -q -t ed25519 -N '' -C test -f ${name}`);
  }
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  await writeFile(join(directory, 'authorized_keys'), await read('user.pub'), { mode: 0o600 });
  const port = await freePort();
  await writeFile(
    join(directory, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${directory}/host`,
      `AuthorizedKeysFile ${directory}/authorized_keys`,
      `PidFile ${directory}/pid`,
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PubkeyAuthentication yes',
      'UsePAM no',
      'PermitRootLogin yes',
    ].join('\n'),
  );
  // As root, sshd requires its privilege separation directory.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const child = spawn(SSHD, ['-D', '-e', '-f', join(directory, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await listening(child.stderr, ended);
  const line = async (name: string) => `[127.0.0.1]:${port} ${await read(`${name}.pub`)}`;
  return {
    port,
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    key: await read('user'),
    otherKey: await read('other-user'),
    knownHosts: await line('host'),
    otherKnownHosts: await line('other-host'),
    close: async () => {
      child.kill();
      await ended;
    },
  };
}

function listening(log: NodeJS.ReadableStream, ended: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    log.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Server listening')) resolve();
    });
    void ended.then(() => reject(new Error(`sshd did not start:\n${text}`)));
  });
}
