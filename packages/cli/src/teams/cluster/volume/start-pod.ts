import { setTimeout as delay } from 'node:timers/promises';
import { CoreV1Api, type CoreV1Event, type V1Pod } from '@kubernetes/client-node';
import type { Connection } from '../../../cluster/connection/connection.ts';
import { httpStatus, reasonOf, requestFailure } from '../../../cluster/connection/errors.ts';
import { Failure } from '../../../failure.ts';
import type { VolumeAccess } from '../../team-host.ts';
import { type PodTrouble, podTrouble } from './pod-trouble.ts';

const INTERVAL_MS = 500;

/**
 * Creates a pod and waits until it runs. The caller deletes it, after a failure as well.
 * @throws Failure that says why the pod does not run within the limit, and what to do.
 */
export async function startPod(
  connection: Connection,
  pod: V1Pod,
  { startWithinMs, signal, onNote }: VolumeAccess,
): Promise<void> {
  const { config, namespace } = connection;
  const core = config.makeApiClient(CoreV1Api);
  const name = pod.metadata?.name ?? '';
  await core.createNamespacedPod({ namespace, body: pod }).catch((error: unknown) => {
    throw creationFailure(error, connection);
  });
  const until = Date.now() + startWithinMs;
  let noted = '';
  for (;;) {
    const now = await core.readNamespacedPod({ namespace, name }).catch((error: unknown) => {
      throw requestFailure(error, connection.server);
    });
    if (now.status?.phase === 'Running') return;
    const trouble = podTrouble(now, await eventsOf(core, namespace, name));
    const isOver = Date.now() >= until;
    if (trouble?.isFinal || isOver) throw notStarted(name, trouble, startWithinMs);
    const text = trouble?.message ?? '';
    if (text !== '' && text !== noted) onNote(`Waiting for the pod ${name}: ${text}`);
    noted = text;
    await delay(INTERVAL_MS, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}

function notStarted(name: string, trouble: PodTrouble | undefined, limit: number): Failure {
  const { message = 'no reason is given', hint = WAIT_LONGER, isFinal } = trouble ?? {};
  const within = isFinal ? '' : ` within ${Math.round(limit / 1000)} s`;
  return new Failure(
    `the pod ${name}, which reads the volume, did not start${within}: ${message}`,
    {
      hint,
    },
  );
}

const WAIT_LONGER = 'Wait longer with --start-timeout 10m.';

/** A refusal of admission has the same HTTP status as a missing right, which was checked before. */
function creationFailure(error: unknown, { server }: Connection): Failure {
  const reason = reasonOf(error);
  if (httpStatus(error) !== 403 || !/quota|PodSecurity|admission|denied/i.test(reason)) {
    return requestFailure(error, server);
  }
  return new Failure(`the cluster does not admit the pod that reads the volume: ${reason}`, {
    hint: 'Ask an administrator of the namespace to admit it. docs/report.md describes the pod.',
    cause: error,
  });
}

/** Empty where the caller may not read events: they only explain a delay. */
async function eventsOf(
  core: CoreV1Api,
  namespace: string,
  pod: string,
): Promise<readonly CoreV1Event[]> {
  const fieldSelector = `involvedObject.name=${pod}`;
  return core.listNamespacedEvent({ namespace, fieldSelector, limit: 50 }).then(
    ({ items }) => items,
    () => [],
  );
}
