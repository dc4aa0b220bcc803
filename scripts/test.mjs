// `npm test`: installs and builds what is missing, then runs jest over every package.
// Arguments go to jest: `npm test -- packages/compiler`.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ensureBuilt, nodeProgram, ROOT } from './ensure.mjs';

ensureBuilt();
const { status } = spawnSync(
  nodeProgram(),
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    ...process.argv.slice(2),
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
    },
  },
);
process.exit(status ?? 1);
