// Measures the compiler with a team of 16, in process and as `agentteam compile`, against the goals and,
// if it is installed, against Hera with a similar Workflow. Run with `npm run bench:compile`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkObject, compile, toYaml } from '@agentteam/compiler';
import { SIXTEEN } from './team.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const AIMS = { object: 0.3, yaml: 3, process: 150 };

const { team } = checkObject(SIXTEEN);
const { compiled } = compile(team);

/** The median of many runs, in milliseconds. */
function median(work, times) {
  const samples = Array.from({ length: times }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return samples.sort((a, b) => a - b)[Math.floor(times / 2)];
}

function row(what, ms, aim) {
  const ratio = aim === undefined ? '' : `${(ms / aim).toFixed(2)} of the goal (${aim} ms)`;
  console.log(`${what.padEnd(44)} ${ms.toFixed(2).padStart(8)} ms   ${ratio}`);
}

for (let i = 0; i < 300; i += 1) compile(team);
row(
  'compile, to the object',
  median(() => compile(team), 500),
  AIMS.object,
);
for (let i = 0; i < 20; i += 1) toYaml(compiled.workflow);
row(
  'compile, to YAML',
  median(() => toYaml(compile(team).compiled.workflow), 50),
  AIMS.yaml,
);
row(
  'check (schema and rules)',
  median(() => checkObject(SIXTEEN), 200),
);

const cli = join(root, 'dist/agentteam.mjs');
const directory = mkdtempSync(join(tmpdir(), 'bench-compile-'));
const path = join(directory, 'team.json');
writeFileSync(path, JSON.stringify(SIXTEEN));
const run = () => spawnSync(process.execPath, [cli, 'compile', path], { stdio: 'ignore' });
run();
row('agentteam compile, whole process', median(run, 15), AIMS.process);
const empty = () => spawnSync(process.execPath, ['-e', ''], { stdio: 'ignore' });
row('an empty Node program, for comparison', median(empty, 15));
rmSync(directory, { recursive: true });

const hera = spawnSync('python3', [join(root, 'bench/compile/hera_peer.py')], { encoding: 'utf8' });
if (hera.status === 0) {
  const { object, yaml } = JSON.parse(hera.stdout);
  const ours = median(() => compile(team), 500);
  row(`Hera, to the object (${(object / ours).toFixed(0)} times ours)`, object);
  row('Hera, to YAML', yaml);
} else {
  console.log('Hera was not measured; to install it: pip install "hera[yaml]"');
}
