#!/usr/bin/env node
// `npm start -- <agentteam arguments>`, or `agentteam` after `npm link`: the CLI from a clone, installed
// and built at its first use.
import { spawn } from 'node:child_process';
import { basename, delimiter, join } from 'node:path';
import { ensureBuilt, nodeProgram, ROOT } from './ensure.mjs';

ensureBuilt();
const child = spawn(nodeProgram(), [join(ROOT, 'dist/agentteam.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    // A link of that name is kubectl's plugin, which is about clusters.
    ...(basename(process.argv[1]).startsWith('kubectl-') && { AGENTTEAM_HOST: 'cluster' }),
    PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
  },
});
// The terminal sends Ctrl-C to both; the CLI decides how to stop, and this process waits for it.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
});
