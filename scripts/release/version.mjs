// Keeps the version in one place: package.json has it, and `npm version 0.3.0` runs this to write it to
// the files that must carry it themselves.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../ensure.mjs';

const NUMBER = String.raw`(\d+\.\d+\.\d+)`;

/** Patterns that match a version of this product in a file. */
const PLACES = [
  { files: ['packages/contract/src/version.ts'], pattern: `VERSION = '${NUMBER}'` },
  { files: ['charts/agentteam/Chart.yaml'], pattern: `ersion: ${NUMBER}` },
  {
    files: ['README.md', 'docs', 'examples', 'workflow-templates', 'skills', 'packages/*/src'],
    pattern: `(?:agentteam(?:-controller)?:|agentteam(?:-chart)?-|image\\.tag=)${NUMBER}`,
  },
];

export function productVersion() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
}

/** Every version of this product that a file carries: `{file, version}`. */
export function statedVersions() {
  return placesInFiles().flatMap(({ file, text, pattern }) =>
    [...text.matchAll(pattern)].map(([, version]) => ({ file, version })),
  );
}

function writeVersion(version) {
  for (const { file, pattern } of placesInFiles()) {
    const path = join(ROOT, file);
    const written = readFileSync(path, 'utf8').replace(pattern, (match, old) =>
      match.replace(old, version),
    );
    writeFileSync(path, written);
  }
}

function placesInFiles() {
  return PLACES.flatMap(({ files, pattern }) =>
    trackedFiles(files).map((file) => ({
      file,
      text: readFileSync(join(ROOT, file), 'utf8'),
      pattern: new RegExp(pattern, 'g'),
    })),
  ).filter(({ text, pattern }) => text.search(pattern) !== -1);
}

function trackedFiles(paths) {
  const list = execFileSync('git', ['ls-files', '-z', '--', ...paths], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return list.split('\0').filter((file) => file !== '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === '--list') process.stdout.write(JSON.stringify(statedVersions()));
  else writeVersion(productVersion());
}
