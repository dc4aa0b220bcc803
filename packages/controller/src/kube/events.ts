import { createHash } from 'node:crypto';
import { wholeSeconds } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import type { KubeApi } from './api.ts';
import { httpStatus } from './kube-error.ts';
import type { KubeObject } from './objects.ts';

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** A stable code in CamelCase: people and programs filter by it. */
  readonly reason: string;
  readonly message: string;
}

const COMPONENT = 'agentteam-controller';
/** The API server's limit on an event's message. */
const MAX_MESSAGE = 1024;

/**
 * Records an event about an object exactly once. The event's name contains a digest of its content, so
 * a controller that restarts after writing it gets a conflict instead of a second event.
 * @param occasion distinguishes the event from an earlier one with the same content.
 */
export async function recordEvent(
  api: KubeApi,
  about: KubeObject,
  note: EventNote,
  now: Date,
  occasion?: string,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = about.metadata;
  const digest = createHash('sha256')
    .update(JSON.stringify([uid, occasion, note.reason, note.message]))
    .digest('hex')
    .slice(0, 16);
  const time = wholeSeconds(now);
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      // A name has at most 253 characters, and a team's name may use all of them.
      name: `${name.slice(0, 230)}.${digest}`,
      ...(namespace !== undefined && { namespace }),
    },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      namespace,
      uid,
      resourceVersion,
    },
    type: note.type,
    reason: note.reason,
    message: textFor('kubernetes', note.message, MAX_MESSAGE),
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  try {
    await api.create(event);
  } catch (error) {
    // 409: the event exists. 404 and 403: its namespace is being deleted.
    const status = httpStatus(error);
    if (status !== 409 && status !== 404 && status !== 403) throw error;
  }
}
