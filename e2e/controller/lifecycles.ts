import type { Cluster, Ref, Stored } from './cluster.ts';
import { team, teamRef, workflowRef } from './teams.ts';

/** The actions of users and Argo during the lifecycle of a team or a run. */
export interface Lifecycle {
  /** Runs from the first object until the controller has nothing left to write. */
  readonly live: (cluster: Cluster, namespace: string) => Promise<void>;
  /** Deletes everything again. */
  readonly end: (cluster: Cluster, namespace: string) => Promise<void>;
}

const NAME = 'report';
const EVENT = 'spawn-editor';
const API_VERSION = 'claude.amcheste.io/v1alpha1';
const GATE = {
  id: `${NAME}-1`,
  name: `${NAME}.Approve-${EVENT}`,
  displayName: `Approve-${EVENT}`,
  type: 'Suspend',
  phase: 'Running',
  templateName: `approve-${EVENT}`,
  startedAt: '2026-01-01T00:00:10Z',
  outputs: { parameters: [{ name: 'decision', valueFrom: { supplied: {}, default: 'approve' } }] },
};
const SUCCEEDED = { phase: 'Succeeded', finishedAt: '2026-01-01T00:01:00Z' };

/** The controller records the last event before the last status, so after the status it writes nothing. */
const phase = (cluster: Cluster, ref: Ref, wanted: string) =>
  cluster.until(ref, (now) => now?.status?.phase === wanted && now);
const remove = async (cluster: Cluster, ref: Ref) => {
  await cluster.delete(ref);
  await cluster.until(ref, (now) => now === undefined);
};

/** A team with a gate that is approved. */
export const aTeam: Lifecycle = {
  live: async (cluster, namespace) => {
    const lifecycle = { approvalGates: [{ event: EVENT }] };
    const workflow = workflowRef(NAME, namespace);
    const own = teamRef(NAME, namespace);
    await cluster.apply(team(NAME, { lifecycle }, namespace));
    await phase(cluster, own, 'Pending');
    await cluster.patch(workflow, {
      status: {
        phase: 'Running',
        startedAt: '2026-01-01T00:00:00Z',
        nodes: { [GATE.id]: GATE },
      },
    });
    await cluster.until(own, (now) => now?.status?.approvals?.length === 1);
    await cluster.patch(own, {
      metadata: { annotations: { [`approved.claude.amcheste.io/${EVENT}`]: 'true' } },
    });
    await cluster.until(workflow, (now) => now?.status?.nodes[GATE.id].phase === 'Succeeded');
    await cluster.patch(workflow, { status: SUCCEEDED });
    await phase(cluster, own, 'Completed');
  },
  end: (cluster, namespace) => remove(cluster, teamRef(NAME, namespace)),
};

const templateRef = (namespace: string): Ref => ({
  ...{ apiVersion: API_VERSION, kind: 'AgentTeamTemplate', name: 'review', namespace },
});
const runRef = (namespace: string): Ref => ({
  ...{ apiVersion: API_VERSION, kind: 'AgentTeamRun', name: NAME, namespace },
});
const object = ({ name, ...ref }: Ref, spec: object): Stored => ({
  apiVersion: ref.apiVersion,
  kind: ref.kind,
  metadata: { name, ...(ref.namespace !== undefined && { namespace: ref.namespace }) },
  spec,
});

/** A template that is offered to Argo, and a run of it. */
export const aRun: Lifecycle = {
  live: async (cluster, namespace) => {
    const { workspace, auth, lead, teammates } = team(NAME).spec;
    const template = templateRef(namespace);
    await cluster.apply(object(template, { teammates }));
    await cluster.until(template, (now) =>
      now?.status?.conditions?.some(
        ({ type, status }: { type: string; status: string }) =>
          type === 'Ready' && status === 'True',
      ),
    );
    const templateName = { name: template.name };
    await cluster.apply(
      object(runRef(namespace), { templateRef: templateName, workspace, auth, lead }),
    );
    await phase(cluster, runRef(namespace), 'Pending');
    await cluster.patch(workflowRef(NAME, namespace), {
      status: { ...SUCCEEDED, startedAt: '2026-01-01T00:00:00Z' },
    });
    await phase(cluster, teamRef(NAME, namespace), 'Completed');
    await phase(cluster, runRef(namespace), 'Completed');
  },
  end: async (cluster, namespace) => {
    await remove(cluster, runRef(namespace));
    // There is no garbage collector here to delete the team.
    await remove(cluster, teamRef(NAME, namespace));
    await remove(cluster, templateRef(namespace));
  },
};
