import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../controller/cluster.ts';
import { team } from '../controller/teams.ts';

/** Namespaces with a team each. Ada has rights in the first, Bob in the second. */
export const [ALPHA, BETA] = ['alpha', 'beta'] as const;
const EVENT = 'spawn-editor';
export const GATE: string = `/gates/${EVENT}`;
export const APPROVED: string = `approved.claude.amcheste.io/${EVENT}`;
export const BY: string = `by.claude.amcheste.io/${EVENT}`;

const KINDS = '--resource=agentteams.claude.amcheste.io,workflows.argoproj.io';

/** Creates the namespaces, a team with a gate in each, and service accounts who may read or write one of them. */
export async function setScene(cluster: Cluster): Promise<void> {
  for (const namespace of [ALPHA, BETA]) {
    const kubectl = (...args: readonly string[]) => cluster.kubectl('-n', namespace, ...args);
    await cluster.namespace(namespace);
    await cluster.apply(
      team(
        `report-of-${namespace}`,
        { lifecycle: { approvalGates: [{ event: EVENT }] } },
        namespace,
      ),
    );
    await kubectl('create', 'role', 'viewer', '--verb=get,list,watch', KINDS);
    await kubectl('create', 'role', 'editor', '--verb=get,list,watch,patch', KINDS);
    for (const account of ['viewer', 'editor']) {
      await kubectl('create', 'serviceaccount', account);
      const subject = `--serviceaccount=${namespace}:${account}`;
      await kubectl('create', 'rolebinding', account, `--role=${account}`, subject);
    }
  }
}

/** A token of a service account. */
export async function tokenOf(
  cluster: Cluster,
  namespace: string,
  account: string,
  ...options: readonly string[]
): Promise<string> {
  const args = ['create', 'token', account, '-n', namespace, ...options];
  return (await cluster.kubectl(...args)).trim();
}

/** The same token with another time of expiry, signed with the API server's own key. */
export function expiringAt(cluster: Cluster, token: string, exp: number): string {
  const [head = '', payload = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, exp })).toString('base64url');
  const key = readFileSync(join(cluster.directory, 'service-accounts.key'));
  const signature = createSign('RSA-SHA256').update(`${head}.${changed}`).sign(key, 'base64url');
  return `${head}.${changed}.${signature}`;
}
