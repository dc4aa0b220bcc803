// Measures the time from `kubectl apply` to the agents' first requests, and from the end of a step to the
// start of the next one, on the cluster that e2e/real/site.ts describes.
//   npm run bench:start
//     TEAMMATES=3           number of teammates that start at once, besides the lead
//     ROUNDS=3              number of measured rounds; the median and all values are printed. Without a
//                           storage class (e2e/real/stage.ts), there are volumes for three rounds
//     IMAGE=golang:1.26     image of the agents. Default: ours
//     INJECTION=copy        how the runtime gets into that image: copy or image-volume
// A first round is not measured: the API server needs seconds for a new chart, and the node has to read
// the image. Kubernetes has times in whole seconds, so the parts are exact to a second; the total is exact.
// The baseline is a hand-written Workflow whose pods contain only a `claude`, without team or gateway. It
// shows the share of Argo, the kubelet and the CLI.
import { stringify } from 'yaml';
import { openSite } from '../../e2e/real/site.ts';
import { openStage } from '../../e2e/real/stage.ts';

/** Goals in seconds: with Argo's default requeue time of 10 s, and with DEFAULT_REQUEUE_TIME=1s. */
const AIMS = { default: 8, '1s': 4 };
const { IMAGE, INJECTION = 'copy' } = process.env;
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** Teammates that start together with the lead. */
const TEAMMATES = Array.from(
  { length: Number(process.env.TEAMMATES ?? 3) },
  (_, at) => `mate-${at}`,
);
const AGENTS = ['team-lead', ...TEAMMATES];
const REPLY_MS = 5000;
const BARE = AGENTS.map((_, at) => `bare-${at}`);
const ENDED = {
  AgentTeam: ['Completed', 'Failed', 'TimedOut', 'BudgetExceeded'],
  Workflow: ['Succeeded', 'Failed', 'Error'],
};

const team = (name) => ({
  apiVersion: 'claude.amcheste.io/v1alpha1',
  kind: 'AgentTeam',
  metadata: { name },
  spec: {
    workspace: {},
    ...(IMAGE !== undefined && { environment: { image: IMAGE } }),
    auth: { apiKeySecret: 'anthropic' },
    lead: { prompt: 'Coordinate.' },
    teammates: [
      ...TEAMMATES.map((mate) => ({ name: mate, prompt: 'Work.' })),
      { name: 'after', prompt: 'Work on.', dependsOn: [TEAMMATES[0]] },
    ],
  },
});

/**
 * Like a real model, this one takes seconds for a reply. Otherwise the first agents would already work
 * and slow down the start of the last ones.
 */
const script = () => ({
  agents: {
    'team-lead': {
      idle: 'Noted.',
      turns: [
        { delayMs: REPLY_MS, text: 'I wait.' },
        { until: { ended: true }, text: 'All have ended.' },
      ],
    },
    ...Object.fromEntries(
      TEAMMATES.map((mate) => [
        mate,
        {
          turns: [
            { delayMs: REPLY_MS, tools: [{ name: 'TaskList' }] },
            {
              tools: [
                {
                  name: 'TaskUpdate',
                  input: { taskId: `\${task.${mate}}`, status: 'completed' },
                  retries: 5,
                },
              ],
            },
            { text: 'Done.' },
          ],
        },
      ]),
    ),
  },
});

/** The baseline: one `claude` for each agent that starts at once, in pods with the same image. */
const bare = (name, { site: { image }, rehearsalUrl }) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name },
  spec: {
    entrypoint: 'all',
    serviceAccountName: 'agentteam-executor',
    automountServiceAccountToken: false,
    executor: { serviceAccountName: 'agentteam-executor' },
    securityContext: {
      ...{ runAsNonRoot: true, runAsUser: 1000 },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    templates: [
      { name: 'all', steps: [BARE.map((pod) => ({ name: pod, template: pod }))] },
      ...BARE.map((pod) => ({
        name: pod,
        container: {
          image: `${image.repository}:${image.tag}`,
          imagePullPolicy: 'IfNotPresent',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          command: ['sh', '-c', 'claude -p Work. --max-turns 1 || true'],
          env: [
            { name: 'HOME', value: '/tmp' },
            { name: 'ANTHROPIC_BASE_URL', value: `${rehearsalUrl}/${pod}` },
            { name: 'ANTHROPIC_API_KEY', value: 'sk-ant-rehearsal' },
            { name: 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC', value: '1' },
          ],
        },
      })),
    ],
  },
});

const site = await openSite();
const stage = await openStage(site, {
  team: () => team('start'),
  script: stringify(script()),
  values: { teams: { runtimeInjection: INJECTION } },
});
try {
  const setting = await requeueTime();
  console.log(`Argo's requeue time: ${setting === 'default' ? 'the default of 10 s' : setting}`);
  console.log(`${AGENTS.length} agents start at once`);
  if (IMAGE !== undefined) console.log(`in the image ${IMAGE}, with the injection ${INJECTION}`);
  console.log();
  const ours = [];
  const peers = [];
  for (let at = 0; at <= ROUNDS; at++) {
    process.stderr.write(`round ${at} of ${ROUNDS}${at === 0 ? ', not measured' : ''}\n`);
    const measured = [await roundOfTeam(`start-${at}`), await roundOfPeer(`bare-${at}`)];
    if (at === 0) continue;
    ours.push(measured[0]);
    peers.push(measured[1]);
  }
  const all = line('apply to the first request of all agents', ours, 'all');
  const aim = AIMS[setting] ?? AIMS.default;
  ratio('  against the aim of', all / aim, `× ${aim} s`);
  line('  ours: apply to Workflow', ours, 'applied');
  line('  Argo: Workflow to agents', ours, 'scheduled');
  line('  ours, and their pods: agents to first request', ours, 'started');
  line('a step’s end to its dependant’s first request', ours, 'dependant');
  line('  Argo: to its start', ours, 'next');
  console.log();
  const other = line('baseline: only claude in each pod', peers, 'all');
  ratio('  the team, compared to the baseline', all / other, '×');
} finally {
  await stage.close();
  await site.cluster.stop();
}

/** The duration of each part of a team's start, in seconds. */
async function roundOfTeam(name) {
  const applied = Date.now();
  await endOf(team(name));
  const requests = await firstRequests(applied);
  const workflow = JSON.parse(await stage.kubectl('get', 'workflow', name, '-o', 'json'));
  const nodes = Object.values(workflow.status.nodes);
  const step = (name) => nodes.find(({ displayName }) => displayName === `${name}(0)`);
  const created = Date.parse(workflow.metadata.creationTimestamp);
  const began = Date.parse(step(TEAMMATES[0]).startedAt);
  const finished = Date.parse(step(TEAMMATES[0]).finishedAt);
  const last = Math.max(...AGENTS.map((agent) => requests.get(agent)));
  return {
    all: (last - applied) / 1000,
    applied: (created - applied) / 1000,
    scheduled: (began - created) / 1000,
    started: (last - began) / 1000,
    dependant: (requests.get('after') - finished) / 1000,
    next: (Date.parse(step('after').startedAt) - finished) / 1000,
  };
}

async function roundOfPeer(name) {
  const applied = Date.now();
  await endOf(bare(name, stage));
  const requests = await firstRequests(applied);
  return { all: (Math.max(...BARE.map((pod) => requests.get(pod))) - applied) / 1000 };
}

/** Applies an object and waits until it has succeeded. */
async function endOf(object) {
  const { apiVersion, kind, metadata } = await stage.apply(object);
  const { phase, message } = await site.cluster.until(
    { apiVersion, kind, ...metadata },
    ({ status }) => ENDED[kind].includes(status?.phase) && status,
  );
  if (!['Completed', 'Succeeded'].includes(phase)) {
    throw new Error(`${kind} ${metadata.name} ended with phase ${phase}: ${message}`);
  }
}

/** The time of each agent's first request since then, in milliseconds since the epoch. */
async function firstRequests(since) {
  const first = new Map();
  const log = await stage.kubectl('logs', 'rehearsal', '--timestamps');
  for (const entry of log.split('\n').filter(Boolean)) {
    const space = entry.indexOf(' ');
    const text = entry.slice(space + 1);
    const at = Date.parse(entry.slice(0, space));
    if (at < since || !text.startsWith('{')) continue;
    const { agent } = JSON.parse(text);
    if (!first.has(agent)) first.set(agent, at);
  }
  return first;
}

async function requeueTime() {
  const path =
    '{.items[*].spec.template.spec.containers[*].env[?(@.name=="DEFAULT_REQUEUE_TIME")].value}';
  const value = await site.cluster.kubectl('get', 'deployments', '-A', '-o', `jsonpath=${path}`);
  return value.trim() || 'default';
}

/** Prints the values of one part in all rounds. @returns the median. */
function line(what, rounds, part) {
  const sorted = rounds.map((round) => round[part]).sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const each = rounds.map((round) => round[part].toFixed(1)).join(' ');
  console.log(`${what.padEnd(52)} ${median.toFixed(1).padStart(6)} s   (${each})`);
  return median;
}

function ratio(what, value, unit) {
  console.log(`${what.padEnd(52)} ${value.toFixed(2).padStart(6)} ${unit}`);
}
