// Records what an earlier release writes to a cluster, and tries the upgrade at the same time:
//
//   node --conditions=source e2e/release/record.ts <built clone of that release> <its version>
//
// The earlier release's controller starts two teams, and its engine and runner execute them. When one team
// has ended and the other waits at a gate, this release's controller takes over.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import type { Stored } from '../controller/cluster.ts';
import { ControllerProcess } from '../controller/process.ts';
import { team, teamRef, workflowRef } from '../controller/teams.ts';
import { approveEditor, hasEnded, isGateOpen, NAMESPACE } from './gated-team.ts';

const [clone, version] = process.argv.slice(2);
if (clone === undefined || version === undefined) {
  throw new Error('usage: record.ts <built clone of the release> <its version>');
}
const RECORDED = [
  { apiVersion: 'claude.amcheste.io/v1alpha1', kind: 'AgentTeam' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
];
const earlier = (path: string) => import(pathToFileURL(join(resolve(clone), path)).href);
const { Cluster }: typeof import('../controller/cluster.ts') = await earlier(
  'e2e/controller/cluster.ts',
);
const { ArgoStandIn }: typeof import('../argo/stand-in.ts') = await earlier('e2e/argo/stand-in.ts');
const { defaultScript, startRehearsal }: typeof import('@agentteam/rehearsal') = await earlier(
  'packages/rehearsal/src/index.ts',
);
const { checkObject }: typeof import('@agentteam/compiler') = await earlier(
  'packages/compiler/src/index.ts',
);

const lifecycle = { budgetLimit: '5.00' };
const ended = team('ended', { lifecycle }, NAMESPACE);
const approvalGates = [{ event: 'spawn-editor' }];
const gated = team('gated', { lifecycle: { ...lifecycle, approvalGates } }, NAMESPACE);
const { team: checked } = checkObject(gated);
if (checked === undefined) throw new Error('the recorded team is not valid');

const cluster = await Cluster.start();
const rehearsal = await startRehearsal({ script: defaultScript(checked) });
const environment = {
  AGENTTEAM_NAMESPACES: NAMESPACE,
  AGENTTEAM_API_URL: `${rehearsal.url}/{agent}`,
  POD_NAMESPACE: NAMESPACE,
};
await cluster.namespace(NAMESPACE);
await cluster.kubectl(
  ...['create', 'secret', 'generic', 'anthropic', '-n', NAMESPACE],
  '--from-literal=ANTHROPIC_API_KEY=sk-ant-rehearsal',
);
const argo = new ArgoStandIn(cluster, NAMESPACE);
const before = await ControllerProcess.start(
  cluster.kubeconfig,
  environment,
  'leading',
  join(resolve(clone), 'dist/controller.mjs'),
);
for (const object of [ended, gated]) await cluster.apply(object);
await cluster.until(teamRef('ended', NAMESPACE), hasEnded);
await cluster.until(teamRef('gated', NAMESPACE), isGateOpen);
await before.stop();
write('started.yaml', await recordedObjects());

const crds = fileURLToPath(new URL('../../crds', import.meta.url));
await cluster.kubectl('apply', '--server-side', '--force-conflicts', '-f', crds);
const after = await ControllerProcess.start(cluster.kubeconfig, environment);
await approveEditor(cluster);
const { status } = await cluster.until(teamRef('gated', NAMESPACE), hasEnded);
const workflow = await cluster.get(workflowRef('gated', NAMESPACE));
write('ended.yaml', workflow === undefined ? [] : [workflow]);
process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
await after.stop();
await argo.stop();
await rehearsal.close();
await cluster.stop();

async function recordedObjects(): Promise<readonly Stored[]> {
  const lists = await Promise.all(
    RECORDED.map(async ({ apiVersion, kind }) =>
      (await cluster.list(apiVersion, kind, NAMESPACE)).map((object) => ({
        ...object,
        apiVersion,
        kind,
      })),
    ),
  );
  return lists.flat();
}

/** Leaves out the fields that an API server sets for each object. */
function write(name: string, objects: readonly Stored[]): void {
  const directory = fileURLToPath(new URL(`${version}/`, import.meta.url));
  mkdirSync(directory, { recursive: true });
  const keep = (key: string, value: unknown) =>
    ['managedFields', 'resourceVersion'].includes(key) ? undefined : value;
  const kept: unknown = JSON.parse(JSON.stringify(objects, keep));
  writeFileSync(join(directory, name), stringify(kept, { lineWidth: 0 }));
}
