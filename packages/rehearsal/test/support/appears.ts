import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Resolves when the file is there and not empty. */
export async function appears(path: string): Promise<void> {
  const watcher = watch(dirname(path));
  try {
    await new Promise<void>((resolve, reject) => {
      const look = async (): Promise<void> => {
        const found = await stat(path).catch(() => undefined);
        if (found !== undefined && found.size > 0) resolve();
      };
      watcher.on('change', (_, name) => {
        if (name === null || name.toString() === basename(path)) void look();
      });
      watcher.on('error', reject);
      void look();
    });
  } finally {
    watcher.close();
  }
}
