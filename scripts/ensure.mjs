// What `npm start` and `npm test` do first on a fresh clone: install, then build what is out of date.
// Runs on the machine's own Node (20 or later); everything after it runs on the one that npm installs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const bin = join(ROOT, 'node_modules/.bin');
const pinned = join(bin, 'node');

/** The oldest Node that the programs run on. */
const OLDEST = [22, 19];

/** The Node that npm installs where its platform has one, else the Node that runs this, if it will do. */
export function nodeProgram() {
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath;
  process.stderr.write(
    `✗ this is Node ${process.versions.node}, and npm has installed no other for ${process.platform} on ${process.arch}\n` +
      `  Install Node ${OLDEST.join('.')} or later, or npm ci without --omit=optional.\n`,
  );
  process.exit(1);
}

/** Runs a program in the repository, prints what it runs, and ends this process when it fails. */
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

/** Generated files are outputs of the build, not sources of it. */
function sourceTime(directory) {
  let time = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.parentPath.includes('/generated') || entry.name === 'argo.ts')
      continue;
    time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}
