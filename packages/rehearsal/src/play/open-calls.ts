import type { Conversation, Result } from '../conversation/conversation.ts';
import { listedTasks } from '../conversation/tasks.ts';
import { patternOf } from '../script/references.ts';
import type { ToolCall, Turn } from '../script/script.ts';
import { type CallId, parseCallId } from './call-id.ts';

/** How often a call is made while the disk is full. A run is interrupted then, and resumed when there is space. */
const MAX_ON_FULL_DISK = 20;

interface Attempt extends CallId {
  readonly result: Result | undefined;
  /** Whether it is in the agent's last message. */
  readonly newest: boolean;
}

/** The calls of a turn that must still be made: new ones, failed ones with retries left, interrupted ones. */
export function openCalls(
  agent: string,
  index: number,
  { tools = [], isInterrupted = false }: Turn,
  conversation: Conversation,
): readonly CallId[] {
  const attempts = attemptsOf(agent, index, conversation);
  return tools.flatMap((tool, call) => {
    const made = attempts.filter((attempt) => attempt.call === call);
    const isOver = isInterrupted && made.at(-1)?.result?.stopped === true;
    const next = isOver ? undefined : nextAttempt(tool, made);
    const attempt = (made.at(-1)?.attempt ?? 0) + 1;
    return next === undefined ? [] : [{ turn: index, call, attempt, check: next === 'check' }];
  });
}

/** All attempts at the calls of a turn, in order. */
export function attemptsOf(
  agent: string,
  turn: number,
  { calls, results, agentMessages }: Conversation,
): readonly Attempt[] {
  const newest = agentMessages.at(-1)?.calls ?? [];
  return calls.flatMap((call) => {
    const parsed = parseCallId(agent, call.id);
    if (parsed?.turn !== turn) return [];
    return [{ ...parsed, result: results.get(call.id), newest: newest.includes(call) }];
  });
}

function nextAttempt(tool: ToolCall, made: readonly Attempt[]): 'call' | 'check' | undefined {
  const last = made.at(-1);
  const { result } = last ?? {};
  const isRepeated = result?.diskWasFull === true && made.length < MAX_ON_FULL_DISK;
  if (last === undefined || result === undefined || result.interrupted || isRepeated) {
    return isTaskCreate(tool) ? 'check' : 'call';
  }
  if (last.check) {
    if (lists(result, tool)) return undefined;
    return last.newest ? 'call' : 'check';
  }
  const failures = made.filter(({ result }) => result?.isError === true && !result.interrupted);
  return result.isError && failures.length <= (tool.retries ?? 0) ? 'call' : undefined;
}

/**
 * The CLI runs a tool before it records the call, so a CLI that is killed in between makes the call
 * again. Most tools may run twice, but a task that is created twice stays open for ever. For TaskCreate,
 * the task list is checked first.
 */
function isTaskCreate(tool: ToolCall): boolean {
  return 'name' in tool && tool.name === 'TaskCreate';
}

function lists({ text }: Result, { input = {} }: ToolCall): boolean {
  const subject = patternOf(String(input['subject'] ?? ''));
  return listedTasks(text).some(({ subjects }) => subjects.some((text) => subject.test(text)));
}
