import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus } from '@agentteam/argo';
import { type Decision, OUTPUTS, wholeSeconds } from '@agentteam/contract';
import { loadWorkflow, type RunDirectory, runDirectory, writeOnce } from './run-directory.ts';

/** What a person answered at a gate. */
export interface GateAnswer {
  readonly decision: Decision;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** What opens a gate that only a controller can open. */
  readonly proof?: string;
}

/** How a gate was closed, as its file says: by a person, or in words why nobody can answer any more. */
type Closing = GateAnswer | { readonly closed: string; readonly at: string };

/**
 * Answers a gate; also one that has not opened yet, which takes the answer when it does. The first
 * answer counts, whether an engine runs or not: it is a file that only one process can make.
 * @throws RangeError when the run has no such gate, or when it was answered already: by whom, and when.
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
    const known = gates.length === 0 ? 'it has none' : `its gates: ${gates.join(', ')}`;
    throw new RangeError(`this run has no gate ${step}; ${known}`);
  }
  const node = Object.values(workflow.status?.nodes ?? {}).find((n) => n.displayName === step);
  const { by, reason = '', proof } = who;
  const answer: GateAnswer = {
    ...{ decision, by, reason, at: new Date().toISOString() },
    ...(proof !== undefined && { proof }),
  };
  const isOpen = node === undefined || node.phase === 'Running';
  if (isOpen && writeOnce(fileOf(directory, step), JSON.stringify(answer))) return;
  throw new RangeError(alreadyWords(readClosing(directory, step) ?? closingOf(node)));
}

/** The answer that a person has given to a gate; undefined: none that counts. */
export function answerTo(directory: RunDirectory, step: string): GateAnswer | undefined {
  const closing = readClosing(directory, step);
  return closing !== undefined && 'decision' in closing ? closing : undefined;
}

/**
 * Closes a gate that nobody has answered.
 * @param why in words, for those who try to answer it later.
 * @returns false where somebody has: that answer counts.
 */
export function closeGate(directory: RunDirectory, step: string, why: string): boolean {
  const closing: Closing = { closed: why, at: new Date().toISOString() };
  if (writeOnce(fileOf(directory, step), JSON.stringify(closing))) return true;
  return answerTo(directory, step) === undefined;
}

/** Where a gate's closing lies: one that is removed can be answered anew. */
export function fileOf({ commands }: RunDirectory, step: string): string {
  return join(commands, `${step}.gate`);
}

function readClosing(directory: RunDirectory, step: string): Closing | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(directory, step), 'utf8')) as Closing;
  } catch {
    return undefined;
  }
}

/** Of a gate that an older release has closed. */
function closingOf(node: NodeStatus | undefined): Closing {
  const of = (name: string) =>
    node?.outputs?.parameters?.find((parameter) => parameter.name === name)?.value;
  const by = of(OUTPUTS.decidedBy);
  const at = node?.finishedAt ?? '';
  if (node?.phase !== 'Succeeded' || !by) return { closed: 'the gate is closed already', at };
  return { decision: of(OUTPUTS.decision) as Decision, by, reason: of(OUTPUTS.reason) ?? '', at };
}

function alreadyWords(closing: Closing): string {
  const at = closing.at === '' ? '' : ` at ${wholeSeconds(closing.at)}`;
  if ('closed' in closing) return `${closing.closed}${at}`;
  const { decision, by, reason } = closing;
  const done = decision === 'approve' ? 'approved' : 'rejected';
  return `it was ${done} already, by ${by}${at}${reason === '' ? '' : ` (${reason})`}`;
}
