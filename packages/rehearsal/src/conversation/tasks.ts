import type { Conversation } from './conversation.ts';

export interface SeenTask {
  readonly id: string;
  /** More than one if `(name)` at the end may be the owner or part of the subject. */
  readonly subjects: readonly string[];
  readonly owner: string | undefined;
}

/** With some models, Claude Code adds a reminder of the tokens that are left to each result. */
const CREATED = /^Task #(\d+) created successfully: (.*)(?:\n|$)/;
const LISTED = /^#(\d+) \[\w+\] (.+?)(?: \(([A-Za-z0-9-]+)\))?(?: \[blocked by [^\]]*\])?$/;

/** The tasks in the results of an agent's calls of TaskCreate and TaskList. */
export function seenTasks({ calls, results }: Conversation): readonly SeenTask[] {
  const tasks = new Map<string, SeenTask>();
  for (const { id, name } of calls) {
    const { text = '' } = results.get(id) ?? {};
    const found =
      name === 'TaskList' ? listedTasks(text) : name === 'TaskCreate' ? created(text) : [];
    for (const task of found) tasks.set(task.id, task);
  }
  return [...tasks.values()].toSorted((a, b) => Number(a.id) - Number(b.id));
}

/** Parses the result of TaskList, with lines such as `#1 [pending] Build it (worker) [blocked by #2]`. */
export function listedTasks(text: string): readonly SeenTask[] {
  return text.split('\n').flatMap((line) => {
    const [, id, subject, owner] = LISTED.exec(line) ?? [];
    if (id === undefined || subject === undefined) return [];
    const subjects = owner === undefined ? [subject] : [subject, `${subject} (${owner})`];
    return [{ id, subjects, owner }];
  });
}

function created(text: string): readonly SeenTask[] {
  const [, id, subject] = CREATED.exec(text) ?? [];
  return id === undefined || subject === undefined
    ? []
    : [{ id, subjects: [subject], owner: undefined }];
}
