import type { AgentState } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';

type States = ReadonlyMap<string, AgentState>;

/** Completed, failed for good, or never come. */
export function hasEnded(state: AgentState): boolean {
  return state.phase === 'completed' || state.phase === 'failed' || state.phase === 'absent';
}

/** What an agent has left to do, and of that what nothing holds up. */
export function openTasksOf(
  agent: string,
  tasks: readonly Task[],
  states: States,
): { readonly open: readonly Task[]; readonly ready: readonly Task[] } {
  const open = tasks.filter(({ owner, status }) => owner === agent && status !== 'completed');
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return { open, ready: open.filter((task) => !isBlocked(task, byId, states)) };
}

/** A task whose blocker belongs to an agent that has ended will never be unblocked by it. */
function isBlocked(task: Task, tasks: ReadonlyMap<string, Task>, states: States): boolean {
  return task.blockedBy.some((id) => {
    const blocker = tasks.get(id);
    if (blocker === undefined || blocker.status === 'completed') return false;
    const owner = states.get(blocker.owner ?? '');
    return owner === undefined || !hasEnded(owner);
  });
}
