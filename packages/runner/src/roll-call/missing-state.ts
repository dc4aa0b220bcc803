import type { AgentState } from '@agentteam/contract';

/** Why a step never came to its work, by Argo's status of it. */
const NEVER_STARTED: Readonly<Record<string, string>> = {
  Skipped: 'It never started: its approval was not given.',
  Omitted: 'It never started: something that it depends on did not succeed.',
};

/**
 * The final state of a teammate that cannot write one itself any more.
 * @param status Argo's status of its step; empty where none was told.
 * @returns `undefined` for one that succeeded, or has said itself how it ended. One that was stopped (by
 * its own limit, or with its pod) has said why, and would go on if it could.
 */
export function missingState(
  name: string,
  status: string,
  earlier: AgentState | undefined,
  now: Date,
): AgentState | undefined {
  if (status === 'Succeeded') return undefined;
  const isOpen = earlier?.phase === 'running' || earlier?.phase === 'stopped';
  if (earlier !== undefined && !isOpen) return undefined;
  const at = now.toISOString();
  const begun = earlier ?? { name, attempt: 0, sessionId: '', startedAt: at, turns: 0 };
  const reason = NEVER_STARTED[status];
  if (earlier === undefined && reason !== undefined) {
    return { ...begun, phase: 'absent', endedAt: at, message: reason };
  }
  const words = status === '' ? 'without a status' : `as ${status}`;
  const own = earlier?.phase === 'stopped' ? earlier.message : undefined;
  const message = own ?? `Its step ended ${words}, before it could say why.`;
  return { ...begun, phase: 'failed', endedAt: at, message };
}
