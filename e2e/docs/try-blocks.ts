import { afterEach, test } from '@jest/globals';
import { blocksOf, documents } from '../../packages/cli/test/documents/blocks.ts';
import { Stage } from './stage.ts';

/** For one document, which runs several teams one after the other. */
const TIMEOUT = 900_000;

/** Defines a test for each of these documents that has blocks to try. */
export function tryBlocks(isWanted: (document: string) => boolean): void {
  let stage: Stage | undefined;
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  const tried = documents()
    .filter(isWanted)
    .map((document) => {
      const blocks = blocksOf(document).filter(({ exitCode }) => exitCode !== undefined);
      return { document, blocks };
    })
    .filter(({ blocks }) => blocks.length > 0);

  test.each(tried)(
    'every block of $document works, from top to bottom',
    async ({ blocks }) => {
      stage = await Stage.open();
      // A page without installation instructions assumes that agentteam is installed.
      if (!blocks.some(({ text }) => text.includes('helm install'))) await stage.install();
      for (const block of blocks) await stage.run(block);
    },
    TIMEOUT,
  );
}

/** Whether a document takes the reader from nothing to the first run with a toolchain or a provider. */
export function isFirstRun(document: string): boolean {
  return /^docs\/(toolchains|providers)\//.test(document);
}
