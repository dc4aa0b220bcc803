import { type AgentState, ALL_ENDED, formatReport } from '@agentteam/contract';
import { cutTexts } from '@agentteam/text';
import { LIMITS } from '@agentteam/volume';
import type { Vocabulary } from './vocabulary.ts';

/** The reports of several agents. If they are too long for one prompt, the longest are cut. */
export function reportTexts(states: readonly AgentState[]): string {
  const reports = states.map(textOf);
  const texts = cutTexts(reports, LIMITS.reportsCharacters);
  return states
    .map(({ name, phase }, index) => formatReport({ from: name, phase, text: texts[index] ?? '' }))
    .join('\n\n');
}

/** The message says why an agent failed; its report can be an ordinary last text. */
function textOf({ phase, report, message }: AgentState): string {
  const parts = phase === 'completed' ? [report ?? message] : [message, report];
  return parts.filter(Boolean).join('\n\n') || '(no report)';
}

/**
 * The lead's last message: it has nothing more to wait for.
 * @param isCoding whether the teammates' work was merged into the lead's worktree.
 */
export function allEnded(
  states: readonly AgentState[],
  isCoding: boolean,
  { report }: Vocabulary,
): string {
  const merged = isCoding ? ' Their work is merged into your worktree.' : '';
  return `${ALL_ENDED}${merged}\n\n${reportTexts(states)}\n\nFinish the remaining work, complete your own tasks, and report the team's outcome with ${report}.`;
}
