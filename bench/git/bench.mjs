// The git work of a team of 16 on a repository of 1 GB and 100,000 files: setting up, the first commit
// of each agent, bringing all together. Each as a ratio to the same work by a script of plain git in the
// same run. `npm run bench:git`; FILES, MEGABYTES, AGENTS and CHANGES choose other sizes, DIRECTORY a
// place with room for AGENTS + 3 times MEGABYTES, twice.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlainGit } from './plain.mjs';
import { makeRepository, pathOf } from './repository.mjs';
import { Team } from './team.mjs';

const option = (name, value) => Number(process.env[name] ?? value);
const FILES = option('FILES', 100_000);
const MEGABYTES = option('MEGABYTES', 1024);
const AGENTS = option('AGENTS', 16);
/** Files that each agent changes. */
const CHANGES = option('CHANGES', 50);
/** Measurements differ so much between two runs of the same code on a quiet machine. */
const TOLERANCE = 1.05;

const directory = mkdtempSync(join(process.env.DIRECTORY ?? tmpdir(), 'bench-git-'));
const agents = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);

/** Kilobytes on disk. */
const usage = (paths) =>
  execFileSync('du', ['-skc', ...paths.filter(existsSync)], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .at(-1)
    .split('\t')[0] | 0;

/** Each agent changes files of its own. */
function change(work) {
  for (const [agent, name] of agents.entries()) {
    for (let index = 0; index < CHANGES; index += 1) {
      const file = pathOf((agent + index * AGENTS) % FILES);
      appendFileSync(join(work.tree(name), file), `Changed by ${name}.\n`);
    }
  }
}

/** Processor seconds of this process and of those that it started (Linux counts in hundredths). */
function processorSeconds() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
}

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
  change(work);
  await time('first commit', async () => {
    for (const agent of agents) await work.commit(agent);
  });
  await time('consolidation', () => work.consolidate());
  await work.keepResult?.();
  const after = usage(work.stores);
  rmSync(join(directory, 'work'), { recursive: true });
  return { seconds, base, after };
}

try {
  await makeRepository(join(directory, 'source.git'), FILES, MEGABYTES * 1024 ** 2);
  const plain = await measure(new PlainGit(join(directory, 'work'), agents));
  const team = await measure(new Team(join(directory, 'work'), agents));
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
    `What the agents' work added: ${team.after - team.base} kB, with plain git ${plain.after - plain.base} kB`,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
