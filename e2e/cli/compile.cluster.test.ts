import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ANNOTATIONS, FIGURES } from '@agentteam/contract';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { Cluster } from '../controller/cluster.ts';
import { ControllerProcess } from '../controller/process.ts';
import { team, workflowRef } from '../controller/teams.ts';
import { agentteam } from './cli.ts';

const BY_HAND = 'by-hand';
const CONTROLLED = 'controlled';
const object = (namespace: string) => team('report', {}, namespace);
let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
  for (const namespace of [BY_HAND, CONTROLLED]) await cluster.namespace(namespace);
});
afterAll(async () => {
  await cluster?.stop();
});

const compile = async (...args: readonly string[]) => {
  const { stdout } = await agentteam(['compile', '-', ...args], {
    cwd: cluster.directory,
    input: stringify(object(BY_HAND)),
  });
  const file = join(cluster.directory, 'compiled.yaml');
  await writeFile(file, stdout);
  return { stdout, apply: () => cluster.kubectl('apply', '--validate=strict', `-f=${file}`) };
};
const kinds = ['ServiceAccount', 'Role', 'RoleBinding', 'Secret', 'PersistentVolumeClaim'];
const apiVersion = (kind: string) =>
  kind.startsWith('Role') ? 'rbac.authorization.k8s.io/v1' : 'v1';
/** Removes the differences between the two namespaces. */
const anywhere = <T>(of: T, namespace: string): T =>
  JSON.parse(JSON.stringify(of).replaceAll(namespace, 'NAMESPACE')) as T;

/** The objects besides a Workflow, without the fields that the API server or a field manager adds. */
async function beside(namespace: string) {
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const items = await cluster.list(apiVersion(kind), kind, namespace);
      return items.map(({ metadata, status: _status, ...rest }) => {
        const {
          'kubectl.kubernetes.io/last-applied-configuration': _,
          // Only a controller can prove that it created a claim.
          [ANNOTATIONS.claimProof]: _proof,
          ...annotations
        } = metadata?.annotations ?? {};
        return { ...rest, kind, name: metadata?.name, labels: metadata?.labels, annotations };
      });
    }),
  );
  return anywhere(lists.flat(), namespace);
}

/** Figures are proven only to a controller. */
const PROOFS = ['AGENTTEAM_RUN', 'figures', 'totals-proof'];
const withoutProofs = (spec: object): object =>
  JSON.parse(JSON.stringify(spec), (_key, value: unknown) =>
    Array.isArray(value) ? value.filter((one) => !PROOFS.includes(one?.name)) : value,
  ) as object;

test('compile and compile --needs create the same objects as the controller', async () => {
  await (await compile('--needs')).apply();
  const byHand = await beside(BY_HAND);
  // A team has two claims: its own and that of its output.
  expect(byHand.map(({ kind }) => kind)).toEqual([...kinds, 'PersistentVolumeClaim']);
  const workflow = parse((await compile('--image=registry.test/agentteam:test')).stdout);

  const controller = await ControllerProcess.start(cluster.kubeconfig, {
    AGENTTEAM_NAMESPACES: CONTROLLED,
  });
  try {
    await cluster.apply(object(CONTROLLED));
    const stored = await cluster.until(workflowRef('report', CONTROLLED), (now) => now);
    expect(anywhere(withoutProofs(stored.spec), CONTROLLED)).toEqual(
      anywhere(workflow.spec, BY_HAND),
    );
  } finally {
    await controller.stop();
  }
  const controlled = await beside(CONTROLLED);
  expect(controlled.filter(({ name }) => name !== FIGURES.secret)).toEqual(byHand);
});
