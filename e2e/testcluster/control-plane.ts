import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../packages/runner/test/support/free-port.ts';

/** A user that the API server knows by a token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ControlPlane {
  readonly server: string;
  /** Path of a kubeconfig with administrator's rights. */
  readonly kubeconfig: string;
  /** Path of a kubeconfig of one of `users`. */
  readonly kubeconfigOf: (user: string) => string;
  readonly stop: () => Promise<void>;
}

export const ADMIN: User = { name: 'admin', groups: ['system:masters'] };

/** Path of one of the programs that e2e/testcluster/build makes; its name, for PATH, where it is not built. */
export function programPath(name: string): string {
  const home = process.env['TESTCLUSTER_HOME'] ?? join(homedir(), '.cache/testcluster');
  const built = join(home, 'bin', name);
  return existsSync(built) ? built : name;
}

/**
 * Starts a real etcd and kube-apiserver on free loopback ports, with their data in `directory`.
 * Resolves when the server says it is ready (about 3 s).
 *
 * @param flags more of the API server's own.
 * @throws Error naming the build command when the programs are not there, or with the end of the
 * server's log when it does not start.
 */
export async function startControlPlane(
  directory: string,
  users: readonly User[] = [],
  flags: readonly string[] = [],
): Promise<ControlPlane> {
  for (const program of ['etcd', 'kube-apiserver', 'kubectl']) {
    if (programPath(program) === program) {
      throw new Error(`${program} is not built: run e2e/testcluster/build`);
    }
  }
  mkdirSync(directory, { recursive: true });
  const at = (name: string): string => join(directory, name);
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const everyone = [ADMIN, ...users];
  writeFileSync(
    at('tokens.csv'),
    everyone.map((u) => `${u.name}-token,${u.name},${u.name},"${u.groups.join(',')}"\n`).join(''),
  );
  writeFileSync(at('service-accounts.key'), signingKey());
  const server = `https://127.0.0.1:${secure}`;
  for (const { name } of everyone)
    writeFileSync(at(`${name}.kubeconfig`), kubeconfig(server, name));

  const etcd = start(programPath('etcd'), at('etcd.log'), [
    ...['--data-dir', at('etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
    ...['--listen-client-urls', `http://127.0.0.1:${client}`],
    ...['--advertise-client-urls', `http://127.0.0.1:${client}`],
    ...['--listen-peer-urls', `http://127.0.0.1:${peer}`],
  ]);
  const api = start(programPath('kube-apiserver'), at('kube-apiserver.log'), [
    `--etcd-servers=http://127.0.0.1:${client}`,
    ...['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${secure}`],
    `--cert-dir=${at('certificates')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${at('service-accounts.key')}`,
    `--service-account-signing-key-file=${at('service-accounts.key')}`,
    `--token-auth-file=${at('tokens.csv')}`,
    '--authorization-mode=RBAC',
    // As OpenShift has it: who makes an owner wait for its own must be allowed to.
    '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
    ...flags,
  ]);
  const stop = async (): Promise<void> => {
    for (const child of [api, etcd]) {
      if (hasEnded(child)) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
  };
  while (!(await ready(server))) {
    if ([api, etcd].some(hasEnded)) {
      await stop();
      throw new Error(`the control plane did not start; see ${at('kube-apiserver.log')}`);
    }
    await delay(100);
  }
  return {
    server,
    kubeconfig: at(`${ADMIN.name}.kubeconfig`),
    kubeconfigOf: (user) => at(`${user}.kubeconfig`),
    stop,
  };
}

function start(program: string, log: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  return child;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function ready(server: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = {
      // The server made its own certificate a moment ago, on this machine.
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${ADMIN.name}-token` },
    };
    request(`${server}/readyz`, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('error', () => resolve(false))
      .end();
  });
}

function signingKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;
}

function kubeconfig(server: string, user: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'testcluster', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: user, user: { token: `${user}-token` } }],
    contexts: [{ name: 'testcluster', context: { cluster: 'testcluster', user } }],
    'current-context': 'testcluster',
  });
}
