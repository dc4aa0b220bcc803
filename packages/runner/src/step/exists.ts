import { stat } from 'node:fs/promises';

/** Whether there is something at a path, a link's target for the link. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
