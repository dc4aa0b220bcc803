#!/usr/bin/env node
// Runs the CLI from a clone, as `npm start -- <arguments>`, or as `agentteam` after `npm link`. The first
// start installs and builds it.
import { spawn } from 'node:child_process';
import { basename, delimiter, join } from 'node:path';
import { followChild } from '../bin/follow-child.mjs';
import { ensureBuilt, nodeProgram, ROOT } from './ensure.mjs';

ensureBuilt();
const child = spawn(nodeProgram(), [join(ROOT, 'dist/agentteam.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    // kubectl runs plugins under such a name; as a plugin, the CLI works on clusters by default.
    ...(basename(process.argv[1]).startsWith('kubectl-') && { AGENTTEAM_HOST: 'cluster' }),
    PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
  },
});
followChild(child);
