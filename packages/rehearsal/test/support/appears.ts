import { watch } from 'node:fs';

/** Resolves when a condition on files of this directory is true. A missing file counts as false. */
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
