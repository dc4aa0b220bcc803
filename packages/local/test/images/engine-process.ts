import { execute } from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';

/** An engine with podman in a process of its own, so that it can be killed: `engine-process.ts RUN-DIRECTORY`. */
const [root = ''] = process.argv.slice(2);
await execute(
  root,
  shellOptions({
    imageEngine: { name: 'podman', env: process.env },
    sandboxed: (_template, container) => container === 'main',
  }),
);
