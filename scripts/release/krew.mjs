// The manifest of the kubectl plugin, from krew/agentteam.yaml. The plugin is the npm package without its
// dependencies, which the commands for clusters do not need.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../ensure.mjs';
import { productVersion } from './version.mjs';

/**
 * @param archive path of the npm package.
 * @returns the path of the manifest.
 */
export function writeKrewManifest(directory, archive) {
  const values = {
    VERSION: `v${productVersion()}`,
    ARCHIVE: basename(archive),
    SHA256: sha256(archive),
  };
  const template = readFileSync(join(ROOT, 'krew/agentteam.yaml'), 'utf8');
  const manifest = template.replace(/\$\{(\w+)\}/g, (_, name) => values[name]);
  const file = join(directory, 'agentteam.krew.yaml');
  writeFileSync(file, manifest);
  return file;
}

export function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
