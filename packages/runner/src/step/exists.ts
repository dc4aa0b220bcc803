import { stat } from 'node:fs/promises';

/** Whether a path exists. For a symbolic link, whether its target does. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
