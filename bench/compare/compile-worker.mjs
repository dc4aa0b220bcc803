// Compiles the team of `bench/compile/bench.mjs` with the compiler of the worktree that its argument names, and
// answers each message with the CPU time of one operation in milliseconds.
import { fileURLToPath } from 'node:url';
import { SIXTEEN } from '../compile/team.mjs';

const root = process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url));
const { checkObject, compile, toYaml } = await import(`${root}/packages/compiler/src/index.ts`);
const { team } = checkObject(SIXTEEN);
const operations = {
  object: () => compile(team),
  yaml: () => toYaml(compile(team).compiled.workflow),
  check: () => checkObject(SIXTEEN),
};
for (let index = 0; index < 300; index += 1) {
  for (const run of Object.values(operations)) run();
}
process.on('message', ({ what, times }) => {
  const start = process.cpuUsage();
  for (let index = 0; index < times; index += 1) operations[what]();
  const { user, system } = process.cpuUsage(start);
  process.send((user + system) / 1000 / times);
});
process.on('disconnect', () => process.exit());
process.send('ready');
