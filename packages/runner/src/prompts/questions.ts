import type { Task } from '@agentteam/volume';
import { oneLine, taskList } from './task-list.ts';
import type { Vocabulary } from './vocabulary.ts';

/* What an agent is asked when its turn has ended, before its step can end. */

/** A task that an agent started in the background and that is still running. */
export interface BackgroundTask {
  /** The agent CLI's own id of the task. */
  readonly id: string;
  readonly description: string;
}

export function openTasks(tasks: readonly Task[], { report }: Vocabulary): string {
  return `Your turn has ended, but these tasks of yours are not completed: ${taskList(tasks, withStatus)}. Finish them and set them to completed. If you cannot do them, call ${report} with the outcome failed or blocked and the reason.`;
}

export function reportedWithOpenTasks(tasks: readonly Task[], { report }: Vocabulary): string {
  return `You reported that you are done, but these tasks of yours are not completed: ${taskList(tasks, withStatus)}. Finish them and set them to completed, or call ${report} again with the outcome failed or blocked and the reason.`;
}

export function reportedWithBackground(
  tasks: readonly BackgroundTask[],
  { stopTask }: Vocabulary,
): string {
  return `You reported that you are done, but these background tasks are still running: ${backgroundList(tasks)}. If you need their results, end your turn; you are woken when they end. Stop the tasks that you do not need, such as servers, with ${stopTask}, and end your turn.`;
}

export function backgroundRunning(
  tasks: readonly BackgroundTask[],
  { stopTask }: Vocabulary,
): string {
  return `You are waiting for background tasks that have been running for a long time: ${backgroundList(tasks)}. Check whether they are making progress. Stop those that are not, and those that you do not need, with ${stopTask}. To keep waiting, end your turn.`;
}

/** Why an agent that has ended its turn has no report. */
export interface MissingReport {
  /** Why its last message cannot serve as one, as the end of a sentence. */
  readonly defect: string | undefined;
  /** What was wrong with its last call of the report tool, if it has called it. */
  readonly problem?: string;
}

export function askForReport({ defect, problem }: MissingReport, { report }: Vocabulary): string {
  const because =
    problem !== undefined
      ? ` Your call of ${report} was refused: ${problem}.`
      : defect === undefined
        ? ''
        : ` Your last message ${defect}.`;
  return `Your turn has ended, but you have not reported how you ended.${because} Call ${report} with the outcome, a summary of what you did, and the reason unless the outcome is completed. Then end your turn.`;
}

function withStatus({ id, subject, status }: Task): string {
  return `#${id} "${subject}" (${status})`;
}

function backgroundList(tasks: readonly BackgroundTask[]): string {
  return tasks.map(({ id, description }) => `${id} (${oneLine(description)})`).join(', ');
}
