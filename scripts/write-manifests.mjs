// Renders the Helm chart for `agentteam install`, which works without Helm: the objects in
// packages/cli/src/cluster/install/rendered.ts are the chart's own. `--check` fails where the file is not up to
// date. Needs helm, from e2e/testcluster/build or on PATH.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './ensure.mjs';

const FILE = join(ROOT, 'packages/cli/src/cluster/install/rendered.ts');
const NAMESPACE = 'agentteam-system';
const WATCHED = 'watched-namespace';
const HELM_LABELS = ['helm.sh/chart', 'app.kubernetes.io/version', 'app.kubernetes.io/instance'];

/** Objects that `agentteam install` leaves out: nothing depends on them. */
const VALUES = {
  image: { repository: 'IMAGE', tag: 'TAG' },
  webhook: { enabled: false },
  podDisruptionBudget: { enabled: false },
  crds: { install: false },
};
const isInstalled = ({ kind }) => kind !== 'Service';

const standard = render({});
const watching = render({ watch: { namespaces: [WATCHED] } });
const withArgoServer = render({ argo: { serverUrl: 'http://argo-server' } });

const rendered = [
  ...standard.map((object) => ({ when: conditionOf(object), object })),
  ...watching
    .filter((object) => find(standard, object) === undefined)
    .map((object) => ({ when: 'listed-namespaces', object })),
  ...withArgoServer
    .filter((object) => !isEqual(object, find(standard, object)))
    .map((object) => ({ when: 'argo-server', object })),
];

const text = `// Written by \`npm run manifests\` from charts/agentteam. Do not edit.
import type { RenderedObject } from './rendered-object.ts';

export const RENDERED: readonly RenderedObject[] = ${JSON.stringify(rendered, undefined, 2)};
`;
const formatted = execFileSync(
  join(ROOT, 'node_modules/.bin/biome'),
  ['format', `--stdin-file-path=${FILE}`],
  { input: text, encoding: 'utf8', cwd: ROOT },
);
if (!process.argv.includes('--check')) writeFileSync(FILE, formatted);
else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== formatted) {
  process.stderr.write(`${FILE} is not what the chart renders: run npm run manifests\n`);
  process.exitCode = 1;
}

/** The installations for which the chart renders an object. */
function conditionOf(object) {
  if (find(watching, object) === undefined) return 'all-namespaces';
  return isEqual(object, find(withArgoServer, object)) ? 'always' : 'no-argo-server';
}

/** The installer sets the environment of the Deployment itself. */
function isEqual(one, other) {
  return one.kind === 'Deployment' || isDeepStrictEqual(one, other);
}

function find(objects, { kind, metadata }) {
  return objects.find(
    (one) =>
      one.kind === kind &&
      one.metadata.name === metadata.name &&
      one.metadata.namespace === metadata.namespace,
  );
}

function render(values) {
  const home = process.env.TESTCLUSTER_HOME ?? join(homedir(), '.cache/testcluster');
  const built = join(home, 'bin/helm');
  const output = execFileSync(
    existsSync(built) ? built : 'helm',
    [
      ...['template', 'agentteam', join(ROOT, 'charts/agentteam'), '-n', NAMESPACE],
      ...['--kube-version', '1.34.0', '--no-hooks', '--values=-'],
    ],
    { input: JSON.stringify({ ...VALUES, ...values }), encoding: 'utf8', stdio: 'pipe' },
  );
  return parseAllDocuments(output)
    .map((document) => document.toJS())
    .filter((object) => object !== null && isInstalled(object))
    .map(withOwnLabels);
}

/** Labels tell who installed an object. The selector of a Deployment cannot change afterwards. */
function withOwnLabels(node, key) {
  if (Array.isArray(node)) return node.map((item) => withOwnLabels(item));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([name, value]) => [name, withOwnLabels(value, name)]);
  if (key !== 'labels' && key !== 'matchLabels') return Object.fromEntries(entries);
  return Object.fromEntries(
    entries
      .filter(([name]) => !HELM_LABELS.includes(name))
      .map(([name, value]) => [
        name,
        name === 'app.kubernetes.io/managed-by' ? 'agentteam' : value,
      ]),
  );
}
