import { afterEach, test } from '@jest/globals';
import { blocksOf, documents } from '../../packages/cli/test/documents/blocks.ts';
import { Stage } from './stage.ts';

/** Of a document: several teams run in it, one after the other. */
const TIMEOUT = 900_000;

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const tried = documents()
  .map((document) => {
    const blocks = blocksOf(document).filter(({ exitCode }) => exitCode !== undefined);
    return { document, blocks };
  })
  .filter(({ blocks }) => blocks.length > 0);

test.each(tried)(
  'who does what $document says, from top to bottom, gets through',
  async ({ blocks }) => {
    stage = await Stage.open();
    // A page that does not tell how the product is installed is read where it is.
    if (!blocks.some(({ text }) => text.includes('helm install'))) await stage.install();
    for (const block of blocks) await stage.run(block);
  },
  TIMEOUT,
);
