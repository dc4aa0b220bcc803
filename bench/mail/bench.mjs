// Measures the latency of mail, from the reply in which an agent calls SendMessage to the request in which
// another agent reads the text, and the number of turns of the lead while 16 teammates end one after
// another. `claude`, runners, gateways and files are real; only the API is scripted.
// Run with `npm run bench:mail`. AGENTS="2 16" sets the team sizes, TEAMMATES=4 the number that end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkObject, compile } from '@agentteam/compiler';
import { ALL_ENDED, REPORT_TOOL } from '@agentteam/contract';
import { createRun, execute } from '@agentteam/local';
import { startRehearsal } from '@agentteam/rehearsal';
import { readGatewayAddress } from '@agentteam/volume';

const root = fileURLToPath(new URL('../../', import.meta.url));
const claude = join(
  dirname(
    createRequire(import.meta.url).resolve(
      `@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`,
    ),
  ),
  'claude',
);
const AIM_IDLE_MS = 1000;
/** Number of mails per writer, by team size. All writers together send one mail per interval. */
const MAILS = { 2: 20, 16: 5 };
const EVERY_MS = 1000;
/** Time between the ends of two teammates; longer than the time for which mail is batched. */
const ENDS_EVERY_MS = 2000;
const USAGE = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

/** Teammates write to the lead, which is either idle between mails or always busy with a tool. */
class Source {
  latencies = [];
  /** Number of the lead's requests until one contains a mail that was in its inbox; 1 is the next request. */
  requestsUntil = [];
  /** Age, in milliseconds, of the oldest mail that was missing in a request of the lead. */
  oldestMissed = 0;
  /** Mails that were sent again, as a model would: the CLI gives up on a lock after a second. */
  refused = 0;
  #busy;
  #agents;
  #mails;
  /** Mails that have not arrived yet, by their text. */
  #sent = new Map();
  #turns = new Map();
  #leadRequests = 0;
  #begin;
  #everybody;

  constructor(agents, busy) {
    this.#agents = agents;
    this.#busy = busy;
    this.#mails = Array(MAILS[agents] ?? 5).fill();
    this.#everybody = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  get expected() {
    return (this.#agents - 1) * this.#mails.length;
  }

  async reply({ agent, request }) {
    const turn = (this.#turns.get(agent) ?? 0) + 1;
    this.#turns.set(agent, turn);
    // No agent writes while others start, which needs all of a small machine.
    if (this.#turns.size === this.#agents) this.#begin();
    await this.#everybody;
    const content = agent === 'team-lead' ? this.#lead(request) : await this.#mate(agent, request);
    const blocks = content.map((block, index) =>
      block.type === 'tool_use' ? { ...block, id: `toolu_${agent}_${turn}_${index}` } : block,
    );
    return { kind: 'model', id: `msg_${agent}_${turn}`, content: blocks, usage: USAGE, delayMs: 0 };
  }

  async #mate(agent, request) {
    const task = String(Number(agent.slice('mate-'.length)) + 1);
    const results = request.messages
      .flatMap(({ content }) => content)
      .filter(({ type }) => type === 'tool_result');
    if (results.at(-1)?.isError) this.refused += 1;
    const done = results.filter(({ isError }) => !isError).length;
    const known = this.#sent.get(textOf(agent, done));
    if (known !== undefined) known.before = this.#leadRequests;
    if (done > this.#mails.length) return [{ type: 'text', text: 'Done.' }];
    if (done === this.#mails.length) return ends(task);
    await delay(EVERY_MS * (this.#agents - 1) * (0.5 + Math.random()));
    const message = textOf(agent, done + 1);
    this.#sent.set(message, { at: performance.now() });
    const input = { to: 'team-lead', summary: 'a mail', message };
    return [{ type: 'tool_use', name: 'SendMessage', input }];
  }

  #lead(request) {
    this.#leadRequests += 1;
    const text = JSON.stringify(request.messages);
    for (const [message, { at, before }] of this.#sent) {
      const age = performance.now() - at;
      if (!text.includes(message)) {
        if (before !== undefined) this.oldestMissed = Math.max(this.oldestMissed, age);
        continue;
      }
      this.latencies.push(age);
      this.requestsUntil.push(this.#leadRequests - (before ?? this.#leadRequests));
      this.#sent.delete(message);
    }
    if (text.includes(ALL_ENDED)) return reports(request);
    const done = this.latencies.length === this.expected;
    if (!this.#busy || done) return [{ type: 'text', text: 'Read.' }];
    return [
      { type: 'tool_use', name: 'Bash', input: { command: 'sleep 0.7', description: 'work' } },
    ];
  }
}

const report = {
  type: 'tool_use',
  name: REPORT_TOOL.fullName,
  input: { outcome: 'completed', summary: 'Done.' },
};

/** The last calls of a teammate. */
const ends = (task) => [
  { type: 'tool_use', name: 'TaskUpdate', input: { taskId: task, status: 'completed' } },
  report,
];

/** The lead's last call or its last text. */
function reports({ messages }) {
  const calls = messages
    .flatMap(({ content }) => content)
    .filter(({ type }) => type === 'tool_use');
  const called = calls.some(({ name }) => name === REPORT_TOOL.fullName);
  return called ? [{ type: 'text', text: 'Done.' }] : [report];
}

/** Teammates end one after another: each writes to the lead, reports and ends. */
class Endings {
  /** Turns of the lead: its requests that do not follow a call of a tool. */
  leadTurns = 0;
  #mates;
  #turns = new Map();
  #started = Promise.withResolvers();

  constructor(mates) {
    this.#mates = mates;
  }

  async reply({ agent, request }) {
    const turn = (this.#turns.get(agent) ?? 0) + 1;
    this.#turns.set(agent, turn);
    // No teammate ends while others start.
    if (this.#turns.size === this.#mates + 1) this.#started.resolve();
    const content = agent === 'team-lead' ? this.#lead(request) : await this.#mate(agent, turn);
    const blocks = content.map((block, index) =>
      block.type === 'tool_use' ? { ...block, id: `toolu_${agent}_${turn}_${index}` } : block,
    );
    return { kind: 'model', id: `msg_${agent}_${turn}`, content: blocks, usage: USAGE, delayMs: 0 };
  }

  #lead(request) {
    // Claude Code can add a reminder after the results of tools, in a message of its own.
    const { content = [] } = request.messages.findLast(({ role }) => role === 'assistant') ?? {};
    if (!content.some(({ type }) => type === 'tool_use')) this.leadTurns += 1;
    return JSON.stringify(request.messages).includes(ALL_ENDED)
      ? reports(request)
      : [{ type: 'text', text: 'Read.' }];
  }

  async #mate(agent, turn) {
    const index = Number(agent.slice('mate-'.length));
    if (turn === 1) {
      await this.#started.promise;
      await delay(ENDS_EVERY_MS * (index + 1));
      const input = { to: 'team-lead', summary: 'found', message: textOf(agent, 1) };
      return [{ type: 'tool_use', name: 'SendMessage', input }];
    }
    return turn === 2 ? ends(String(index + 1)) : [{ type: 'text', text: 'Done.' }];
  }
}

/** @param number from 1. */
const textOf = (agent, number) => `(mail ${number} of ${agent})`;

/** The port at which a gateway serves its startup probe. */
async function portOf(pod, container, port) {
  if (container !== 'gateway') return port;
  const address = await readGatewayAddress(join(pod, 'volumes/gateway'));
  return address && Number(new URL(address.statusUrl).port);
}

/** Runs a team with a lead and a number of teammates. @returns the phase of the Workflow. */
async function runTeam(source, mates) {
  const directory = mkdtempSync(join(tmpdir(), 'bench-mail-'));
  const rehearsal = await startRehearsal({ script: { agents: {} }, source });
  const { team } = checkObject({
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeam',
    metadata: { name: 'mail' },
    spec: {
      workspace: {},
      lead: { prompt: 'Read.' },
      teammates: Array.from({ length: mates }, (_, i) => ({
        name: `mate-${i}`,
        prompt: 'Write.',
      })),
    },
  });
  const { compiled } = compile(team, { api: { apiUrl: `${rehearsal.url}/{agent}` } });
  createRun(join(directory, 'run'), compiled.workflow);
  const runner = join(root, 'dist/runner.mjs');
  const ended = await execute(join(directory, 'run'), {
    signal: new AbortController().signal,
    programs: {
      commands: { 'agentteam-runner': [process.execPath, runner] },
      directories: [],
      path: [dirname(process.execPath)],
    },
    claims: { [compiled.claims.team.metadata.name]: 'volumes/team' },
    configMaps: {},
    secrets: {},
    sandboxed: () => false,
    env: () => ({
      AGENTTEAM_GATEWAY_PORT: '0',
      AGENTTEAM_STATUS_PORT: '0',
      AGENTTEAM_CLAUDE: claude,
    }),
    portOf,
  });
  await rehearsal.close();
  rmSync(directory, { recursive: true, force: true });
  return ended.status?.phase;
}

async function measure(agents, busy) {
  const source = new Source(agents, busy);
  const { expected } = source;
  const phase = await runTeam(source, agents - 1);
  const sorted = source.latencies.sort((a, b) => a - b);
  const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
  const next = source.requestsUntil.filter((count) => count <= 1).length;
  console.log(
    `${String(agents).padStart(2)} agents, ${busy ? 'busy' : 'idle'}: ${sorted.length} of ${expected} mails, p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ${source.refused} refused and sent again` +
      (busy
        ? `; ${next} of ${sorted.length} in the next request; no mail was missing in a request that started ${source.oldestMissed.toFixed(0)} ms after it was sent`
        : `; ${(p99 / AIM_IDLE_MS).toFixed(2)} of the goal (${AIM_IDLE_MS} ms)`),
  );
  if (phase !== 'Succeeded' || sorted.length !== expected) process.exitCode = 1;
}

/** The lead has its first and its last turn besides those that teammates cause. */
async function measureEndings(mates) {
  const source = new Endings(mates);
  const phase = await runTeam(source, mates);
  const caused = source.leadTurns - 2;
  console.log(
    `${mates} teammates end one after another: ${source.leadTurns} turns of the lead, ${(caused / mates).toFixed(2)} for each teammate (goal: at most 1)`,
  );
  if (phase !== 'Succeeded' || caused > mates) process.exitCode = 1;
}

/** 16 processes write 200 mails each to one inbox, as Claude Code's tools do. */
async function manyWriters() {
  const directory = mkdtempSync(join(tmpdir(), 'bench-mail-'));
  const writer = `
    import { sendMail } from '@agentteam/volume';
    const [directory, from] = process.argv.slice(1);
    const at = { team: 'T', teams: directory, tasks: directory };
    for (let i = 0; i < 200; i += 1) await sendMail(at, 'reader', { from, text: String(i) });`;
  const start = performance.now();
  const writers = Array.from({ length: 16 }, (_, i) =>
    spawn(
      process.execPath,
      [
        '--conditions=source',
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '-e',
        writer,
        directory,
        `w${i}`,
      ],
      { cwd: root, stdio: 'inherit' },
    ),
  );
  await Promise.all(writers.map((child) => once(child, 'exit')));
  const seconds = (performance.now() - start) / 1000;
  const mail = JSON.parse(readFileSync(join(directory, 'T/inboxes/reader.json'), 'utf8'));
  const inOrder = writers.every((_, i) => {
    const texts = mail.filter(({ from }) => from === `w${i}`).map(({ text }) => text);
    return texts.length === 200 && texts.every((text, index) => text === String(index));
  });
  rmSync(directory, { recursive: true, force: true });
  console.log(
    `16 writers, 200 mails each: ${mail.length} of 3200 arrived, ${inOrder ? 'each once and in order' : 'NOT in order'}, ${seconds.toFixed(1)} s`,
  );
  if (mail.length !== 3200 || !inOrder) process.exitCode = 1;
}

await measureEndings(Number(process.env.TEAMMATES ?? 16));
for (const agents of (process.env.AGENTS ?? '2 16').split(' ').filter(Boolean).map(Number)) {
  await measure(agents, false);
  await measure(agents, true);
}
await manyWriters();
