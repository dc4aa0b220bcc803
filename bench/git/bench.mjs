// Measures the git work of a team with 16 agents on a repository with 1 GB and 100,000 files: setup, the
// first commit of each agent, the merge of all work. Each is compared to plain git in the same run.
// Run with `npm run bench:git`. FILES, MEGABYTES, AGENTS and CHANGES set the sizes, DIRECTORY a place with
// free space for 2 * (AGENTS + 3) * MEGABYTES.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainGit } from './plain.mjs';
import { makeRepository } from './repository.mjs';
import { Team } from './team.mjs';
import { change, processorSeconds } from './work.mjs';

const option = (name, value) => Number(process.env[name] ?? value);
const FILES = option('FILES', 100_000);
const MEGABYTES = option('MEGABYTES', 1024);
const AGENTS = option('AGENTS', 16);
/** Number of files that each agent changes. */
const CHANGES = option('CHANGES', 50);
/** Two runs of the same code on an idle machine differ by this factor. */
const TOLERANCE = 1.05;

const directory = mkdtempSync(join(process.env.DIRECTORY ?? tmpdir(), 'bench-git-'));
const agents = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);

/** Size on disk in kilobytes. */
const usage = (paths) =>
  execFileSync('du', ['-skc', ...paths.filter(existsSync)], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .at(-1)
    .split('\t')[0] | 0;

async function measure(work) {
  const seconds = {};
  const time = async (phase, run) => {
    const [start, used] = [performance.now(), processorSeconds()];
    await run();
    seconds[phase] = (performance.now() - start) / 1000;
    seconds[`${phase}, processor`] = processorSeconds() - used;
  };
  await time('setup', () => work.setUp(join(directory, 'source.git')));
  const base = usage(work.stores);
  change(work, agents, FILES, CHANGES);
  await time('first commit', async () => {
    for (const agent of agents) await work.commit(agent);
  });
  await time('consolidation', () => work.consolidate());
  await work.keepResult?.();
  const after = usage(work.stores);
  return { seconds, base, after };
}

try {
  await makeRepository(join(directory, 'source.git'), FILES, MEGABYTES * 1024 ** 2);
  const plain = await measure(new PlainGit(join(directory, 'plain'), agents));
  // The first directory stays until the end: ext4 creates files slowly for minutes after it deleted many.
  const team = await measure(new Team(join(directory, 'team'), agents));
  console.log(`${AGENTS} agents, ${FILES} files, ${MEGABYTES} MB, ${CHANGES} changes each`);
  const rows = Object.keys(plain.seconds).map((phase) => [
    phase,
    team.seconds[phase],
    plain.seconds[phase],
    's',
  ]);
  rows.push(['git stores on disk', team.after / 1024, plain.after / 1024, 'MB']);
  for (const [what, ours, theirs, unit] of rows) {
    const ratio = ours / theirs;
    console.log(
      `${what.padEnd(25)} ${ours.toFixed(1).padStart(8)} ${unit}  plain git ${theirs.toFixed(1).padStart(8)} ${unit}  ratio ${ratio.toFixed(2)}`,
    );
    if (ratio > TOLERANCE) process.exitCode = 1;
  }
  console.log(
    `size of the agents' work: ${team.after - team.base} kB, with plain git ${plain.after - plain.base} kB`,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
