import type { MemberSpec } from '@agentteam/contract';
import { createTask, listTasks, type NativeTeam, type Task, updateTask } from '@agentteam/volume';
import { ASSIGNMENT } from '../records/assignment.ts';
import { inDependencyOrder } from '../step/dependency-order.ts';

/** Characters of a subject that Claude Code's task list shows on one line. */
const SUBJECT_LENGTH = 80;

/**
 * Makes a task for each teammate, which owns it. The tasks of its dependencies block it. Tasks of an
 * earlier attempt are kept, and completed if that attempt was killed half-way.
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

/** A killed attempt may have written a task, but not yet added it to its blockers. */
async function addBlocked(at: NativeTeam, blocker: string, blocked: string): Promise<void> {
  await updateTask(at, blocker, ({ blocks }) => ({
    blocks: blocks.includes(blocked) ? blocks : [...blocks, blocked],
  }));
}

/** The first line that is not blank, cut between words when it is too long. */
export function subjectOf(prompt: string): string {
  const line = prompt.split('\n').find((one) => one.trim() !== '') ?? '';
  const text = line.replace(/\s+/g, ' ').trim();
  if (text.length <= SUBJECT_LENGTH) return text;
  const cut = text.slice(0, SUBJECT_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.replace(/\s+\S{0,20}$/, '')}…`;
}
