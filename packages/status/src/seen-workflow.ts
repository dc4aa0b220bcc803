import type { Workflow } from '@agentteam/argo';
import { isRecord, plainText, time } from '@agentteam/contract';
import { readNodes } from './read-nodes.ts';

type Template = NonNullable<Workflow['spec']['templates']>[number];
type Status = NonNullable<Workflow['status']>;

/** As much of a Workflow as a status is made of: whoever keeps Workflows must keep this of them. */
export interface SeenWorkflow {
  readonly metadata: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** Those of gates that do not wait for ever. */
    readonly templates?: readonly Pick<Template, 'name' | 'suspend'>[];
  };
  readonly status?: Pick<Status, 'phase' | 'message' | 'startedAt' | 'finishedAt' | 'nodes'>;
}

const MOST_TEMPLATES = 256;
const LONGEST_NAME = 256;
const LONGEST_MESSAGE = 4096;

/**
 * A Workflow as a status is made of it, whatever JSON its spec and status hold: the API server checks
 * the metadata of an object, and of a Workflow nothing else.
 */
export function seenWorkflow({ metadata, spec, status }: WorkflowLike): SeenWorkflow {
  const templates = limitedGates(spec);
  const seen = statusOf(status);
  return {
    metadata,
    spec: templates.length === 0 ? {} : { templates },
    ...(seen !== undefined && { status: seen }),
  };
}

/** A Workflow of which nothing is known but its metadata. */
export interface WorkflowLike {
  readonly metadata: SeenWorkflow['metadata'];
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** The gates of a Workflow that end by themselves. */
export function limitedGates(spec: unknown): readonly Pick<Template, 'name' | 'suspend'>[] {
  const templates = isRecord(spec) ? spec['templates'] : undefined;
  if (!Array.isArray(templates)) return [];
  return templates.slice(0, MOST_TEMPLATES).flatMap((template: unknown) => {
    const { name, suspend } = isRecord(template) ? template : {};
    const duration = isRecord(suspend) ? suspend['duration'] : undefined;
    if (typeof name !== 'string' || typeof duration !== 'string') return [];
    return [
      {
        name: plainText(name, LONGEST_NAME),
        suspend: { duration: plainText(duration, LONGEST_NAME) },
      },
    ];
  });
}

function statusOf(status: unknown): SeenWorkflow['status'] {
  if (!isRecord(status)) return undefined;
  const { phase, message, nodes } = status;
  const startedAt = time(status['startedAt']);
  const finishedAt = time(status['finishedAt']);
  return {
    ...(typeof phase === 'string' && { phase: plainText(phase, LONGEST_NAME) }),
    ...(typeof message === 'string' && { message: plainText(message, LONGEST_MESSAGE) }),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(isRecord(nodes) && { nodes: readNodes(nodes) }),
  };
}
