import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { EXECUTOR, executorCompanions } from '@agentteam/compiler';
import { createRun, execute } from '@agentteam/local';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shellOptions } from '../../packages/local/test/support/shell-options.ts';
import type { Stored } from '../controller/cluster.ts';
import { workflowRef } from '../controller/teams.ts';
import { workflows } from './arbitrary-workflow.ts';
import { openSite, type Site } from './site.ts';

const namespace = `differential-${process.pid.toString(36)}`;
/** The number of Workflows, and the seed that generates them; the seed is printed to repeat a failure. */
const count = Number(process.env['AGENTTEAM_E2E_DIFFERENTIAL'] ?? 12);
const seed = Number(process.env['AGENTTEAM_E2E_SEED'] ?? Date.now() % 1_000_000);
const given = fc
  .sample(workflows, { numRuns: count, seed })
  .map((one, index): [string, Workflow] => {
    const name = `w${index}`;
    return [name, { ...one, metadata: { name } }];
  });
let site: Site;
let directory: string;

beforeAll(async () => {
  site = await openSite();
  directory = mkdtempSync(join(tmpdir(), 'agentteam differential '));
  await site.cluster.namespace(namespace);
  for (const object of executorCompanions(EXECUTOR, namespace)) await site.cluster.apply(object);
  for (const [, workflow] of given) await site.cluster.apply(forArgo(workflow));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await site.cluster.kubectl('delete', 'namespace', namespace, '--wait=false');
  await site.cluster.stop();
});

/** Adapts a Workflow to a cluster: an image with a shell, and the executor's service account. */
function forArgo({ apiVersion, kind, metadata, spec }: Workflow): Stored {
  const { repository, tag } = site.image;
  const shell = {
    image: `${repository}:${tag}`,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c'],
  };
  return {
    apiVersion,
    kind,
    metadata: { name: metadata.name ?? '', namespace },
    spec: {
      ...spec,
      serviceAccountName: EXECUTOR,
      automountServiceAccountToken: false,
      executor: { serviceAccountName: EXECUTOR },
      templates: spec.templates?.map((template) => ({
        ...template,
        ...(template.container && { container: { ...template.container, ...shell } }),
        ...(template.initContainers && {
          initContainers: template.initContainers.map((one) => ({ ...one, ...shell })),
        }),
      })),
    },
  };
}

/** The outcome of a node and the names of its children, which must be equal on both engines. */
function outcome(
  { type, phase, message, outputs, children = [] }: NodeStatus,
  names: ReadonlyMap<string, string>,
): object {
  const parameters = outputs?.parameters?.map(({ name, value }) => `${name}=${value}`) ?? [];
  return {
    type,
    phase,
    message: message ?? '',
    exitCode: outputs?.exitCode ?? '',
    parameters: parameters.sort(),
    children: children.map((id) => names.get(id)).sort(),
  };
}

function outcomes(status: Workflow['status']): object {
  const nodes = Object.values(status?.nodes ?? {}) as readonly NodeStatus[];
  const names = new Map(nodes.map(({ id, displayName = '' }) => [id, displayName]));
  const named = nodes.map((node) => [node.displayName ?? '', outcome(node, names)] as const);
  return {
    phase: status?.phase,
    message: status?.message ?? '',
    nodes: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

test.each(given)(
  `%s of seed ${seed} ends on the embedded engine as on Argo`,
  async (name, workflow) => {
    const run = join(directory, name);
    createRun(run, workflow);
    const here = await execute(run, shellOptions());
    const there = await site.cluster.until(
      workflowRef(name, namespace),
      (now) => now?.status?.finishedAt !== undefined && (now.status as Workflow['status']),
    );
    expect(outcomes(here.status)).toEqual(outcomes(there));
  },
);
