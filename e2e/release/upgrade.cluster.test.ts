import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { Cluster, type Stored } from '../controller/cluster.ts';
import { ControllerProcess } from '../controller/process.ts';
import { teamRef, workflowRef } from '../controller/teams.ts';
import { approveEditor, hasEnded, NAMESPACE } from './gated-team.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const releases = readdirSync(here).filter((name) => /^\d/.test(name));
let cluster: Cluster;

beforeEach(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
});
afterEach(async () => {
  await cluster?.stop();
});

describe.each(releases)('objects that release %s wrote', (release) => {
  const read = (name: string): readonly Stored[] =>
    parse(readFileSync(`${here}${release}/${name}`, 'utf8'));

  test('a team at a gate is taken over and ends, and an ended team stays as it was', async () => {
    const recorded = read('started.yaml');
    const before = await restore(recorded);
    const controller = await ControllerProcess.start(cluster.kubeconfig, {
      AGENTTEAM_NAMESPACES: NAMESPACE,
      POD_NAMESPACE: NAMESPACE,
    });
    try {
      await approveEditor(cluster);
      await cluster.until(workflowRef('gated', NAMESPACE), isGateApproved);
      // What Argo does from here on, as it was recorded.
      const [workflow] = read('ended.yaml');
      await cluster.patch(workflowRef('gated', NAMESPACE), {
        metadata: { labels: workflow?.metadata?.labels ?? {} },
        status: workflow?.status,
      });
      const { status } = await cluster.until(teamRef('gated', NAMESPACE), hasEnded);
      expect(status).toMatchObject({
        phase: 'Completed',
        ready: '2/2',
        approvals: [{ event: 'spawn-editor', decision: 'approve' }],
        teammates: [{ phase: 'Completed' }, { phase: 'Completed' }],
      });
      expect(Number(status.estimatedCost)).toBeGreaterThan(0);
    } finally {
      await controller.stop();
    }
    for (const kind of ['Workflow', 'AgentTeam']) {
      const was = before.find((object) => object.kind === kind && nameOf(object) === 'ended');
      const is = await cluster.get(
        kind === 'Workflow' ? workflowRef('ended', NAMESPACE) : teamRef('ended', NAMESPACE),
      );
      expect(is?.spec).toEqual(was?.spec);
      expect(is?.status?.phase).toEqual(was?.status?.phase);
      expect(is?.status?.estimatedCost).toEqual(was?.status?.estimatedCost);
    }
    const workflows = await cluster.list('argoproj.io/v1alpha1', 'Workflow', NAMESPACE);
    expect(workflows.map(nameOf).sort()).toEqual(['ended', 'gated']);
  });

  test('a failed team is not retried with a changed spec', async () => {
    const failed = read('started.yaml')
      .filter((object) => nameOf(object).startsWith('ended'))
      .map((object) => ({ ...object, status: { ...object.status, phase: 'Failed' } }));
    const before = await restore(failed);
    await cluster.patch(teamRef('ended', NAMESPACE), { spec: { lead: { prompt: 'Other.' } } });
    const controller = await ControllerProcess.start(cluster.kubeconfig, {
      AGENTTEAM_NAMESPACES: NAMESPACE,
      POD_NAMESPACE: NAMESPACE,
    });
    try {
      const { status } = await cluster.until(
        teamRef('ended', NAMESPACE),
        (team) => conditionOf(team, 'SpecChanged')?.status === 'True' && team,
      );
      expect(status.conditions).toContainEqual(
        expect.objectContaining({
          type: 'SpecChanged',
          reason: 'CannotRetry',
          message: expect.stringContaining('an earlier release started the team'),
        }),
      );
    } finally {
      await controller.stop();
    }
    const workflow = await cluster.get(workflowRef('ended', NAMESPACE));
    expect(workflow?.spec).toEqual(before.find(({ kind }) => kind === 'Workflow')?.spec);
  });
});

/** Creates the objects again, with the ids that this server gives to their owners. */
async function restore(recorded: readonly Stored[]): Promise<readonly Stored[]> {
  const ids = new Map<string, string>();
  const restored: Stored[] = [];
  // Owners come first.
  for (const object of recorded) {
    const { uid = '', creationTimestamp: _, ...metadata } = object.metadata ?? {};
    const ownerReferences = metadata.ownerReferences?.map((owner) => ({
      ...owner,
      uid: ids.get(owner.uid) ?? owner.uid,
    }));
    const created = await cluster.apply({
      ...object,
      metadata: { ...metadata, ...(ownerReferences && { ownerReferences }) },
    });
    ids.set(uid, created.metadata?.uid ?? '');
    // With the defaults of fields that this release has added.
    restored.push({ ...object, spec: created.spec });
    if (object.kind !== 'AgentTeam') continue;
    const file = cluster.file({ status: object.status } as Stored);
    await cluster.kubectl(
      ...['patch', 'agentteam', nameOf(object), '-n', NAMESPACE, '--subresource=status'],
      ...['--type=merge', `--patch-file=${file}`],
    );
  }
  // Kubernetes counts whole seconds. In the next one, the controller's key is newer than these objects.
  await delay(1000 - (Date.now() % 1000));
  return restored;
}

function nameOf({ metadata }: Stored): string {
  return metadata?.name ?? '';
}

function conditionOf(team: Stored | undefined, type: string): { status: string } | undefined {
  const conditions: readonly { type: string; status: string }[] = team?.status?.conditions ?? [];
  return conditions.find((condition) => condition.type === type);
}

function isGateApproved(workflow: Stored | undefined): boolean {
  const nodes: readonly { type: string; phase: string }[] = Object.values(
    workflow?.status?.nodes ?? {},
  );
  return nodes.some(({ type, phase }) => type === 'Suspend' && phase === 'Succeeded');
}
