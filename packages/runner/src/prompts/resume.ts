import type { AgentSpec, AgentState } from '@agentteam/contract';
import { reportTexts } from './reports.ts';

/* Messages to an agent whose session continues. */

export const RESTARTED =
  'Your process was restarted in the middle of your turn. Continue where you left off, but first check what is already done.';

export const CONNECTION_LOST =
  'The connection to the API was lost in the middle of your turn. Continue where you left off, but first check what is already done.';

/** For an agent that a person has interrupted, and that got no message from anyone. @param by name of the person. */
export function interruptExpired(by: string): string {
  return `${by} interrupted your turn and has not written since. Continue where you left off.`;
}

export const PLAN_ACCEPTED = 'Your plan is accepted. Carry it out.';

/**
 * For an agent that is started again after it reported a failure, which no longer counts.
 * @param failure the end of a sentence about the agent: `reported blocked: …`.
 */
export function retryAfterFailure(failure: string): string {
  return `Your step is running again. In the last attempt you ${failure}\nCheck whether the cause is gone, finish the work, and report again.`;
}

/**
 * For an agent that has worked before, on another task or from other work.
 * @param dependencies the final states of the agents that this agent depends on.
 */
export function workChanged(spec: AgentSpec, dependencies: readonly AgentState[]): string {
  return [
    'Your task, or the work that you start from, has changed since you last worked on it. This is your task now:',
    spec.prompt,
    ...(dependencies.length > 0
      ? [`This is the work that you start from:\n\n${reportTexts(dependencies)}`]
      : []),
    'Compare what you have done with this, change what differs, and report again.',
  ].join('\n\n');
}
