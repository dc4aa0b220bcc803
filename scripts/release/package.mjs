// The npm package, as `npm pack` makes it: the same files give the same bytes.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../ensure.mjs';

/**
 * Packs what is built.
 * @returns the path of the archive.
 */
export function writePackage(directory) {
  const args = ['pack', '--json', '--ignore-scripts', `--pack-destination=${directory}`];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }));
  return join(directory, packed.filename);
}
