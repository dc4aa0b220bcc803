import type { NodeStatus } from '@agentteam/argo';
import { isRecord, plainText, time } from '@agentteam/contract';

export type Nodes = Readonly<Record<string, NodeStatus>>;

/** The largest team with all its attempts has a third of it. */
export const MOST_NODES: number = 1024;
const MOST_CHILDREN = 256;
const MOST_PARAMETERS = 32;
const LONGEST_NAME = 256;
const LONGEST_MESSAGE = 4096;
/** As much as a step of ours writes into one output. */
const LONGEST_VALUE = 68 * 1024;
const NODE_ID = /^[\w.:()[\]-]{1,253}$/;

/** Nodes that `readNodes` returned: they need no second look. */
const read = new WeakSet<object>();

/**
 * The nodes of a Workflow as far as a status is made of them. Whoever may patch a Workflow can write
 * any JSON there: what is no node is left out, texts are shortened and lose control characters, and
 * beyond `MOST_NODES` nothing is read.
 */
export function readNodes(value: unknown): Nodes {
  if (!isRecord(value)) return {};
  if (read.has(value)) return value as Nodes;
  const nodes: [string, NodeStatus][] = [];
  // An object may have a million members: they are not listed before they are counted.
  for (const id in value) {
    if (nodes.length === MOST_NODES) break;
    const node = Object.hasOwn(value, id) ? readNode(id, value[id]) : undefined;
    if (node !== undefined) nodes.push([id, node]);
  }
  const result = Object.fromEntries(nodes);
  read.add(result);
  return result;
}

/** Inputs repeat what the templates say, and are most of a node. */
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
    startedAt: time(value['startedAt']),
    finishedAt: time(value['finishedAt']),
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
  // Not cleaned: the proof of the totals is of their very bytes. Whoever shows a value cleans it.
  const text = parameterText(value['value']);
  const from = value['valueFrom'];
  return {
    name,
    ...(text !== undefined && { value: text }),
    ...(isRecord(from) && { valueFrom: suppliedOf(from) }),
  };
}

function suppliedOf(from: Readonly<Record<string, unknown>>): NonNullable<Parameter['valueFrom']> {
  const preset = parameterText(from['default']);
  return {
    ...(isRecord(from['supplied']) && { supplied: {} }),
    ...(preset !== undefined && { default: preset }),
  };
}

/** Argo takes numbers and truth values for text. */
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
