// A team with many agents, second by second: the state that the server would read, and transcripts on disk.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const START = Date.UTC(2026, 10, 29, 10);
export const timeAt = (second) => new Date(START + second * 1000).toISOString();
const MOST = { spans: 400, events: 1000, costs: 1000 };
const NO_TASKS = { total: 4, completed: 1, inProgress: 1, pending: 2 };
const tokensAt = (second) => ({
  input: second * 10,
  output: second * 40,
  cacheRead: second * 900,
  cacheWrite5m: second * 20,
  cacheWrite1h: 0,
});

/** An hour in which each second some agents call a tool, spend, and now and then write mail. */
export class BusyTeam {
  second = 0;
  #agents;
  #costs = [];
  #events = [];
  #messages = [];

  constructor(count) {
    this.#agents = Array.from({ length: count }, (_, index) => ({
      name: index === 0 ? 'team-lead' : `agent-${index}`,
      step: index === 0 ? 'Lead' : `agent-${index}`,
      role: index === 0 ? 'lead' : 'teammate',
      model: 'sonnet',
      state: 'running',
      activity: { kind: 'thinking', text: '', since: timeAt(0) },
      turns: 1,
      restarts: 0,
      usd: '0.00',
      tokens: tokensAt(0),
      tasks: NO_TASKS,
      messagesSent: 0,
      startedAt: timeAt(0),
      spans: [{ kind: 'attempt', name: 'attempt 1', from: timeAt(0) }],
      transcript: true,
    }));
  }

  /** Lets a second pass. One agent in eight does something. */
  tick() {
    this.second += 1;
    const { second } = this;
    const at = timeAt(second);
    this.#agents = this.#agents.map((agent, index) => {
      if ((index + second) % 8 !== 0) return agent;
      const span = { kind: 'tool', name: 'Bash', from: timeAt(second - 1), to: at };
      return {
        ...agent,
        activity: { kind: 'tool', text: `Bash: npm test -- part-${second}`, since: at },
        turns: agent.turns + 1,
        usd: (second * 0.001).toFixed(3),
        tokens: tokensAt(second),
        spans: [agent.spans[0], ...agent.spans.slice(1), span].slice(0, MOST.spans),
      };
    });
    const name = this.#agents[second % this.#agents.length].name;
    const usd = (second * 0.001).toFixed(3);
    const share = (part) => (second * 0.001 * part).toFixed(6);
    const usdByClass = {
      input: share(0.1),
      output: share(0.5),
      cacheRead: share(0.3),
      cacheWrite: share(0.1),
      other: '0.00',
    };
    const point = { at, agent: name, usd, usdByClass, tokens: tokensAt(second) };
    this.#costs = [...this.#costs, point].slice(-MOST.costs);
    if (second % 2 === 0) {
      const event = { at, kind: 'step-started', text: `${name} began part ${second}`, agent: name };
      this.#events = [...this.#events, event].slice(-MOST.events);
    }
    if (second % 4 === 0) {
      const text = `Part **${second}** is ready:\n\n- \`src/part-${second}.js\`\n- its tests`;
      const mail = { from: name, to: 'team-lead', at, kind: 'message', text, delivered: true };
      this.#messages = [...this.#messages, mail];
    }
  }

  detail() {
    const tokens = tokensAt(this.second * 8);
    const agents = this.#agents;
    return {
      summary: {
        name: 'busy',
        namespace: 'dev',
        phase: 'Running',
        progress: { done: 0, total: agents.length + 1 },
        usd: (this.second * 0.008).toFixed(3),
        limit: '40.00',
        tokens,
        tasks: NO_TASKS,
        createdAt: timeAt(0),
        startedAt: timeAt(0),
        rehearsal: true,
        interrupted: false,
        paused: false,
      },
      steps: [
        ...agents.map(({ step, name }, index) => ({
          name: step,
          title: name,
          kind: 'agent',
          agent: name,
          dependsOn: index > 8 ? [agents[index - 8].step] : [],
          level: Math.floor(index / 8),
          state: 'running',
          attempts: 1,
          startedAt: timeAt(0),
        })),
        {
          name: 'Finish',
          title: 'Finish',
          kind: 'finish',
          dependsOn: agents.map(({ step }) => step),
          level: 9,
          state: 'waiting',
          attempts: 0,
        },
      ],
      agents,
      tasks: [],
      messages: this.#messages,
      gates: [],
      questions: [],
      costs: this.#costs,
      results: { files: [], cut: false },
      diffs: [],
      checks: [],
      events: this.#events,
      notices: [],
    };
  }
}

/** Writes the transcript of an agent with this many lines: text, calls of tools, and their results. */
export function writeTranscript(volume, agent, lines) {
  const directory = join(volume, 'sessions', agent, 'projects/-work');
  mkdirSync(directory, { recursive: true });
  const line = (index) => {
    const timestamp = timeAt(index);
    const id = `toolu_${index - (index % 3)}`;
    const input = {
      command: `npm test -- part-${index}`,
      description: `Run the tests of part ${index}`,
    };
    const output = `${`ok ${index} - a test of part ${index}\n`.repeat(12)}# pass 12`;
    const parts = [
      { type: 'text', text: `Part ${index}: I run the **tests** of \`src/part-${index}.js\`.` },
      { type: 'tool_use', name: 'Bash', input },
      { type: 'tool_result', content: output },
    ];
    const part = { ...parts[index % 3], ...(index % 3 === 1 ? { id } : {}) };
    if (index % 3 === 2) part.tool_use_id = id;
    const role = index % 3 === 2 ? 'user' : 'assistant';
    return JSON.stringify({ type: role, timestamp, message: { role, content: [part] } });
  };
  const text = Array.from({ length: lines }, (_, index) => line(index)).join('\n');
  writeFileSync(join(directory, 'session.jsonl'), `${text}\n`);
}
