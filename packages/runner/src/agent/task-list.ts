import type { Task } from '@agentteam/volume';

/** Any agent can write any number of tasks in any agent's name. */
const MOST_TASKS = 50;
const SUBJECT_LENGTH = 200;

/** Tasks as a prompt or a message names them, each on one line: `#1 "Write the tests" (pending)`. */
export function taskList(tasks: readonly Task[]): string {
  const shown = tasks
    .slice(0, MOST_TASKS)
    .map(({ id, subject, status }) => `#${id} "${oneLine(subject)}" (${status})`);
  const more = tasks.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function oneLine(text: string): string {
  const line = text.slice(0, SUBJECT_LENGTH).replaceAll(/\s+/g, ' ');
  return text.length > SUBJECT_LENGTH ? `${line}…` : line;
}
