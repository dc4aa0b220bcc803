import type { Conversation, Result } from '../conversation/conversation.ts';
import { listedTasks } from '../conversation/tasks.ts';
import { patternOf } from '../script/references.ts';
import type { ToolCall, Turn } from '../script/script.ts';
import { type CallId, parseCallId } from './call-id.ts';

interface Attempt extends CallId {
  readonly result: Result | undefined;
}

/** The calls of a turn that are still to be made: never made, failed and worth another try, interrupted. */
export function openCalls(
  agent: string,
  index: number,
  { tools = [] }: Turn,
  conversation: Conversation,
): readonly CallId[] {
  const attempts = attemptsOf(agent, index, conversation);
  return tools.flatMap((tool, call) => {
    const made = attempts.filter((attempt) => attempt.call === call);
    const next = nextAttempt(tool, made);
    return next === undefined ? [] : [{ turn: index, call, ...next }];
  });
}

/** The attempts at a turn's calls, in order. */
export function attemptsOf(
  agent: string,
  turn: number,
  { calls, results }: Conversation,
): readonly Attempt[] {
  return calls.flatMap(({ id }) => {
    const parsed = parseCallId(agent, id);
    return parsed?.turn === turn ? [{ ...parsed, result: results.get(id) }] : [];
  });
}

function nextAttempt(
  tool: ToolCall,
  made: readonly Attempt[],
): Pick<CallId, 'attempt' | 'check'> | undefined {
  const last = made.at(-1);
  if (last === undefined) return { attempt: 1, check: false };
  const attempt = last.attempt + 1;
  const { result, check } = last;
  if (result === undefined || result.interrupted) {
    // A task made twice would stay open for ever; of everything else, twice is better than never.
    return { attempt, check: check || ('name' in tool && tool.name === 'TaskCreate') };
  }
  if (check) return lists(result, tool) ? undefined : { attempt, check: false };
  const failed = made.filter(({ result }) => result?.isError === true && !result.interrupted);
  return result.isError && failed.length <= (tool.retries ?? 0)
    ? { attempt, check: false }
    : undefined;
}

function lists({ text }: Result, { input = {} }: ToolCall): boolean {
  const subject = patternOf(String(input['subject'] ?? ''));
  return listedTasks(text).some((task) => subject.test(task.subject));
}
