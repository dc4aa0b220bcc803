// Compiles every examples/*/team.yaml, or template.yaml with run.yaml, to the workflow.yaml beside it. The
// result is documentation and a golden file of the tests.
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
    // Runs exist only in clusters, where the admission webhook records who approves.
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
