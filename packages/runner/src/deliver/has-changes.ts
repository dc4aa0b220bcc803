import { inStore } from '../git/places.ts';
import type { TeamRepository } from '../git/repository.ts';
import { changesBetween } from '../git/scope/changes.ts';

/** Whether the result differs from what the team started with. */
export async function hasChanges(
  repository: TeamRepository,
  tip: string,
  signal: AbortSignal,
): Promise<boolean> {
  const options = inStore(repository, signal);
  return (await changesBetween(repository.base, tip, options)).length > 0;
}
