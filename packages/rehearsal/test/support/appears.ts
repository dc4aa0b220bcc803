import { watch } from 'node:fs';

/** Resolves when a condition on files of this directory holds; a file that is missing is not it. */
export async function appears(directory: string, holds: () => Promise<boolean>): Promise<void> {
  const watcher = watch(directory);
  try {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        holds().then(
          (held) => held && resolve(),
          () => {},
        );
      };
      watcher.on('change', look);
      watcher.on('error', reject);
      look();
    });
  } finally {
    watcher.close();
  }
}
