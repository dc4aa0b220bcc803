// How long from `kubectl apply` to the agents' first requests, and from a step's end to the start of
// the one that waited for it, on the cluster that e2e/real/site.ts describes.
//   npm run bench:start
//     TEAMMATES=3           how many start at once, beside the lead
// Kubernetes tells times in whole seconds, so the parts are exact to a second; the whole is exact.
// The peer is a Workflow written by hand whose pods hold nothing but a `claude` each, with neither
// team nor gateway: what Argo, the kubelet and the CLI take on that machine whatever we do.
import { openSite } from '../../e2e/real/site.ts';
import { openStage } from '../../e2e/real/stage.ts';

/** Aims, in seconds: with Argo's default of looking every 10 s, and with DEFAULT_REQUEUE_TIME=1s. */
const AIMS = { default: 8, '1s': 4 };
/** Teammates that start at once, beside the lead. */
const TEAMMATES = Array.from(
  { length: Number(process.env.TEAMMATES ?? 3) },
  (_, at) => `mate-${at}`,
);
const AGENTS = ['team-lead', ...TEAMMATES];
const BARE = AGENTS.map((_, at) => `bare-${at}`);

const team = () => ({
  apiVersion: 'claude.amcheste.io/v1alpha1',
  kind: 'AgentTeam',
  metadata: { name: 'start' },
  spec: {
    workspace: { output: {} },
    auth: { apiKeySecret: 'anthropic' },
    lead: { prompt: 'Coordinate.' },
    teammates: [
      ...TEAMMATES.map((name) => ({ name, prompt: 'Work.' })),
      { name: 'after', prompt: 'Work on.', dependsOn: [TEAMMATES[0]] },
    ],
  },
});

/** As many `claude` as the team has agents at its start, each alone in a pod of the same image. */
const bare = ({ site: { image }, rehearsalUrl }) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'bare' },
  spec: {
    entrypoint: 'all',
    serviceAccountName: 'agentteam-executor',
    automountServiceAccountToken: false,
    executor: { serviceAccountName: 'agentteam-executor' },
    templates: [
      { name: 'all', steps: [BARE.map((name) => ({ name, template: name }))] },
      ...BARE.map((name) => ({
        name,
        container: {
          image: `${image.repository}:${image.tag}`,
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', 'claude -p Work. --max-turns 1 || true'],
          env: [
            { name: 'HOME', value: '/tmp' },
            { name: 'ANTHROPIC_BASE_URL', value: `${rehearsalUrl}/${name}` },
            { name: 'ANTHROPIC_API_KEY', value: 'sk-ant-rehearsal' },
            { name: 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC', value: '1' },
          ],
        },
      })),
    ],
  },
});

const seconds = (from, to) => ((to - from) / 1000).toFixed(1);
const line = (what, from, to) =>
  console.log(`${what.padEnd(52)} ${seconds(from, to).padStart(6)} s`);

const site = await openSite();
const stage = await openStage(site, { team });
try {
  const applied = Date.now();
  await stage.start();
  await stage.ended();
  const requests = firstRequests(await stage.kubectl('logs', 'rehearsal', '--timestamps'));
  const workflow = await stage.workflow();
  const nodes = Object.values(workflow.status.nodes);
  const time = (text) => Date.parse(text);
  const step = (name) => nodes.find(({ displayName }) => displayName === name);
  const last = Math.max(...AGENTS.map((name) => requests.get(name)));
  const setting = await requeueTime(site);
  const aim = AIMS[setting] ?? AIMS.default;

  console.log(
    `Argo looks again after ${setting === 'default' ? 'its default of 10 s' : setting}\n`,
  );
  line('apply to the first request of all agents', applied, last);
  console.log(
    `${'  against the aim of'.padEnd(52)} ${((last - applied) / 1000 / aim).toFixed(2).padStart(6)} × ${aim} s`,
  );
  line('  ours: apply to Workflow', applied, time(workflow.metadata.creationTimestamp));
  line(
    '  Argo: Workflow to agents',
    time(workflow.metadata.creationTimestamp),
    time(step(`${TEAMMATES[0]}(0)`).startedAt),
  );
  line(
    '  ours, and their pods: agents to first request',
    time(step(`${TEAMMATES[0]}(0)`).startedAt),
    last,
  );
  line(
    'a step’s end to its dependant’s first request',
    time(step(`${TEAMMATES[0]}(0)`).finishedAt),
    requests.get('after'),
  );
  line(
    '  Argo: to its start',
    time(step(`${TEAMMATES[0]}(0)`).finishedAt),
    time(step('after(0)').startedAt),
  );

  const byHand = Date.now();
  const { apiVersion, kind, metadata } = await stage.apply(bare(stage));
  const ended = await site.cluster.until(
    { apiVersion, kind, ...metadata },
    ({ status }) => ['Succeeded', 'Failed', 'Error'].includes(status?.phase) && status,
  );
  if (ended.phase !== 'Succeeded') throw new Error(`the peer has failed: ${ended.message}`);
  const others = firstRequests(await stage.kubectl('logs', 'rehearsal', '--timestamps'));
  const lastOther = Math.max(...BARE.map((name) => others.get(name)));
  console.log();
  line('as many claude, each alone in a pod', byHand, lastOther);
  const ratio = (last - applied) / (lastOther - byHand);
  console.log(`${'  ours against that'.padEnd(52)} ${ratio.toFixed(2).padStart(6)} ×`);
} finally {
  await stage.close();
  await site.cluster.stop();
}

/** When the model was first asked by each agent, ms since the epoch. */
function firstRequests(log) {
  const first = new Map();
  for (const entry of log.split('\n').filter(Boolean)) {
    const space = entry.indexOf(' ');
    const text = entry.slice(space + 1);
    if (!text.startsWith('{')) continue;
    const { agent } = JSON.parse(text);
    if (!first.has(agent)) first.set(agent, Date.parse(entry.slice(0, space)));
  }
  return first;
}

async function requeueTime({ cluster }) {
  const path =
    '{.items[*].spec.template.spec.containers[*].env[?(@.name=="DEFAULT_REQUEUE_TIME")].value}';
  const said = await cluster.kubectl('get', 'deployments', '-A', '-o', `jsonpath=${path}`);
  return said.trim() || 'default';
}
