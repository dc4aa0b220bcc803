import { join } from 'node:path';
import type { NodeStatus } from '@agentteam/argo';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ArgoServerStandIn } from '../argo/server-stand-in.ts';
import { makeCertificate } from './certificate.ts';
import { Cluster, type Stored } from './cluster.ts';
import { ControllerProcess } from './process.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'offloaded';
const EVENT = 'spawn-editor';
let cluster: Cluster;
let argo: ArgoServerStandIn;
let controller: ControllerProcess;
let certificate: string;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  certificate = join(cluster.directory, 'argo-certificate');
  makeCertificate(certificate);
});
afterEach(async () => {
  await controller?.stop();
  await argo?.stop();
});
afterAll(async () => {
  await cluster?.stop();
});

async function start(env: Readonly<Record<string, string>>): Promise<void> {
  const common = { AGENTTEAM_NAMESPACES: NAMESPACE, AGENTTEAM_LEADER_ELECTION: 'false' };
  const settings = { ...common, ...env };
  controller = await ControllerProcess.start(cluster.kubeconfig, settings, 'watching');
}

/** A team whose editor waits for a gate and whose nodes are in Argo's database. */
async function waiting(name: string): Promise<void> {
  const lifecycle = { approvalGates: [{ event: EVENT }] };
  await cluster.apply(team(name, { lifecycle }, NAMESPACE));
  await cluster.until(workflowRef(name, NAMESPACE), (now) => now);
  const node = (id: string, displayName: string, more: object) => [
    `${name}-${id}`,
    { id: `${name}-${id}`, name: `${name}.${displayName}`, displayName, ...more },
  ];
  const supplied = ['decision', 'decided-by', 'reason'].map((output) => ({
    ...{ name: output, valueFrom: { supplied: {}, default: '' } },
  }));
  const nodes = Object.fromEntries([
    node('1', 'Lead', { type: 'Pod', phase: 'Running', templateName: 'lead' }),
    node('2', 'writer', { type: 'Pod', phase: 'Running', templateName: 'agent-writer' }),
    node('3', `Approve-${EVENT}`, {
      ...{ type: 'Suspend', phase: 'Running', templateName: `approve-${EVENT}` },
      outputs: { parameters: supplied },
    }),
  ]) as Readonly<Record<string, NodeStatus>>;
  await argo.offload(name, NAMESPACE, { phase: 'Running' }, nodes);
}

const until = <T>(name: string, holds: (status: Stored['status']) => T | undefined | false) =>
  cluster.until(teamRef(name, NAMESPACE), (now) => holds(now?.status));
const hidden = (status: Stored['status']): { readonly message: string } | undefined =>
  status?.conditions?.find(({ type }: { readonly type: string }) => type === 'StepsHidden');

test('shows nodes from Argo’s database, and answers a gate among them', async () => {
  argo = await ArgoServerStandIn.start(cluster, certificate);
  await start({
    AGENTTEAM_ARGO_SERVER_URL: argo.url,
    AGENTTEAM_ARGO_SERVER_CA_FILE: join(certificate, 'tls.crt'),
  });
  await waiting('large');
  const status = await until('large', (now) => now?.approvals?.[0]?.event === EVENT && now);
  expect(status.teammates).toMatchObject([
    { name: 'writer', phase: 'Running' },
    { name: 'editor', phase: 'Waiting', pendingApproval: EVENT },
  ]);
  expect(hidden(status)).toBeUndefined();

  const annotations = {
    [`approved.claude.amcheste.io/${EVENT}`]: 'false',
    [`reason.claude.amcheste.io/${EVENT}`]: 'not "now"',
  };
  await cluster.patch(teamRef('large', NAMESPACE), { metadata: { annotations } });
  const decided = await until('large', (now) => now?.approvals?.[0]?.decision && now);
  expect(decided.approvals).toMatchObject([
    { decision: 'reject', by: 'annotation', via: 'annotation', reason: 'not "now"' },
  ]);
  // One request for each version: with the open gate and with the answered gate.
  expect(argo.reads).toBe(2);
});

test('reports that Argo’s server is unavailable, and shows the nodes afterwards', async () => {
  argo = await ArgoServerStandIn.start(cluster);
  argo.trouble = 'the database is being moved';
  await start({ AGENTTEAM_ARGO_SERVER_URL: argo.url });
  await waiting('patient');
  const message = (await until('patient', hidden)).message;
  expect(message).toContain("Argo's server did not return them: the database is being moved.");
  argo.trouble = undefined;
  await until('patient', (now) => now?.approvals?.[0]?.event === EVENT && !hidden(now));
});

test('explains how to configure Argo’s server', async () => {
  argo = await ArgoServerStandIn.start(cluster);
  await start({});
  await waiting('alone');
  expect((await until('alone', hidden)).message).toContain('AGENTTEAM_ARGO_SERVER_URL');
});
