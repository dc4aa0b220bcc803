import type { Workflow } from '@agentteam/argo';
import { isRecord, plainText, readTime } from '@agentteam/contract';
import { readNodes } from './read-nodes.ts';

type Template = NonNullable<Workflow['spec']['templates']>[number];
type Status = NonNullable<Workflow['status']>;

/** The parts of a Workflow that a status is computed from. A cache of Workflows must keep these. */
export interface WorkflowView {
  readonly metadata: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    /** The templates of gates with a time limit. */
    readonly templates?: readonly Pick<Template, 'name' | 'suspend'>[];
  };
  readonly status?: Pick<Status, 'phase' | 'message' | 'startedAt' | 'finishedAt' | 'nodes'>;
}

const MOST_TEMPLATES = 256;
const LONGEST_NAME = 256;
const LONGEST_MESSAGE = 4096;

/**
 * Reads a Workflow whose spec and status may contain any JSON: the API server validates only the metadata of
 * Workflows.
 */
export function workflowView({ metadata, spec, status }: WorkflowLike): WorkflowView {
  const templates = limitedGates(spec);
  const view = statusOf(status);
  return {
    metadata,
    spec: templates.length === 0 ? {} : { templates },
    ...(view !== undefined && { status: view }),
  };
}

/** A Workflow of which only the metadata has been checked. */
export interface WorkflowLike {
  readonly metadata: WorkflowView['metadata'];
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** The templates of gates with a time limit. */
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

function statusOf(status: unknown): WorkflowView['status'] {
  if (!isRecord(status)) return undefined;
  const { phase, message, nodes } = status;
  const startedAt = readTime(status['startedAt']);
  const finishedAt = readTime(status['finishedAt']);
  return {
    ...(typeof phase === 'string' && { phase: plainText(phase, LONGEST_NAME) }),
    ...(typeof message === 'string' && { message: plainText(message, LONGEST_MESSAGE) }),
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(isRecord(nodes) && { nodes: readNodes(nodes) }),
  };
}
