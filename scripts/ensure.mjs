// Installs dependencies and builds what is out of date, for `npm start` and `npm test`. This file runs on
// the machine's Node (20 or later); everything else runs on the Node that npm installs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const bin = join(ROOT, 'node_modules/.bin');
const pinned = join(bin, 'node');

/** The oldest version of Node that the programs run on. */
const OLDEST = [22, 19];

/** @returns the path of the Node that npm has installed, or of this Node if it is recent enough. */
export function nodeProgram() {
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath;
  process.stderr.write(
    `✗ Node ${process.versions.node} is too old, and npm has not installed another one for ${process.platform} on ${process.arch}\n` +
      `  Install Node ${OLDEST.join('.')} or later, or run npm ci without --omit=optional.\n`,
  );
  process.exit(1);
}

/** Runs a program in the repository. If it fails, this process exits with 1. */
export function run(title, program, args, { quiet = false } = {}) {
  process.stderr.write(`▸ ${title}\n`);
  const result = spawnSync(program, args, {
    cwd: ROOT,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  process.stderr.write(`✗ ${title} failed${result.error ? `: ${result.error.message}` : ''}\n`);
  process.exit(1);
}

function newest(directory) {
  let time = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}

const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

export function ensureInstalled() {
  const installed = modified(join(ROOT, 'node_modules/.package-lock.json'));
  if (installed > 0 && installed >= modified(join(ROOT, 'package-lock.json'))) return;
  run('installing dependencies (npm ci)', 'npm', ['ci', '--loglevel=error'], { quiet: true });
}

export function ensureBuilt() {
  ensureInstalled();
  const built = modified(join(ROOT, 'dist/agentteam.mjs'));
  const sources = [
    newest(join(ROOT, 'crds')),
    ...readdirSync(join(ROOT, 'packages')).flatMap((name) => {
      const own = join(ROOT, 'packages', name);
      return [join(own, 'src'), join(own, 'scripts')].filter(existsSync).map(sourceTime);
    }),
  ];
  if (built > Math.max(...sources)) return;
  run('building', 'npm', ['run', '--silent', 'build'], { quiet: true });
}

/** Ignores generated files, which are outputs of the build. */
function sourceTime(directory) {
  let time = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.parentPath.includes('/generated') || entry.name === 'argo.ts')
      continue;
    time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}
