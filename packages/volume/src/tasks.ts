import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskCounts } from '@agentteam/contract';
import { withLock } from './file/lock.ts';
import { isRecord, readUntrusted, readUntrustedJson } from './file/read.ts';
import { writeJson } from './file/write.ts';
import { type NativeTeam, taskDirectory } from './native-team.ts';

export const TASK_STATUSES = ['pending', 'in_progress', 'completed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A task as Claude Code keeps it. Without `blocks` and `blockedBy` its TaskList would not show it. */
export interface Task {
  /** Decimal number. */
  readonly id: string;
  readonly subject: string;
  readonly description: string;
  readonly activeForm?: string;
  readonly status: TaskStatus;
  readonly blocks: readonly string[];
  readonly blockedBy: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly owner?: string;
}

export type NewTask = Pick<Task, 'subject' | 'description'> &
  Partial<Pick<Task, 'activeForm' | 'blockedBy' | 'metadata' | 'owner'>>;

/** All tasks by id. Files that are not tasks are left out. */
export async function listTasks(at: NativeTeam): Promise<readonly Task[]> {
  const ids = await taskIds(at);
  const tasks = await Promise.all(ids.map((id) => readTask(at, id)));
  return tasks.filter((task) => task !== undefined);
}

export async function readTask(at: NativeTeam, id: string): Promise<Task | undefined> {
  const value = await readUntrustedJson(taskFile(at, id));
  return isTask(value, id) ? value : undefined;
}

/** Makes a task under the next free id, as TaskCreate does. */
export async function createTask(at: NativeTeam, task: NewTask): Promise<Task> {
  const directory = taskDirectory(at);
  await mkdir(directory, { recursive: true });
  const lockFile = join(directory, '.lock');
  await writeFile(lockFile, '', { flag: 'a' });
  return withLock(lockFile, async (lock) => {
    const highest = Math.max(0, await highWaterMark(directory), ...(await taskIds(at)).map(Number));
    const { subject, description, activeForm, metadata, owner, blockedBy = [] } = task;
    const created: Task = {
      id: String(highest + 1),
      subject,
      description,
      ...(activeForm === undefined ? {} : { activeForm }),
      status: 'pending',
      blocks: [],
      blockedBy,
      ...(metadata === undefined ? {} : { metadata }),
      ...(owner === undefined ? {} : { owner }),
    };
    lock.assertHeld();
    await writeJson(taskFile(at, created.id), created);
    for (const blocker of blockedBy) {
      await updateTask(at, blocker, ({ blocks }) => ({ blocks: [...blocks, created.id] }));
    }
    return created;
  });
}

/**
 * Changes fields of a task under its lock.
 * @param change gets the task as it is now; what it returns is merged into it.
 * @returns the task as it is then, or `undefined` if there is none.
 */
export async function updateTask(
  at: NativeTeam,
  id: string,
  change: (task: Task) => Partial<Omit<Task, 'id'>>,
): Promise<Task | undefined> {
  return withLock(taskFile(at, id), async (lock) => {
    const task = await readTask(at, id);
    if (task === undefined) return undefined;
    const changed = { ...task, ...change(task) };
    lock.assertHeld();
    await writeJson(taskFile(at, id), changed);
    return changed;
  });
}

/** How many tasks there are in each state; of one owner, if given. */
export function countTasks(tasks: readonly Task[], owner?: string): TaskCounts {
  const own = owner === undefined ? tasks : tasks.filter((task) => task.owner === owner);
  const count = (status: TaskStatus) => own.filter((task) => task.status === status).length;
  return {
    total: own.length,
    completed: count('completed'),
    inProgress: count('in_progress'),
    pending: count('pending'),
  };
}

function taskFile(at: NativeTeam, id: string): string {
  if (!/^[0-9]{1,15}$/.test(id)) throw new RangeError(`not a task id: ${JSON.stringify(id)}`);
  return join(taskDirectory(at), `${id}.json`);
}

async function taskIds(at: NativeTeam): Promise<readonly string[]> {
  const names = await readdir(taskDirectory(at)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names
    .flatMap((name) => /^([0-9]{1,15})\.json$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
}

/** Claude Code notes the highest id that was deleted, so that it is not given again. */
async function highWaterMark(directory: string): Promise<number> {
  const text = (await readUntrusted(join(directory, '.highwatermark'), 64)) ?? '';
  return /^\s*[0-9]{1,15}\s*$/.test(text) ? Number(text) : 0;
}

function isTask(value: unknown, id: string): value is Task {
  return (
    isRecord(value) &&
    value['id'] === id &&
    typeof value['subject'] === 'string' &&
    typeof value['description'] === 'string' &&
    TASK_STATUSES.some((status) => status === value['status']) &&
    isStrings(value['blocks']) &&
    isStrings(value['blockedBy']) &&
    (value['owner'] === undefined || typeof value['owner'] === 'string')
  );
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
