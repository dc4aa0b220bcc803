import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { PRODUCT_VERSION } from '@agentteam/contract';
import { removeTrees } from '@agentteam/volume';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { ROOT } from '../documents/blocks.ts';

/** A home directory in which nothing is but the installed package. */
let home: string;
let installed: string;

/** The machine's own programs: neither the clone's nor the Node that runs this test. */
const PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((directory) => !directory.includes('node_modules'))
  .join(delimiter);

beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'agentteam home ')));
  const npm = { cwd: ROOT, env: { PATH } };
  await execa('npm', ['pack', '--ignore-scripts', `--pack-destination=${home}`], npm);
  const archive = join(home, `agentteam-${PRODUCT_VERSION}.tgz`);
  const prefix = join(home, '.local');
  await execa('npm', ['install', '--global', `--prefix=${prefix}`, archive], npm);
  installed = join(prefix, 'lib/node_modules/agentteam');
});
afterAll(() => removeTrees([home]));

/** Runs an installed program as its user does, in a directory of theirs. */
function start(words: readonly string[], path = PATH) {
  const [program = '', ...args] = words;
  return execa(program, args, {
    cwd: home,
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { HOME: home, PATH: `${join(home, '.local/bin')}${delimiter}${path}` },
  });
}

describe('the npm package, installed in an empty home', () => {
  test('runs a team without the network', async () => {
    const team = join(installed, 'examples/q3-report/team.yaml');
    const run = ['agentteam', 'run', team, '--rehearse', '--approve', 'all'];
    const offline = ['unshare', '--user', '--map-root-user', '--net'];
    const loopback = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
    const { exitCode, stderr } = await start([...offline, ...loopback, ...run]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const output = join(home, '.agentteam/q3-report/output');
    expect(readFileSync(join(output, 'report.md'), 'utf8')).toContain('Q3 business report');
    expect((await start(['agentteam', 'list'])).stdout).toContain('q3-report');
  });

  test("runs on the machine's Node and on the one that npm installed with it", async () => {
    const { stdout } = await start(['agentteam', '--version']);
    expect(stdout).toBe(PRODUCT_VERSION);
    const own = `${dirname(process.execPath)}${delimiter}${PATH}`;
    expect((await start(['agentteam', '--version'], own)).stdout).toBe(PRODUCT_VERSION);
  });

  test('passes on exit codes, and knows when it is a plugin of kubectl', async () => {
    const { exitCode } = await start(['agentteam', 'validate', 'missing.yaml']);
    expect(exitCode).toBe(2);
    // A directory of runs means nothing to a plugin, which is about clusters.
    const plugin = await start(['kubectl-agentteam', 'list', '--dir', '.']);
    expect(plugin).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--dir') });
  });

  test('has what it needs and nothing else', async () => {
    const files = (await readdir(installed, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(installed.length + 1))
      .filter((file) => !file.startsWith('node_modules/'));
    const outside = files.filter((file) => !/^(bin|crds|dist|examples|skills)\//.test(file));
    expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    expect(files).toContain('dist/bill-of-materials.spdx.json');
    expect(files.filter((file) => /controller|release\//.test(file))).toEqual([]);
    const dependencies = await readdir(join(installed, 'node_modules'));
    expect(dependencies.filter((name) => !name.startsWith('.')).sort()).toEqual([
      '@anthropic-ai',
      `node-${process.platform}-${process.arch}`,
    ]);
  });
});
