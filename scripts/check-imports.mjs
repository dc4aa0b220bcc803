// Holds the arrows of docs/architecture.md: which package may import which.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { ROOT } from './ensure.mjs';

const PURE = ['api', 'argo', 'contract', 'text', 'compiler', 'status'];
const MAY_IMPORT = readArrows();

/** Folders of the runner, each after those that it may import. The programs are in STEPS. */
const SHARED_FOLDERS = {
  prompts: [],
  step: [],
  records: ['step'],
  'quality-gates': ['step'],
  git: ['prompts', 'step'],
  hosting: ['step', 'git'],
};
/** One folder for each `agentteam-runner` command. What two of them need moves to a shared folder. */
const STEPS = ['agent', 'checks', 'deliver', 'finish', 'gateway', 'hook', 'roll-call', 'setup'];
/** The checks run the lead again, in the lead's session. */
const STEP_IMPORTS = { checks: ['agent'] };

const runnerRule = (folder, allowed) => ({
  name: `runner-${folder}-imports-only-shared-folders`,
  severity: 'error',
  from: { path: `^packages/runner/src/${folder}/` },
  to: {
    path: '^packages/runner/src/',
    pathNot: `^packages/runner/src/(${[folder, ...allowed].join('|')})/`,
  },
});

const forbidden = [
  ...Object.entries(SHARED_FOLDERS).map(([folder, allowed]) => runnerRule(folder, allowed)),
  ...STEPS.map((folder) =>
    runnerRule(folder, [...Object.keys(SHARED_FOLDERS), ...(STEP_IMPORTS[folder] ?? [])]),
  ),
  {
    name: 'no-cycles',
    severity: 'error',
    from: {},
    // Types too: what two modules both name has a place of its own.
    to: { circular: true },
  },
  {
    name: 'pure-packages-import-no-node-module',
    severity: 'error',
    from: { path: `^packages/(${PURE.join('|')})/src` },
    to: { dependencyTypes: ['core'] },
  },
  ...Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
    name: `${name}-imports-only-its-own`,
    severity: 'error',
    from: { path: `^packages/${name}/src` },
    to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
  })),
];

process.chdir(ROOT);
const { output } = await cruise(
  Object.keys(MAY_IMPORT).map((name) => `packages/${name}/src`),
  {
    ruleSet: { forbidden },
    validate: true,
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js'],
    },
  },
);
const { violations, totalCruised } = output.summary;
for (const v of violations) process.stderr.write(`✗ ${v.rule.name}: ${v.from} → ${v.to}\n`);
// A parser that understands no TypeScript finds nothing to object to: that is a failure of the check.
const packagesSeen = new Set(
  output.modules.map((m) => /^packages\/([^/]+)\/src/.exec(m.source)?.[1]),
);
const unseen = Object.keys(MAY_IMPORT).filter((name) => !packagesSeen.has(name));
if (unseen.length > 0) process.stderr.write(`✗ no module was read in: ${unseen.join(', ')}\n`);
process.stdout.write(`${totalCruised} modules, ${violations.length} violations\n`);
process.exit(violations.length > 0 || unseen.length > 0 ? 1 : 0);

/** The names in the last column, by those in the first. */
function readArrows() {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const [table = ''] = page.split('\n## Packages\n')[1].split('\n## ');
  const rows = [...table.matchAll(/^\| `(\w+)` \|.*\| ([^|]+) \|$/gm)];
  const named = rows.map(([, name]) => name);
  const missing = readdirSync(join(ROOT, 'packages')).filter((name) => !named.includes(name));
  if (missing.length > 0) throw new Error(`not in docs/architecture.md: ${missing.join(', ')}`);
  return Object.fromEntries(rows.map(([, name, arrows]) => [name, arrows.match(/\w+/g) ?? []]));
}
