// Checks which package may import which (the table in docs/architecture.md), and the folders below.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { ROOT } from './ensure.mjs';

const PURE = ['api', 'argo', 'contract', 'text', 'compiler', 'status'];
const ALLOWED = readPackageTable();

/** The folders that the runner's commands share, each with the folders that it may import. */
const SHARED = {
  prompts: [],
  step: [],
  records: ['step'],
  'quality-gates': ['step'],
  environment: ['step'],
  git: ['prompts', 'step'],
  passive: [],
  hosting: ['step', 'git'],
};
const step = (...others) => [...Object.keys(SHARED), ...others];

/** Which folder of a package's `src` may import which others. Files outside of folders are not restricted. */
const FOLDERS = {
  local: {
    sandbox: [],
    images: ['sandbox'],
    pod: ['images', 'sandbox'],
    expressions: [],
    check: ['pod', 'images', 'expressions'],
    engine: ['check', 'pod', 'images', 'expressions', 'sandbox'],
  },
  runner: {
    ...SHARED,
    agent: step(),
    // The checks run the lead again, in the lead's session.
    checks: step('agent'),
    deliver: step(),
    finish: step(),
    gateway: step(),
    hook: step(),
    people: step(),
    results: step(),
    'roll-call': step(),
    setup: step(),
  },
};

const forbidden = [
  {
    name: 'no-cycles',
    severity: 'error',
    from: {},
    // Imports of types count, too.
    to: { circular: true },
  },
  {
    name: 'pure-packages-import-no-node-module',
    severity: 'error',
    from: { path: `^packages/(${PURE.join('|')})/src` },
    to: { dependencyTypes: ['core'] },
  },
  ...Object.entries(ALLOWED).map(([name, allowed]) => ({
    name: `imports-of-package-${name}`,
    severity: 'error',
    from: { path: `^packages/${name}/src` },
    to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
  })),
  ...Object.entries(FOLDERS).flatMap(([name, folders]) =>
    Object.entries(folders).map(([folder, allowed]) => ({
      name: `imports-of-folder-${name}/${folder}`,
      severity: 'error',
      from: { path: `^packages/${name}/src/${folder}/` },
      to: {
        path: `^packages/${name}/src/[^/]+/`,
        pathNot: `^packages/${name}/src/(${[folder, ...allowed].join('|')})/`,
      },
    })),
  ),
];

process.chdir(ROOT);
const { output } = await cruise(
  Object.keys(ALLOWED).map((name) => `packages/${name}/src`),
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
// If the parser fails to read TypeScript, it finds no imports and no violations.
const packagesSeen = new Set(
  output.modules.map((m) => /^packages\/([^/]+)\/src/.exec(m.source)?.[1]),
);
const unseen = Object.keys(ALLOWED).filter((name) => !packagesSeen.has(name));
// A folder without a rule could import anything.
const unnamed = Object.entries(FOLDERS).flatMap(([name, folders]) =>
  readdirSync(join(ROOT, `packages/${name}/src`), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !(entry.name in folders))
    .map((entry) => `${name}/${entry.name}`),
);
if (unnamed.length > 0) process.stderr.write(`✗ no rule for the folders: ${unnamed.join(', ')}\n`);
if (unseen.length > 0) process.stderr.write(`✗ no module was read in: ${unseen.join(', ')}\n`);
process.stdout.write(`${totalCruised} modules, ${violations.length} violations\n`);
process.exit(violations.length + unseen.length + unnamed.length > 0 ? 1 : 0);

/** @returns the names in the last column of the table by the name in the first. */
function readPackageTable() {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const [table = ''] = page.split('\n## Packages\n')[1].split('\n## ');
  const rows = [...table.matchAll(/^\| `(\w+)` \|.*\| ([^|]+) \|$/gm)];
  const named = rows.map(([, name]) => name);
  const missing = readdirSync(join(ROOT, 'packages')).filter((name) => !named.includes(name));
  if (missing.length > 0) {
    throw new Error(`packages missing in the table of docs/architecture.md: ${missing.join(', ')}`);
  }
  return Object.fromEntries(rows.map(([, name, allowed]) => [name, allowed.match(/\w+/g) ?? []]));
}
