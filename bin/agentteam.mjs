#!/usr/bin/env node
// The command `agentteam` of the npm package. It also runs on Node 20, whose users get the Node that
// npm installed beside this package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { followChild } from './follow-child.mjs';

/** The oldest Node that the product runs on. */
const OLDEST = [22, 19];

const clone = new URL('../scripts/start.mjs', import.meta.url);
// `npm link` puts this file on PATH from a clone, which is built at its first use.
if (existsSync(clone)) await import(clone.href);
else if (isRecent(process.versions.node)) await import('../dist/agentteam.mjs');
else startOnInstalledNode();

function isRecent(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function startOnInstalledNode() {
  const node = installedNode();
  if (node === undefined) {
    process.stderr.write(
      `✗ agentteam needs Node ${OLDEST.join('.')} or later; this is Node ${process.versions.node}\n` +
        '  Install a newer Node, or install agentteam again without --omit=optional.\n',
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  child.on('error', (error) => {
    process.stderr.write(`✗ ${node} does not run here: ${error.message}\n`);
    process.exitCode = 1;
  });
  followChild(child);
}

/** Path of the Node that npm installed as an optional dependency of this package. */
function installedNode() {
  const name = `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  for (const candidate of [`node-${name}`, `node-bin-${name}`]) {
    try {
      const node = join(dirname(require.resolve(`${candidate}/package.json`)), 'bin/node');
      if (existsSync(node)) return node;
    } catch {
      // npm has no such package for this platform, or was told to leave it out.
    }
  }
  return undefined;
}
