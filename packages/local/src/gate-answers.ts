import { join } from 'node:path';
import type { NodeStatus } from '@agentteam/argo';
import {
  DECISIONS,
  type Decision,
  isRecord,
  OUTPUTS,
  parseJson,
  readTime,
  wholeSeconds,
} from '@agentteam/contract';
import {
  loadWorkflow,
  type RunDirectory,
  readPlainFile,
  runDirectory,
  writeOnce,
} from './run-directory.ts';

/** A person's answer to a gate. */
export interface GateAnswer {
  readonly decision: Decision;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** Opens a gate that only the controller can open. */
  readonly proof?: string;
}

/** The content of a gate's file: an answer, or the reason why the gate can no longer be answered. */
type Closing = GateAnswer | { readonly closed: string; readonly at: string };

/**
 * Answers a gate. The answer to a gate that is not open yet applies when it opens. The first answer
 * counts: it is a file that only one process can create, whether or not an engine runs.
 * @throws RangeError when the run has no such gate, or when the gate was answered before; the message
 * then says by whom and when.
 */
export function decide(
  root: string,
  step: string,
  decision: Decision,
  who: { readonly by: string; readonly reason?: string; readonly proof?: string },
): void {
  const directory = runDirectory(root);
  const workflow = loadWorkflow(directory);
  const templates = new Map(workflow.spec.templates?.map((template) => [template.name, template]));
  const gates = [...templates.values()]
    .flatMap((template) => template.dag?.tasks ?? [])
    .filter((task) => templates.get(task.template ?? '')?.suspend !== undefined)
    .map((task) => task.name);
  if (!gates.includes(step)) {
    const known = gates.length === 0 ? 'it has no gates' : `its gates are ${gates.join(', ')}`;
    throw new RangeError(`the run has no gate ${step}; ${known}`);
  }
  const node = Object.values(workflow.status?.nodes ?? {}).find((n) => n.displayName === step);
  const { by, reason = '', proof } = who;
  const answer: GateAnswer = {
    ...{ decision, by, reason, at: new Date().toISOString() },
    ...(proof !== undefined && { proof }),
  };
  const isOpen = node === undefined || node.phase === 'Running';
  if (isOpen && writeOnce(gateFile(directory, step), JSON.stringify(answer))) return;
  throw new RangeError(closedMessage(readClosing(directory, step) ?? closingOf(node)));
}

/** The answer to a gate; undefined if nobody has answered it. */
export function answerTo(directory: RunDirectory, step: string): GateAnswer | undefined {
  const closing = readClosing(directory, step);
  return closing !== undefined && 'decision' in closing ? closing : undefined;
}

/**
 * Closes a gate so that it can no longer be answered.
 * @param why the error message for later answers.
 * @returns false if a person has answered the gate before.
 */
export function closeGate(directory: RunDirectory, step: string, why: string): boolean {
  const closing: Closing = { closed: why, at: new Date().toISOString() };
  if (writeOnce(gateFile(directory, step), JSON.stringify(closing))) return true;
  return answerTo(directory, step) === undefined;
}

/** The file with a gate's answer. When it is removed, the gate can be answered again. */
export function gateFile({ commands }: RunDirectory, step: string): string {
  return join(commands, `${step}.gate`);
}

function readClosing(directory: RunDirectory, step: string): Closing | undefined {
  let value: unknown;
  try {
    value = parseJson(readPlainFile(gateFile(directory, step)));
  } catch {
    return undefined;
  }
  return isRecord(value) ? toClosing(value) : undefined;
}

/** A run from somebody else can have anything in the place of an answer. */
function toClosing(value: Readonly<Record<string, unknown>>): Closing | undefined {
  const { closed, by, reason, proof } = value;
  const at = readTime(value['at']);
  if (at === undefined) return undefined;
  if (typeof closed === 'string') return { closed, at };
  const decision = DECISIONS.find((one) => one === value['decision']);
  if (decision === undefined || typeof by !== 'string' || typeof reason !== 'string') {
    return undefined;
  }
  return { decision, by, reason, at, ...(typeof proof === 'string' && { proof }) };
}

/** Reads the closing from the node of a gate that an earlier release has closed. */
function closingOf(node: NodeStatus | undefined): Closing {
  const of = (name: string) =>
    node?.outputs?.parameters?.find((parameter) => parameter.name === name)?.value;
  const by = of(OUTPUTS.decidedBy);
  const at = node?.finishedAt ?? '';
  if (node?.phase !== 'Succeeded' || !by) return { closed: 'the gate is already closed', at };
  return { decision: of(OUTPUTS.decision) as Decision, by, reason: of(OUTPUTS.reason) ?? '', at };
}

function closedMessage(closing: Closing): string {
  const at = closing.at === '' ? '' : ` at ${wholeSeconds(closing.at)}`;
  if ('closed' in closing) return `${closing.closed}${at}`;
  const { decision, by, reason } = closing;
  const done = decision === 'approve' ? 'approved' : 'rejected';
  return `it was already ${done} by ${by}${at}${reason === '' ? '' : ` (${reason})`}`;
}
