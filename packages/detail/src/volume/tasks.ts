import { cutText, cutTexts } from '@agentteam/text';
import type { Task } from '@agentteam/volume';
import type { TaskDetail } from '../detail.ts';

/** Characters of all descriptions, and of all subjects. Any agent can write 16 Mi of them, in three bytes each. */
const DESCRIPTIONS = 2_097_152; // 2 Mi
const SUBJECTS = 262_144; // 256 Ki
const LONGEST_NAME = 256;
const MOST_BLOCKERS = 100;

/** The tasks of a team as people see them, within limits for all of them together. */
export function tasksDetail(tasks: readonly Task[]): readonly TaskDetail[] {
  const subjects = cutTexts(
    tasks.map(({ subject }) => subject),
    SUBJECTS,
  );
  const descriptions = cutTexts(
    tasks.map(({ description }) => description),
    DESCRIPTIONS,
  );
  return tasks.map(({ id, owner, status, blockedBy }, index) => ({
    id,
    subject: subjects[index] ?? '',
    description: descriptions[index] ?? '',
    status,
    blockedBy: blockedBy.slice(0, MOST_BLOCKERS).map((one) => cutText(one, LONGEST_NAME)),
    ...(owner !== undefined && { owner: cutText(owner, LONGEST_NAME) }),
  }));
}
