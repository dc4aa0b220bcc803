import type { MemberSpec } from '@agentteam/contract';
import { createTask, listTasks, type NativeTeam, type Task, updateTask } from '@agentteam/volume';
import { inDependencyOrder } from '../step/dependency-order.ts';

/** In a task's `metadata`, which Claude Code leaves alone: whose assignment this is. */
export const ASSIGNMENT = 'agentteam.assignment';

/** Characters of a subject: what Claude Code's task list shows on one line. */
const SUBJECT_LENGTH = 80;

/**
 * One task for each teammate, owned by it, blocked by those of its dependencies. Tasks that an
 * earlier attempt made are found again, and finished where it was killed half-way.
 */
export async function assignTasks(at: NativeTeam, members: readonly MemberSpec[]): Promise<void> {
  const assigned = new Map<unknown, Task>();
  for (const task of await listTasks(at)) assigned.set(task.metadata?.[ASSIGNMENT], task);
  const teammates = members.filter(({ role }) => role === 'teammate');
  for (const { name, prompt, dependsOn } of inDependencyOrder(teammates)) {
    const blockedBy = dependsOn.flatMap((other) => assigned.get(other)?.id ?? []);
    const task =
      assigned.get(name) ??
      (await createTask(at, {
        subject: subjectOf(prompt) || `Work of ${name}`,
        description: prompt,
        owner: name,
        blockedBy,
        metadata: { [ASSIGNMENT]: name },
      }));
    assigned.set(name, task);
    for (const blocker of blockedBy) await addBlocked(at, blocker, task.id);
  }
}

/** A task is written before its blockers hear of it: a kill in between leaves that to be done. */
async function addBlocked(at: NativeTeam, blocker: string, blocked: string): Promise<void> {
  await updateTask(at, blocker, ({ blocks }) => ({
    blocks: blocks.includes(blocked) ? blocks : [...blocks, blocked],
  }));
}

/** The first line that says something, cut at a word where it is too long. */
export function subjectOf(prompt: string): string {
  const line = prompt.split('\n').find((text) => text.trim() !== '') ?? '';
  const words = line.replace(/\s+/g, ' ').trim();
  if (words.length <= SUBJECT_LENGTH) return words;
  const cut = words.slice(0, SUBJECT_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.replace(/\s+\S{0,20}$/, '')}…`;
}
