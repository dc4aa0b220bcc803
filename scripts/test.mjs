// Runs jest, after it has installed and built what is missing. Arguments are passed to jest:
// `npm test -- packages/compiler`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureBuilt, nodeProgram, ROOT } from './ensure.mjs';

ensureBuilt();
// Tests create their files here, and what they leave is removed at the end.
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
    process.stderr.write(`temporary files could not be removed: ${error.message}\n`);
  }
  process.exit(status ?? 1);
});
