// Compares the compiler of this worktree with that of another one, usually an earlier commit:
//   git worktree add ../before COMMIT && (cd ../before && npm ci && npm run build)
//   node bench/compare/compile.mjs ../before
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compared } from './measure.mjs';

const ROUNDS = 40;
const here = fileURLToPath(new URL('../..', import.meta.url));
const [before, now] = await Promise.all([resolve(process.argv[2] ?? ''), here].map(start));

async function start(root) {
  const worker = fork(new URL('compile-worker.mjs', import.meta.url), [root], {
    execPath: `${root}/node_modules/.bin/node`,
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
  });
  await once(worker, 'message');
  return worker;
}

async function measure(worker, what, times) {
  worker.send({ what, times });
  const [ms] = await once(worker, 'message');
  return ms;
}

for (const [what, times] of Object.entries({ object: 100, yaml: 15, check: 200 })) {
  const samples = { before: [], now: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    samples.before.push(await measure(before, what, times));
    samples.now.push(await measure(now, what, times));
  }
  compared(`${what}, CPU time`, samples.before, samples.now);
}
before.disconnect();
now.disconnect();
