import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../packages/runner/test/support/free-port.ts';

/** A user who authenticates with a token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ControlPlane {
  readonly server: string;
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of the kubeconfig of one of `users`. */
  readonly kubeconfigOf: (user: string) => string;
  readonly stop: () => Promise<void>;
}

export const ADMIN: User = { name: 'admin', groups: ['system:masters'] };

/** Path of a program that e2e/testcluster/build has built; otherwise its name, to be found on PATH. */
export function programPath(name: string): string {
  const home = process.env['TESTCLUSTER_HOME'] ?? join(homedir(), '.cache/testcluster');
  const built = join(home, 'bin', name);
  return existsSync(built) ? built : name;
}

/**
 * Starts a real etcd and kube-apiserver on free loopback ports, with their data in `directory`. Resolves
 * when the server is ready, after about 3 s.
 * @param flags further flags of the API server.
 * @throws Error naming the build command if a program is missing, or the log if the server does not start.
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
    // OpenShift enables this plugin: setting blockOwnerDeletion needs permission for the owner's finalizers.
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
      // The server has a self-signed certificate.
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
