import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';

/** Why a pod does not run. */
export interface PodTrouble {
  /** A sentence without a full stop. */
  readonly message: string;
  /** What the person can do. */
  readonly hint?: string;
  /** Whether waiting does not help. */
  readonly isFinal: boolean;
}

const IMAGE_HINT =
  'Name an image with --image that the nodes can pull: the image of agentteam, in the release of this program.';
/** What `agentteam-runner` of an earlier release exits with when it gets a command that it does not know. */
const UNKNOWN_COMMAND = 64;

const IMAGE_TROUBLE = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];
const START_TROUBLE = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

/**
 * Finds out why a pod does not run yet.
 * @param events of the pod; empty where the caller may not read them.
 * @returns undefined if nothing is known to be wrong.
 */
export function podTrouble(pod: V1Pod, events: readonly CoreV1Event[]): PodTrouble | undefined {
  return (
    endOf(pod) ?? containerTrouble(pod) ?? schedulingTrouble(pod) ?? volumeTrouble(pod, events)
  );
}

function endOf({ status, spec }: V1Pod): PodTrouble | undefined {
  if (status?.phase !== 'Failed' && status?.phase !== 'Succeeded') return undefined;
  const terminated = status.containerStatuses?.[0]?.state?.terminated;
  if (terminated?.exitCode === UNKNOWN_COMMAND) {
    return {
      message: `the image ${spec?.containers[0]?.image} cannot read results, because it is of an earlier release`,
      hint: IMAGE_HINT,
      isFinal: true,
    };
  }
  const why = status.message ?? terminated?.message ?? terminated?.reason ?? status.phase;
  return { message: `it ended: ${why}`, isFinal: true };
}

function containerTrouble({ status, spec }: V1Pod): PodTrouble | undefined {
  const { reason = '', message = '' } = status?.containerStatuses?.[0]?.state?.waiting ?? {};
  const why = message === '' ? reason : `${reason}: ${message}`;
  if (IMAGE_TROUBLE.includes(reason)) {
    return {
      message: `the image ${spec?.containers[0]?.image} cannot be pulled (${why})`,
      hint: IMAGE_HINT,
      // The first failure is repeated at once, and may be of the network.
      isFinal: reason !== 'ErrImagePull',
    };
  }
  if (!START_TROUBLE.includes(reason)) return undefined;
  return { message: `its container cannot start (${why})`, isFinal: true };
}

function schedulingTrouble({ status }: V1Pod): PodTrouble | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  const { message = 'no reason is given' } = condition;
  const claim = /persistentvolumeclaim "([^"]*)" (?:not found|is being deleted)/.exec(message)?.[1];
  if (claim !== undefined) {
    return {
      message: `the claim ${claim} no longer exists, and with it what was on it`,
      isFinal: true,
    };
  }
  return {
    message: `no node can run it (${message})`,
    hint: 'Wait longer with --start-timeout 10m, or ask an administrator for a node that fits.',
    isFinal: false,
  };
}

const VOLUME_EVENTS = ['FailedAttachVolume', 'FailedMount'];

function volumeTrouble({ status }: V1Pod, events: readonly CoreV1Event[]): PodTrouble | undefined {
  if (status?.phase !== 'Pending') return undefined;
  const event = events.filter(({ reason }) => VOLUME_EVENTS.includes(reason ?? '')).at(-1);
  if (event === undefined) return undefined;
  const isElsewhere = /Multi-Attach|already (?:used|attached|exclusively attached)/i.test(
    event.message ?? '',
  );
  return {
    message: `its volume cannot be mounted (${event.message})`,
    hint: isElsewhere
      ? 'The volume is ReadWriteOnce, and a pod on another node uses it. Run the command again when that pod has ended: for the pods of the team, when the team has ended.'
      : 'Ask an administrator whether the storage works. Wait longer with --start-timeout 10m.',
    isFinal: false,
  };
}
