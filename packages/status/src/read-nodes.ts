import type { NodeStatus } from '@agentteam/argo';
import { isRecord, plainText, readTime } from '@agentteam/contract';

export type Nodes = Readonly<Record<string, NodeStatus>>;

/** Three times as many nodes as the largest team has with all its attempts. */
export const MOST_NODES: number = 1024;
const MOST_CHILDREN = 256;
const MOST_PARAMETERS = 32;
const LONGEST_NAME = 256;
const LONGEST_MESSAGE = 4096;
/** Longest value that a step writes into one output. */
const LONGEST_VALUE = 68 * 1024;
const NODE_ID = /^[\w.:()[\]-]{1,253}$/;

/** Results of `readNodes`, which need no second check. */
const checked = new WeakSet<object>();

/**
 * Reads the fields of a Workflow's nodes that a status needs. Anyone who may patch a Workflow can write any
 * JSON there, so invalid nodes are dropped, texts are shortened and lose their control characters, and no
 * more than {@link MOST_NODES} nodes are read.
 */
export function readNodes(value: unknown): Nodes {
  if (!isRecord(value)) return {};
  if (checked.has(value)) return value as Nodes;
  const nodes: [string, NodeStatus][] = [];
  // The object may have a million members, so do not list them all with Object.entries.
  for (const id in value) {
    if (nodes.length === MOST_NODES) break;
    const node = Object.hasOwn(value, id) ? readNode(id, value[id]) : undefined;
    if (node !== undefined) nodes.push([id, node]);
  }
  const result = Object.fromEntries(nodes);
  checked.add(result);
  return result;
}

function readNode(id: string, value: unknown): NodeStatus | undefined {
  if (!isRecord(value) || value['id'] !== id || !NODE_ID.test(id)) return undefined;
  const name = textOf(value['name'], LONGEST_NAME);
  const type = textOf(value['type'], LONGEST_NAME);
  if (name === undefined || type === undefined) return undefined;
  const outputs = outputsOf(value['outputs']);
  const optional = {
    displayName: textOf(value['displayName'], LONGEST_NAME),
    phase: textOf(value['phase'], LONGEST_NAME),
    message: textOf(value['message'], LONGEST_MESSAGE),
    templateName: textOf(value['templateName'], LONGEST_NAME),
    startedAt: readTime(value['startedAt']),
    finishedAt: readTime(value['finishedAt']),
    children: listOf(value['children'], MOST_CHILDREN, (child) => textOf(child, LONGEST_NAME)),
    outputs,
  };
  const present = Object.entries(optional).filter(([, field]) => field !== undefined);
  return { id, name, type, ...Object.fromEntries(present) } as NodeStatus;
}

function outputsOf(value: unknown): NodeStatus['outputs'] {
  if (!isRecord(value)) return undefined;
  const exitCode = textOf(value['exitCode'], LONGEST_NAME);
  const parameters = listOf(value['parameters'], MOST_PARAMETERS, parameterOf);
  return {
    ...(exitCode !== undefined && { exitCode }),
    ...(parameters !== undefined && { parameters }),
  };
}

type Parameter = NonNullable<NonNullable<NodeStatus['outputs']>['parameters']>[number];

function parameterOf(value: unknown): Parameter | undefined {
  if (!isRecord(value)) return undefined;
  const name = textOf(value['name'], LONGEST_NAME);
  if (name === undefined) return undefined;
  // The value stays as it is, because the proof of the totals covers its exact bytes.
  const text = parameterText(value['value']);
  const from = value['valueFrom'];
  return {
    name,
    ...(text !== undefined && { value: text }),
    ...(isRecord(from) && { valueFrom: valueFromOf(from) }),
  };
}

function valueFromOf(from: Readonly<Record<string, unknown>>): NonNullable<Parameter['valueFrom']> {
  const preset = parameterText(from['default']);
  return {
    ...(isRecord(from['supplied']) && { supplied: {} }),
    ...(preset !== undefined && { default: preset }),
  };
}

/** Argo accepts numbers and booleans as values. */
function parameterText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.length <= LONGEST_VALUE ? value : undefined;
}

function textOf(value: unknown, longest: number): string | undefined {
  return typeof value === 'string' ? plainText(value, longest) : undefined;
}

function listOf<T>(
  value: unknown,
  most: number,
  item: (value: unknown) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, most).flatMap((one: unknown) => item(one) ?? []);
}
