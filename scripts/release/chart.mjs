// The chart's archive, in the format of `helm package`. Helm's own archives carry the time at which they
// were made; these do not, so that the same sources give the same bytes.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { ROOT } from '../ensure.mjs';
import { productVersion } from './version.mjs';

const CHARTS = join(ROOT, 'charts');

/**
 * @param directory where the archive is written, as agentteam-chart-<version>.tgz: the npm package has
 *   the name that Helm would give it.
 * @param time the modification time of every file in the archive, a Date.
 * @returns the path of the archive.
 */
export async function writeChart(directory, time) {
  const file = join(directory, `agentteam-chart-${productVersion()}.tgz`);
  // The CRDs are a link into the repository: the archive needs the files. `portable` leaves out the users,
  // groups and modes of this machine.
  const options = { file, cwd: CHARTS, gzip: true, portable: true, mtime: time, follow: true };
  await create(options, filesBelow('agentteam').sort());
  return file;
}

/** Paths relative to charts/, links followed. */
function filesBelow(path) {
  return readdirSync(join(CHARTS, path)).flatMap((name) => {
    const inner = `${path}/${name}`;
    return statSync(join(CHARTS, inner)).isDirectory() ? filesBelow(inner) : [inner];
  });
}
