import { isFirstRun, tryBlocks } from './try-blocks.ts';

tryBlocks((document) => !isFirstRun(document));
