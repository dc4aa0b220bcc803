// Compares the git work of a team in this worktree with that in another one, whose `bench/git/team.mjs` is used:
// see `compile.mjs` for how to make it. FILES, MEGABYTES, AGENTS and ROUNDS set the sizes.
//   node bench/compare/git.mjs ../before
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRepository } from '../git/repository.mjs';
import { compared } from './measure.mjs';

const option = (name, value) => Number(process.env[name] ?? value);
const roots = {
  before: resolve(process.argv[2] ?? ''),
  now: fileURLToPath(new URL('../..', import.meta.url)),
};
const directory = mkdtempSync(join(process.env.DIRECTORY ?? tmpdir(), 'compare-git-'));
const source = join(directory, 'source.git');
const samples = { before: {}, now: {} };

async function run(name) {
  const work = join(directory, 'work');
  const worker = fork(
    new URL('git-worker.mjs', import.meta.url),
    [roots[name], source, work, String(option('AGENTS', 6))],
    {
      execPath: join(roots[name], 'node_modules/.bin/node'),
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const [used] = await once(worker, 'message');
  for (const [phase, seconds] of Object.entries(used)) {
    samples[name][phase] ??= [];
    samples[name][phase].push(seconds * 1000);
  }
  await once(worker, 'exit');
  rmSync(work, { recursive: true });
}

try {
  await makeRepository(source, option('FILES', 500), option('MEGABYTES', 2) * 1024 ** 2);
  for (let round = 0; round < option('ROUNDS', 10); round += 1) {
    for (const name of round % 2 ? ['before', 'now'] : ['now', 'before']) await run(name);
  }
  for (const phase of Object.keys(samples.now)) {
    compared(`${phase}, CPU time`, samples.before[phase], samples.now[phase]);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
