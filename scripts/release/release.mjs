// `npm run release`: builds everything that a release publishes into dist/release. The same commit gives
// the same bytes, so that anybody can check what was published.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, ROOT, run } from '../ensure.mjs';
import { writeChart } from './chart.mjs';
import { writeImage } from './image.mjs';
import { sha256, writeKrewManifest } from './krew.mjs';
import { writePackage } from './package.mjs';
import { productVersion, statedVersions } from './version.mjs';

const { values } = parseArgs({
  options: { base: { type: 'string' }, 'no-image': { type: 'boolean', default: false } },
});
const version = productVersion();
const stale = statedVersions().filter((stated) => stated.version !== version);
if (stale.length > 0) {
  const files = [...new Set(stale.map(({ file }) => file))];
  fail(
    `package.json has version ${version}, and these files have another one: ${files.join(', ')}`,
  );
}

const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct'));
process.env.SOURCE_DATE_EPOCH = String(seconds);
if (git('status', '--porcelain') !== '') note('! there are changes that are not committed');

ensureInstalled();
run('building', 'npm', ['run', '--silent', 'build']);
const directory = join(ROOT, 'dist/release');
mkdirSync(directory, { recursive: true });

const files = [writePackage(directory)];
files.push(await writeChart(directory, new Date(seconds * 1000)));
files.push(writeKrewManifest(directory, files[0]));
const bill = join(directory, `agentteam-${version}.spdx.json`);
copyFileSync(join(ROOT, 'dist/bill-of-materials.spdx.json'), bill);
files.push(bill);
if (!values['no-image']) addImage();
writeFileSync(
  join(directory, 'SHA256SUMS'),
  files.map((file) => `${sha256(file)}  ${basename(file)}\n`).join(''),
);
for (const file of files) {
  note(`✓ ${file.slice(ROOT.length + 1)}  ${Math.ceil(statSync(file).size / 1000)} kB`);
}

function addImage() {
  try {
    const { file, missing } = writeImage(directory, seconds, values.base);
    if (file === undefined) note(`! ${missing}`);
    else files.push(file);
  } catch (error) {
    note(`✗ the image was not built: ${error.message}`);
    note(
      '  --base names an image to start from, if the one of the Dockerfile cannot be pulled here.',
    );
    process.exitCode = 1;
  }
}

function git(...args) {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
}

function note(line) {
  process.stderr.write(`${line}\n`);
}

function fail(line) {
  note(`✗ ${line}`);
  process.exit(1);
}
