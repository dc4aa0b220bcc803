import type { AgentState } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';

type States = ReadonlyMap<string, AgentState>;

/** Whether an agent will not work any more: it completed, failed for good, or never started. */
export function hasEnded({ phase }: AgentState): boolean {
  return phase === 'completed' || phase === 'failed' || phase === 'absent';
}

/** The tasks of an agent that are not completed, and those of them that nothing blocks. */
export function openTasksOf(
  agent: string,
  tasks: readonly Task[],
  states: States,
): { readonly open: readonly Task[]; readonly ready: readonly Task[] } {
  const open = tasks.filter(({ owner, status }) => owner === agent && status !== 'completed');
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return { open, ready: open.filter((task) => !isBlocked(task, byId, states)) };
}

/** An agent that has ended will not complete its tasks, so they block nothing. */
function isBlocked(task: Task, tasks: ReadonlyMap<string, Task>, states: States): boolean {
  return task.blockedBy.some((id) => {
    const blocker = tasks.get(id);
    if (blocker === undefined || blocker.status === 'completed') return false;
    const owner = states.get(blocker.owner ?? '');
    return owner === undefined || !hasEnded(owner);
  });
}
