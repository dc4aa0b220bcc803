import { execute } from '../../src/index.ts';
import { shellOptions } from './shell-options.ts';

/** An engine in a process of its own, so that it can be killed: `engine-process.ts RUN-DIRECTORY`. */
const [root = ''] = process.argv.slice(2);
await execute(root, shellOptions());
