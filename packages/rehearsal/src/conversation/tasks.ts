import type { Conversation } from './conversation.ts';

export interface SeenTask {
  readonly id: string;
  /** More than one where the list leaves open whether `(soon)` is an owner or ends the subject. */
  readonly subjects: readonly string[];
  readonly owner: string | undefined;
}

const CREATED = /^Task #(\d+) created successfully: (.*)$/;
const LISTED = /^#(\d+) \[\w+\] (.+?)(?: \(([A-Za-z0-9-]+)\))?(?: \[blocked by [^\]]*\])?$/;

/** The tasks that an agent has seen, as its calls of TaskCreate and TaskList showed them. */
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

/** The lines of TaskList's answer: `#1 [pending] Build it (worker) [blocked by #2]`. */
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
