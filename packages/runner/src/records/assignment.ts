/**
 * Key in a task's `metadata`, which Claude Code leaves alone. Its value is the name of the teammate
 * whose prompt the task was made from.
 */
export const ASSIGNMENT = 'agentteam.assignment';
