import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, type Notice, type TaskCounts } from '@agentteam/contract';
import { LIMITS } from './file/limits.ts';
import { listNames } from './file/list.ts';
import { withLock } from './file/lock.ts';
import { inCreatedDirectory, inDirectory, rethrowBlocked } from './file/open-directory.ts';
import { type JsonReading, readJsonOfAgent, readUntrusted, refusalOf } from './file/read.ts';
import { replaceJson } from './file/write.ts';
import { type NativeTeam, nativeName } from './native-team.ts';

const TASK_STATUSES = ['pending', 'in_progress', 'completed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A task as Claude Code stores it. Its TaskList does not show tasks without `blocks` and `blockedBy`. */
export interface Task {
  /** A decimal number. */
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

/** Lists the tasks, sorted by id, up to {@link LIMITS}. Files that are not tasks are skipped. */
export async function listTasks(at: NativeTeam): Promise<readonly Task[]> {
  return (await readTasks(at)).tasks;
}

export interface ReadTasks {
  readonly tasks: readonly Task[];
  readonly notices: readonly Notice[];
}

/** Like {@link listTasks}, with notices about what was not read. */
export async function readTasks(at: NativeTeam): Promise<ReadTasks> {
  const place = `tasks/${nativeName(at.team)}`;
  const read = inDirectory(at.tasks, [nativeName(at.team)], (path) => readAll(path, place));
  const found = await read.catch((error: unknown) => ({
    tasks: [],
    notices: [{ place, message: `${place} ${refusalOf(error).refused}, so no task was read.` }],
  }));
  return found ?? { tasks: [], notices: [] };
}

async function readAll(directory: string, place: string): Promise<ReadTasks> {
  const { names, cut } = await listNames(directory);
  const ids = taskIds(names);
  const tasks: Task[] = [];
  const refused: string[] = [];
  let bytes = 0;
  let next = 0;
  // If the directory has too many names to list, the team's first tasks are read by number.
  const wanted = (cut ? FIRST_IDS : ids).slice(0, LIMITS.tasks);
  while (next < wanted.length && bytes <= LIMITS.tasksBytes) {
    const some = wanted.slice(next, next + READ_AT_ONCE);
    next += some.length;
    const readings = await Promise.all(some.map((id) => readOne(directory, id)));
    for (const [index, reading] of readings.entries()) {
      const id = some[index] ?? '';
      if ('refused' in reading) refused.push(`${id}.json ${reading.refused}`);
      if (!('value' in reading)) continue;
      bytes += reading.bytes;
      if (isTask(reading.value, id)) tasks.push(reading.value);
    }
  }
  const left = ids.length - next;
  return {
    tasks,
    notices: [
      ...(cut || left > 0
        ? [{ place, message: tooMany(place, cut ? undefined : left, tasks) }]
        : []),
      ...(refused.length > 0
        ? [
            {
              place,
              message: `${refused.length} of the tasks in ${place} cannot be read: ${refused[0]}.`,
            },
          ]
        : []),
    ],
  };
}

/** Tasks that are read at the same time. Each may take a megabyte of memory. */
const READ_AT_ONCE = 16;

const FIRST_IDS: readonly string[] = Array.from({ length: LIMITS.tasks }, (_, index) =>
  String(index + 1),
);

/** @param left the number of tasks that were not read; `undefined` if it is not known. */
function tooMany(place: string, left: number | undefined, tasks: readonly Task[]): string {
  const excess = left === undefined ? `more than ${LIMITS.names} files` : `${left} tasks too many`;
  const [owner, count] = mostFrequent(tasks.flatMap((task) => task.owner ?? []));
  const claim =
    owner !== undefined && count * 2 > tasks.length
      ? ` Most of them name ${owner} as their owner, but any agent can write that.`
      : '';
  return `${place} has ${excess}; only ${tasks.length} tasks were read.${claim}`;
}

function mostFrequent(names: readonly string[]): readonly [string | undefined, number] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [first = [undefined, 0] as const] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return first;
}

export async function readTask(at: NativeTeam, id: string): Promise<Task | undefined> {
  const name = taskName(id);
  const reading = await inDirectory(at.tasks, [nativeName(at.team)], (path) =>
    readJsonOfAgent(join(path, name), LIMITS.taskBytes, LIMITS.taskValues),
  ).catch(refusalOf);
  const value = reading !== undefined && 'value' in reading ? reading.value : undefined;
  return isTask(value, id) ? value : undefined;
}

async function readOne(directory: string, id: string): Promise<JsonReading> {
  return readJsonOfAgent(join(directory, taskName(id)), LIMITS.taskBytes, LIMITS.taskValues);
}

const LOCK_FILE =
  constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Creates a task with the next free id, as TaskCreate does. */
export async function createTask(at: NativeTeam, task: NewTask): Promise<Task> {
  return inCreatedDirectory(at.tasks, [nativeName(at.team)], async (directory) => {
    const lockFile = join(directory, '.lock');
    const file = await open(lockFile, LOCK_FILE, 0o644).catch((error: unknown) =>
      rethrowBlocked('.lock', 'cannot be opened', error),
    );
    await file.close();
    return withLock(lockFile, async (lock) => {
      const ids = taskIds((await listNames(directory)).names).map(Number);
      const highest = Math.max(await highWaterMark(directory), ids.at(-1) ?? 0);
      const { subject, description, activeForm, metadata, owner, blockedBy = [] } = task;
      const created: Task = {
        id: String(highest + 1),
        subject,
        description,
        ...(activeForm !== undefined && { activeForm }),
        status: 'pending',
        blocks: [],
        blockedBy,
        ...(metadata !== undefined && { metadata }),
        ...(owner !== undefined && { owner }),
      };
      lock.assertHeld();
      await replaceJson(join(directory, taskName(created.id)), created);
      for (const blocker of blockedBy) {
        await updateTask(at, blocker, ({ blocks }) => ({ blocks: [...blocks, created.id] }));
      }
      return created;
    });
  });
}

/**
 * Changes fields of a task under its lock.
 * @param change gets the current task, and returns the fields to change.
 * @returns the changed task; `undefined` if there is no such task.
 */
export async function updateTask(
  at: NativeTeam,
  id: string,
  change: (task: Task) => Partial<Omit<Task, 'id'>>,
): Promise<Task | undefined> {
  const name = taskName(id);
  return inCreatedDirectory(at.tasks, [nativeName(at.team)], (directory) =>
    withLock(join(directory, name), async (lock) => {
      const task = await readTask(at, id);
      if (task === undefined) return undefined;
      const changed = { ...task, ...change(task) };
      lock.assertHeld();
      await replaceJson(join(directory, name), changed);
      return changed;
    }),
  );
}

/** Counts tasks by status. @param owner counts only the tasks of this agent. */
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

function taskName(id: string): string {
  if (!/^[0-9]{1,15}$/.test(id)) throw new RangeError(`not a task id: ${JSON.stringify(id)}`);
  return `${id}.json`;
}

/** Picks the ids of tasks out of file names, sorted by number. */
function taskIds(names: readonly string[]): readonly string[] {
  return names
    .flatMap((name) => /^([0-9]{1,15})\.json$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
}

/** Claude Code stores the highest id of a deleted task, so that it is not used again. */
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
