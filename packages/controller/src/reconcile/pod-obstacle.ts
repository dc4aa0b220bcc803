import { CONTAINERS, plainText } from '@agentteam/contract';
import type { KubeObject } from '../kube/objects.ts';

/** A pod, as far as its containers' states are concerned. */
export interface Pod extends KubeObject {
  readonly spec?: {
    readonly initContainers?: readonly {
      readonly name: string;
      readonly restartPolicy?: string;
    }[];
  };
  readonly status?: {
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: Reason; readonly terminated?: Reason };
  readonly lastState?: { readonly terminated?: Reason };
}

interface Reason {
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
}

/** An event that the kubelet or the scheduler recorded about a pod. */
export interface PodEvent extends KubeObject {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string;
}

/** Why a pod does not start. */
export interface Obstacle {
  /** The kubelet's reason: `ImagePullBackOff`, `FailedMount`. */
  readonly reason: string;
  /** The kubelet's message, with the name of the container if it is not the agent's own. */
  readonly message: string;
  /** Set if it concerns a sidecar of the team, which the kubelet would try to start forever. */
  readonly sidecar?: string;
  /** Whether another attempt to start the container would fail in the same way. */
  readonly isFinal: boolean;
  /** Whether its program did start, and ended. It may do better the next time. */
  readonly isCrash: boolean;
}

/** These say only that another container, or the volumes, are not ready. */
const NOT_YET = ['PodInitializing', 'ContainerCreating'];
/** The runtime could not start the program: it does not exist, or is for another architecture. */
const NOT_STARTED = ['StartError', 'ContainerCannotRun'];
const FINAL = ['InvalidImageName', 'ErrImageNeverPull'];
const CRASH_LOOP = 'CrashLoopBackOff';
const PULL_SECRET = 'FailedToRetrieveImagePullSecret';
/** Warnings about a pod that cannot start. A pod starts in spite of others, such as those about its DNS. */
const STOPPING_EVENTS = [
  'FailedScheduling',
  'FailedAttachVolume',
  'FailedMapVolume',
  'FailedMount',
  'FailedCreatePodSandBox',
  'NetworkNotReady',
];
const LONGEST = 500;

/**
 * Finds out why a pod does not start. The states of its containers say it, except for what comes before them,
 * such as a volume that cannot be mounted: only an event names that.
 * @param events warnings about the pod.
 */
export function obstacleOf(
  { spec, status }: Pod,
  events: readonly PodEvent[],
): Obstacle | undefined {
  const restarts = (name: string): boolean =>
    spec?.initContainers?.some((one) => one.name === name && one.restartPolicy === 'Always') ??
    false;
  const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const stuck = states.find(({ name, state: { waiting, terminated } = {} }) =>
    waiting === undefined
      ? // Between two attempts, the kubelet shows a native sidecar as terminated (1.34).
        terminated !== undefined && restarts(name)
      : !NOT_YET.includes(waiting.reason ?? ''),
  );
  if (stuck === undefined) return fromEvents(events);
  const { name, restartCount = 0 } = stuck;
  const cause = causeOf(stuck);
  const { reason = 'Waiting' } = cause;
  const secret = /Image/.test(reason)
    ? events.find((event) => event.reason === PULL_SECRET)?.message
    : undefined;
  const text = [cause.message, secret].filter(Boolean).join('; ');
  const isSidecar = name !== CONTAINERS.gateway && restarts(name);
  const own = `${reason}${text === '' ? '' : `: ${text}`}`;
  const isNotStarted = NOT_STARTED.includes(reason);
  return {
    reason,
    message: shorten(isSidecar ? `the sidecar ${name} cannot start: ${own}` : own),
    ...(isSidecar && { sidecar: name }),
    // One failure can be the runtime's own, when the node is short of something.
    isFinal: FINAL.includes(reason) || (isNotStarted && restartCount > 0),
    isCrash: !isNotStarted && (stuck.state?.waiting === undefined || reason === CRASH_LOOP),
  };
}

/** How the program failed to start if it did, otherwise what its container waits for or how it ended. */
function causeOf({ state = {}, lastState }: ContainerStatus): Reason {
  const { waiting, terminated } = state;
  const ends = [terminated, lastState?.terminated];
  const failure = ends.find((end) => NOT_STARTED.includes(end?.reason ?? ''));
  if (failure !== undefined) return failure;
  if (waiting !== undefined) return waiting;
  return {
    reason: terminated?.reason ?? 'Error',
    message: terminated?.message ?? `exit code ${terminated?.exitCode}`,
  };
}

function fromEvents(events: readonly PodEvent[]): Obstacle | undefined {
  const latest = events
    .filter(({ reason = '' }) => STOPPING_EVENTS.includes(reason))
    .toSorted((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
    .at(-1);
  if (latest === undefined) return undefined;
  const { reason = 'Warning', message = '' } = latest;
  return { reason, message: shorten(`${reason}: ${message}`), isFinal: false, isCrash: false };
}

/** A container can write the message with which it ended. */
function shorten(text: string): string {
  return plainText(text.replaceAll(/\s+/g, ' ').trim(), LONGEST);
}
