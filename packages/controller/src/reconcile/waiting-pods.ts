import { podNameOf, stepsOf } from '@agentteam/status';
import type { CachedWorkflow } from '../argo/cached-workflow.ts';
import type { KubeApi } from '../kube/api.ts';
import { httpStatus } from '../kube/kube-error.ts';
import { type Obstacle, obstacleOf, type Pod, type PodEvent } from './pod-obstacle.ts';
import type { NamespacedRef } from './team/refs.ts';

/** How long a pod may take to start before its state is read. Images and volumes need some seconds. */
const PATIENCE_MS = 10_000;
const EVERY_MS = 10_000;
/** How long a sidecar may be unable to start: as long as it may take to become ready by default. */
const SIDECAR_START_MS = 120_000;
/** How many pods to read: a team has at most 17 agents, and they are large. */
const MAX_PODS = 20;
const MAX_EVENTS = 20;

/** A pod that does not start. */
export interface WaitingPod extends Obstacle {
  readonly step: string;
  readonly podName: string;
  /** Whether its sidecar has been unable to start for so long that it never will. */
  readonly isHopeless: boolean;
}

interface Known {
  readonly readAt: number;
  readonly pods: readonly WaitingPod[];
  /** When a sidecar was first seen unable to start, by pod and sidecar. */
  readonly since: ReadonlyMap<string, number>;
}

/**
 * Finds out why pods of a team do not start. Argo shows what the agent's own container waits for, but neither a
 * sidecar that cannot start nor a Secret that does not exist, and waits for both until the team's timeout.
 */
export class WaitingPods {
  readonly #api: Pick<KubeApi, 'list'>;
  readonly #known = new Map<string, Known>();

  constructor(api: Pick<KubeApi, 'list'>) {
    this.#api = api;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  /**
   * @param ref identifies the team's Workflow.
   * @param now in ms since the epoch.
   * @returns the pods that are known to be unable to start, and after how many ms to ask again: undefined if all
   *   have started.
   */
  async of(
    key: string,
    workflow: CachedWorkflow,
    ref: NamespacedRef,
    now: number,
  ): Promise<{ readonly pods: readonly WaitingPod[]; readonly afterMs?: number }> {
    const pending = pendingPods(workflow);
    if (pending.size === 0) {
      this.forget(key);
      return { pods: [] };
    }
    const oldest = Math.min(...[...pending.values()].map(({ since }) => since));
    if (now - oldest < PATIENCE_MS) return { pods: [], afterMs: oldest + PATIENCE_MS - now };
    const before = this.#known.get(key);
    const known =
      before === undefined || now - before.readAt >= EVERY_MS
        ? await this.#read(pending, ref, now, before)
        : before;
    this.#known.set(key, known);
    const pods = known.pods.filter(({ podName }) => pending.has(podName));
    return { pods, afterMs: known.readAt + EVERY_MS - now };
  }

  async #read(
    pending: ReadonlyMap<string, PendingPod>,
    { namespace, name }: NamespacedRef,
    now: number,
    before: Known | undefined,
  ): Promise<Known> {
    const found = await this.#list<Pod>('Pod', {
      namespace,
      labelSelector: `workflows.argoproj.io/workflow=${name}`,
      fieldSelector: 'status.phase=Pending',
      limit: MAX_PODS,
    });
    const since = new Map<string, number>();
    const pods = await Promise.all(
      found.map(async (pod): Promise<readonly WaitingPod[]> => {
        const { name: podName, uid = '' } = pod.metadata;
        const step = pending.get(podName)?.step;
        if (step === undefined) return [];
        const fieldSelector = `involvedObject.uid=${uid},type=Warning`;
        const events = await this.#list<PodEvent>('Event', {
          ...{ namespace, fieldSelector, limit: MAX_EVENTS },
        });
        const obstacle = obstacleOf(pod, events);
        if (obstacle === undefined) return [];
        const id = `${uid}/${obstacle.sidecar}`;
        const first = before?.since.get(id) ?? now;
        since.set(id, first);
        const isHopeless =
          obstacle.sidecar !== undefined &&
          (obstacle.isFinal || (!obstacle.isCrash && now - first >= SIDECAR_START_MS));
        return [{ ...obstacle, step, podName, isHopeless }];
      }),
    );
    return { readAt: now, pods: pods.flat(), since };
  }

  /** Without the right to list them, nothing is known about them. */
  async #list<T extends Pod | PodEvent>(
    kind: string,
    options: Parameters<KubeApi['list']>[1],
  ): Promise<readonly T[]> {
    try {
      return (await this.#api.list<T>({ apiVersion: 'v1', kind }, options)).items;
    } catch (error) {
      if (httpStatus(error) === 403) return [];
      throw error;
    }
  }
}

interface PendingPod {
  readonly step: string;
  /** In ms since the epoch. */
  readonly since: number;
}

/** The pods of a Workflow that Argo has created and that have not started, by name. */
function pendingPods(workflow: CachedWorkflow): ReadonlyMap<string, PendingPod> {
  const pods = new Map<string, PendingPod>();
  if (workflow.status?.finishedAt) return pods;
  for (const { name, attempts } of stepsOf(workflow).values()) {
    const last = attempts.at(-1);
    const podName = last?.phase === 'Pending' ? podNameOf(workflow, last) : undefined;
    if (podName === undefined) continue;
    pods.set(podName, { step: name, since: Date.parse(last?.startedAt ?? '') || 0 });
  }
  return pods;
}
