// `npm test`: installs and builds what is missing, then runs jest over every package.
// Arguments go to jest: `npm test -- packages/compiler`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureBuilt, nodeProgram, ROOT } from './ensure.mjs';

ensureBuilt();
// Whatever tests make and leave.
const temporary = mkdtempSync(join(tmpdir(), 'agentteam-tests-'));
const jest = spawn(
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
      TMPDIR: temporary,
      PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
jest.on('exit', (status) => {
  try {
    rmSync(temporary, { recursive: true, force: true });
  } catch (error) {
    process.stderr.write(`left behind: ${error.message}\n`);
  }
  process.exit(status ?? 1);
});
