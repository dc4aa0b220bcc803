import type { AgentState } from '@agentteam/contract';

/** Why a step never started, by Argo's status of it. */
const NEVER_STARTED: Readonly<Record<string, string>> = {
  Skipped: 'It never started, because its gate was not approved.',
  Omitted: 'It never started, because a step that it depends on did not succeed.',
};

/**
 * The final state of a teammate that can no longer write one itself.
 * @param status Argo's status of its step; empty when there is none.
 * @returns `undefined` for a teammate that succeeded, or that has written a final state itself. The
 *   state `stopped` is not final, but its message explains the end. `completed` is not final for a
 *   teammate that should have been repeated, and never started. The state has no message if the reason is
 *   known only to Argo, for example because the agent's setup failed.
 */
export function missingState(
  name: string,
  status: string,
  earlier: AgentState | undefined,
  now: Date,
): AgentState | undefined {
  if (status === 'Succeeded') return undefined;
  const at = now.toISOString();
  if (earlier?.phase === 'completed' && NEVER_STARTED[status] !== undefined) {
    // It completed before a retry, which could not repeat it. Its earlier report no longer counts.
    const { reported: _, report: __, ...begun } = earlier;
    return { ...begun, phase: 'failed', endedAt: at, message: NEVER_STARTED[status] };
  }
  const isOpen = earlier?.phase === 'running' || earlier?.phase === 'stopped';
  if (earlier !== undefined && !isOpen) return undefined;
  const unstarted = { name, attempt: 0, sessionId: '', startedAt: at, turns: 0 };
  const { message: earlierMessage, ...begun }: Omit<AgentState, 'phase'> = earlier ?? unstarted;
  const reason = NEVER_STARTED[status];
  if (earlier === undefined && reason !== undefined) {
    return { ...begun, phase: 'absent', endedAt: at, message: reason };
  }
  const own = earlier?.phase === 'stopped' ? earlierMessage : undefined;
  return { ...begun, phase: 'failed', endedAt: at, ...(own !== undefined && { message: own }) };
}
