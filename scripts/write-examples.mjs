// Compiles examples/*/team.yaml to workflow.yaml beside it: documentation, and the tests' golden files.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileText, formatProblems, toYaml } from '@agentteam/compiler';
import { ROOT } from './ensure.mjs';

const examples = join(ROOT, 'examples');
for (const name of readdirSync(examples)) {
  const file = join(examples, name, 'team.yaml');
  if (!existsSync(file)) continue;
  const text = readFileSync(file, 'utf8');
  const { compiled, problems } = compileText(text);
  if (compiled === undefined) {
    process.stderr.write(`${formatProblems(problems, { file, text })}\n`);
    process.exitCode = 1;
    continue;
  }
  writeFileSync(join(examples, name, 'workflow.yaml'), toYaml(compiled.workflow));
}
