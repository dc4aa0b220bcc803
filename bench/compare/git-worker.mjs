// Runs the git work of a team once with the code of the worktree that its first argument names, and sends the CPU
// seconds of each phase, with those of git. Other arguments: the repository, a directory, the number of agents.
import { change, processorSeconds } from '../git/work.mjs';

const [root, source, directory, count] = process.argv.slice(2);
const { Team } = await import(`${root}/bench/git/team.mjs`);
const agents = Array.from({ length: Number(count) }, (_, index) => `agent-${index}`);
const team = new Team(directory, agents);
const used = {};
const measure = async (phase, run) => {
  const start = processorSeconds();
  await run();
  used[phase] = processorSeconds() - start;
};
await measure('setup', () => team.setUp(source));
change(team, agents, Number(process.env.FILES ?? 500), 5);
await measure('first commits', async () => {
  for (const agent of agents) await team.commit(agent);
});
await measure('consolidation', () => team.consolidate());
process.send(used);
process.disconnect();
