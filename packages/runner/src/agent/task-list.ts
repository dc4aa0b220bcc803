import { visible } from '@agentteam/text';
import type { Task } from '@agentteam/volume';

/** Any agent can write any number of tasks in any agent's name. */
const MOST_TASKS = 50;
const SUBJECT_LENGTH = 200;

/** Tasks as a prompt or a message names them, separated by commas. */
export function taskList(
  tasks: readonly Task[],
  describe: (task: Task) => string = ({ id, subject }) => `#${id} "${subject}"`,
): string {
  const shown = tasks
    .slice(0, MOST_TASKS)
    .map((task) => describe({ ...task, subject: oneLine(task.subject) }));
  const more = tasks.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** A subject that cannot end the quotes around it: what follows these are the runner's own words. */
export function oneLine(text: string): string {
  const line = visible(text.slice(0, SUBJECT_LENGTH)).replaceAll(/\s+/g, ' ').replaceAll('"', "'");
  return text.length > SUBJECT_LENGTH ? `${line}…` : line;
}
