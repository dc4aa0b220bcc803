// Compiles examples/*/team.yaml, or template.yaml with run.yaml, to workflow.yaml beside it:
// documentation, and the tests' golden files.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, compileText, formatProblems, teamOfRun, toYaml } from '@agentteam/compiler';
import { parse } from 'yaml';
import { ROOT } from './ensure.mjs';

const examples = join(ROOT, 'examples');
for (const name of readdirSync(examples)) {
  const at = (file) => join(examples, name, file);
  const read = (file) => readFileSync(at(file), 'utf8');
  if (existsSync(at('team.yaml'))) {
    const text = read('team.yaml');
    write(at, compileText(text), { file: at('team.yaml'), text });
  } else if (existsSync(at('template.yaml'))) {
    const { team, problems } = teamOfRun(parse(read('template.yaml')), parse(read('run.yaml')));
    // Runs are for clusters, where the admission webhook tells who approves.
    write(
      at,
      team === undefined ? { problems } : compile(team, { controller: { admission: true } }),
      {
        file: at('run.yaml'),
      },
    );
  }
}

function write(at, { compiled, problems }, source) {
  if (compiled === undefined) {
    process.stderr.write(`${formatProblems(problems, source)}\n`);
    process.exitCode = 1;
    return;
  }
  writeFileSync(at('workflow.yaml'), toYaml(compiled.workflow));
}
