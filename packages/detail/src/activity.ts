import { type AgentLive, providerWaitReason } from '@agentteam/contract';
import type { AgentActivity, AgentSpan } from './detail.ts';

/**
 * What a running agent is doing now.
 * @param spans all its spans; those that go on have no end.
 */
export function activityOf(
  live: AgentLive | undefined,
  spans: readonly AgentSpan[],
): AgentActivity | undefined {
  if (live?.waiting !== undefined) {
    const { waiting } = live;
    return { kind: 'waiting-provider', text: providerWaitReason(waiting), since: waiting.since };
  }
  const open = spans.filter(({ to }) => to === undefined);
  const tool = open.findLast(({ kind }) => kind === 'tool');
  if (tool !== undefined) return { kind: 'tool', text: tool.name, since: tool.from };
  const ended = spans.flatMap(({ kind, to }) => (kind === 'attempt' || to === undefined ? [] : to));
  const last = ended.toSorted().at(-1);
  const turn = open.findLast(({ kind }) => kind === 'turn');
  if (turn !== undefined) {
    // The model has been working since the latest result of a tool.
    const since = last === undefined || last < turn.from ? turn.from : last;
    return { kind: 'thinking', text: '', since };
  }
  const begin = open.find(({ kind }) => kind === 'attempt')?.from;
  const since = last ?? begin;
  return since === undefined ? undefined : { kind: 'waiting-mail', text: '', since };
}
