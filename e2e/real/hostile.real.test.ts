import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { agentteam } from '../cli/cli.ts';
import type { Stored } from '../controller/cluster.ts';
import { small, useStages } from './stages.ts';

const { site, open } = useStages();

/** Number of requests that the agent sends without its CLI. */
const FLOOD = 8;
/** Usage of every reply, so that the number of tokens tells the number of requests. */
const USAGE = { input: 1000, output: 100 };
const bash = (as: string, command: string) => ({
  tools: [{ name: 'Bash', as, input: { command: `{ ${command}\n} 2>/dev/null; true` } }],
  usage: USAGE,
});
/** A reference to the output of a command. */
const outputOf = (as: string) => `\${result.${as}}`;
const task = (status: string) => ({
  tools: [{ name: 'TaskUpdate', input: { taskId: '1', status } }],
  usage: USAGE,
});

/**
 * Searches for a secret without finding the search itself in a process list or a transcript. It also finds
 * and writes the agent's own token, which shows that the search works.
 */
const SECRETS = `grep -alE 'ANTHROPIC_API_KE[Y]=' /proc/self/environ
grep -alE 'sk-ant-re[h]earsal' /proc/[0-9]*/environ /proc/[0-9]*/cmdline
grep -rlE 'sk-ant-re[h]earsal' /run /etc /home /tmp /var/lib /workspace
ls /var/run/secrets/kubernetes.io /run/secrets/agentteam
grep -lE 'runner[.]mjs.gateway|argoexec.wait' /proc/[0-9]*/cmdline`;

const FORGE = `echo own > /workspace/work/own && echo 'wrote its own'
for place in ledger control state/team-lead state/editor sessions/editor volume ../agentteam; do
  (echo forged > "/var/lib/agentteam/$place/stop.json") && echo "wrote $place"
done
(echo forged > /run/agentteam/gateway.json) && echo "wrote gateway.json"
for file in /usr/local/lib/agentteam/dist/runner.mjs /opt/agentteam/dist/runner.mjs /etc/passwd; do
  (echo forged > $file) && echo "wrote $file"
done`;

/** The Node that every image of an agent has. */
const PAST = `/opt/agentteam/bin/node -e '
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key } = process.env;
const body = JSON.stringify({ model: "claude-opus-4-6", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] });
const ask = (path, headers = {}) => fetch(url + path, { method: "POST", headers, body }).then(async (r) => (await r.text(), r.status));
const asked = [ask("/v1/messages"), ask("/v1/files", { "x-api-key": key })];
for (let n = 0; n < ${FLOOD}; n += 1) asked.push(ask("/v1/messages", { "x-api-key": key }));
Promise.all(asked).then((all) => console.log(all.join(" ")));'`;

/** Signals all processes that it can see, its runner first; only once, or the agent would never continue. */
const KILL = `cd /workspace/work; [ -e killed ] || { touch killed; kill -9 -1; }; echo alive`;

const script = stringify({
  agents: {
    writer: {
      turns: [
        task('in_progress'),
        bash('secrets', SECRETS),
        bash('forged', FORGE),
        bash('past', PAST),
        bash('killed', KILL),
        task('completed'),
        {
          tools: [
            {
              name: 'report',
              input: {
                outcome: 'completed',
                summary: `found [${outputOf('secrets')}] wrote [${outputOf('forged')}] asked [${outputOf('past')}] is [${outputOf('killed')}]`,
              },
            },
          ],
          usage: USAGE,
        },
        { text: 'Done.', usage: USAGE },
      ],
    },
  },
});

/** `python-slim` stands for an image that is not ours: `e2e/real/images/build`. */
const IMAGES = { 'our image': undefined, 'another image': 'localhost/python-slim:e2e' };

test.each(Object.entries(IMAGES))(
  'a hostile agent in %s finds no secret, forges nothing, and is charged for all its requests',
  async (_which, image) => {
    const at = await open({
      script,
      team: (addresses) => {
        const hostile = small('hostile')(addresses);
        if (image !== undefined) hostile.spec.environment = { image, imagePullPolicy: 'Never' };
        return hostile;
      },
    });
    await at.start();
    const status = await at.ended();
    expect(status).toMatchObject({
      phase: 'Completed',
      teammates: [{ name: 'writer', restartCount: 1 }, { name: 'editor' }],
    });

    const nodes = Object.values<Stored['status']>((await at.workflow())?.status.nodes);
    const finish = nodes.find(({ displayName }) => displayName === 'Finish');
    const totals = finish.outputs.parameters.find(
      ({ name }: { name: string }) => name === 'totals',
    );
    const { agents } = JSON.parse(totals.value) as { agents: { name: string; report?: string }[] };
    const asked = ['401', '403', ...Array.from({ length: FLOOD }, () => '200')].join(' ');
    expect(agents.find(({ name }) => name === 'writer')?.report).toBe(
      `found [/proc/self/environ] wrote [wrote its own] asked [${asked}] is [alive]`,
    );

    // The ledger contains all replies of the API. Requests without the CLI belong to no turn.
    const answers = (await at.kubectl('logs', 'rehearsal'))
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { agent: string; status: number; turn?: number })
      .filter(({ agent, status: code }) => agent === 'writer' && code === 200);
    const turns = answers.filter(({ turn }) => turn !== undefined).length;
    // The agent repeats a turn whose end is not in the transcript because of the kill.
    const beside = answers.length - turns;
    expect(beside % FLOOD).toBe(0);
    expect(beside).toBeGreaterThan(0);
    const { kubeconfig, directory } = site().cluster;
    const { stdout } = await agentteam(
      ['cost', 'hostile', '-n', at.namespace, '--json', `--kubeconfig=${kubeconfig}`],
      { cwd: directory },
    );
    const { lines } = JSON.parse(stdout) as {
      lines: { agent: string; tokens: { input: number; output: number } }[];
    };
    const { input = 0, output = 0 } = lines.find(({ agent }) => agent === 'writer')?.tokens ?? {};
    const [inputs, outputs] = [input - USAGE.input * turns, output - USAGE.output * turns];
    expect([inputs % beside, outputs % beside]).toEqual([0, 0]);
    expect(Math.min(inputs, outputs)).toBeGreaterThanOrEqual(beside);
  },
);
