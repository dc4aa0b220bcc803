import { createHash } from 'node:crypto';
import { wholeSeconds } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import type { KubeApi } from './api.ts';
import { httpStatus } from './kube-error.ts';
import type { KubeObject } from './objects.ts';

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, stable: people and programs filter by it. */
  readonly reason: string;
  readonly message: string;
}

const COMPONENT = 'agentteam-controller';
/** The API server's limit on an event's message. */
const MAX_MESSAGE = 1024;

/**
 * Writes an event about an object, once. Its name is a digest of what it says about which object,
 * so a controller that died after writing it writes the same name again and is told it exists:
 * no event is doubled over restarts, and none is lost.
 * @param occasion tells it from an earlier one that said the same.
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
      // Names end in 253 characters; a team's may use them all.
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
    // 409: already written. 404, 403 with "terminating": its namespace is going, and nobody will read it.
    const status = httpStatus(error);
    if (status !== 409 && status !== 404 && status !== 403) throw error;
  }
}
