// A file of its own, so that it runs beside the other documents.
import { isFirstRun, tryBlocks } from './try-blocks.ts';

tryBlocks(isFirstRun);
