import { visible } from '@agentteam/text';
import type { Task } from '@agentteam/volume';

/** Any agent can write any number of tasks under any owner, so the list has limits. */
const MAX_TASKS = 50;
const MAX_SUBJECT = 200;

/** Formats tasks for a prompt or a message, separated by commas. */
export function taskList(
  tasks: readonly Task[],
  describe: (task: Task) => string = ({ id, subject }) => `#${id} "${subject}"`,
): string {
  const shown = tasks
    .slice(0, MAX_TASKS)
    .map((task) => describe({ ...task, subject: oneLine(task.subject) }));
  const more = tasks.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/**
 * Puts an agent's text on one line. The text cannot end the quotes around it and so pass for text from the
 * runner.
 */
export function oneLine(text: string): string {
  const line = visible(text.slice(0, MAX_SUBJECT)).replaceAll(/\s+/g, ' ').replaceAll('"', "'");
  return text.length > MAX_SUBJECT ? `${line}…` : line;
}
