// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Workspace } from '../support/claude.ts';
import { rehearse, script, type Watched } from '../support/rehearse.ts';

let workspace: Workspace;
let rehearsal: Watched;

beforeEach(async () => {
  workspace = await Workspace.make();
});

afterEach(async () => {
  await workspace.remove();
  await rehearsal.close();
});

const play = async (yaml: string): Promise<void> => {
  rehearsal = await rehearse(script(yaml), { dir: workspace.directory });
};

const paths = (): string =>
  `<paths>\ncwd = ${workspace.work}\n/workspace/output = ${workspace.work}\n</paths>`;
const mail = (from: string, text: string): string =>
  `<teammate-message teammate_id="${from}">\n${text}\n</teammate-message>`;

describe('the real CLI', () => {
  test('plays its script with tools, tasks and mail, and reports its usage', async () => {
    await play(`
agents:
  mate:
    turns:
      - text: Looking.
        tools: [{name: TaskList}]
        usage: {input: 1000, output: 100, cacheRead: 10000, cacheWrite5m: 2000, cacheWrite1h: 1000}
      - tools:
          - {name: TaskUpdate, input: {taskId: "\${task.mate}", status: in_progress}}
          - {name: Bash, input: {command: 'echo "one of two" > "/workspace/output/a.txt"; cat "/workspace/output/a.txt"'}, as: said}
        usage: {input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0}
      - until: {mail: [team-lead]}
        tools:
          - {name: Write, input: {file_path: /workspace/output/b.txt, content: "\${result.said}, \${mail.team-lead}"}}
          - {name: SendMessage, input: {to: team-lead, summary: what I have written, message: "got \${mail.team-lead}"}}
      - text: "The end: \${mail.team-lead}."
`);
    await workspace.addTask('1', 'Do it', 'mate');
    const mate = workspace.start({ url: rehearsal.url });
    const first = await mate.ask(`Begin.\n\n${paths()}`);
    expect(first).toMatchObject({ is_error: false, result: 'Waiting.' });
    const second = await mate.ask(mail('team-lead', 'and two'));
    expect(second).toMatchObject({ is_error: false, result: 'The end: and two.' });
    const third = await mate.ask('Anything else?');
    expect(third.result).toBe('The end: and two.');
    expect(await workspace.read('b.txt')).toBe('one of two, and two');
    expect(await workspace.task('1')).toMatchObject({ status: 'in_progress', owner: 'mate' });
    expect(await workspace.inbox('team-lead')).toMatchObject([
      { from: 'mate', text: 'got and two' },
    ]);
    expect(rehearsal.seen.map(({ turn }) => turn)).toEqual([1, 2, undefined, 3, 4, undefined]);
  });

  test('computes the cost from every class of tokens in the script', async () => {
    await play(`
agents:
  mate:
    turns:
      - text: Dear.
        usage: {input: 1000000, output: 100000, cacheRead: 1000000, cacheWrite5m: 100000, cacheWrite1h: 0}
`);
    const { total_cost_usd: usd } = await workspace.start({ url: rehearsal.url }).ask('Begin.');
    // The CLI's prices for sonnet are 2, 10, 0.10 and 2.50 dollars per million tokens.
    expect(usd).toBeCloseTo(2 + 1 + 0.1 + 0.25, 6);
  });

  test('receives mail while it is busy, and the script sees it in the next request', async () => {
    await play(`
agents:
  mate:
    turns:
      - tools: [{name: Bash, input: {command: 'echo x > started; until [ -e heard ]; do sleep 0.1; done'}}]
      - until: {mail: [team-lead]}
        text: "Heard \${mail.team-lead}."
`);
    const mate = workspace.start({ url: rehearsal.url });
    mate.tell('Begin.');
    await workspace.appears('started');
    mate.tell(mail('team-lead', 'in between'));
    await workspace.recorded('"enqueue"', 'in between');
    await workspace.write('heard', 'x');
    expect((await mate.result()).result).toBe('Heard in between.');
  });

  test('calls a tool of a rehearsed MCP server', async () => {
    await play(`
agents:
  mate:
    turns:
      - tools:
          - {mcp: gmail, input: {to: ann@shop.example}, as: draft}
          - {mcp: notes, as: note}
      - text: "\${result.draft}; \${result.note}"
mcpServers:
  gmail:
    tools:
      - name: create_draft
        inputSchema: {type: object, properties: {to: {type: string}}, required: [to]}
        reply: Draft to \${input.to}
`);
    const servers = ['gmail', 'notes'].map(
      (name) => [name, { type: 'http', url: `${rehearsal.url}/mcp/${name}` }] as const,
    );
    const config = JSON.stringify({ mcpServers: Object.fromEntries(servers) });
    const args = ['--mcp-config', config, '--strict-mcp-config'];
    const { result } = await workspace.start({ url: rehearsal.url, args }).ask('Begin.');
    expect(result).toBe('Draft to ann@shop.example; Noted: rehearsal');
    const log = await readFile(join(workspace.directory, 'mcp/gmail.jsonl'), 'utf8');
    expect(JSON.parse(log)).toEqual({
      tool: 'create_draft',
      arguments: { to: 'ann@shop.example' },
      reply: 'Draft to ann@shop.example',
    });
  });

  test('survives errors of the API and a reply that is cut off', async () => {
    await play(`
agents:
  mate:
    turns:
      - text: Here I am.
        errors:
          - {status: 529, retryAfter: 0}
          - {status: 429, retryAfter: 0}
          - {cutAfter: 4}
`);
    const { result, is_error } = await workspace.start({ url: rehearsal.url }).ask('Begin.');
    expect([is_error, result]).toEqual([false, 'Here I am.']);
    expect(rehearsal.seen.slice(0, 2).map(({ status }) => status)).toEqual([529, 429]);
  });

  test('stops at a reference to something it has not seen, and names it', async () => {
    await play('agents:\n  mate:\n    turns:\n      - text: "${mail.nobody}"\n');
    const { result, is_error } = await workspace.start({ url: rehearsal.url }).ask('Begin.');
    expect(is_error).toBe(true);
    expect(result).toContain(
      'rehearsal.yaml:4: turn 1 of mate: mate has not seen ${mail.nobody} yet',
    );
  });

  test('gets replies for its sub-agents and continues its own script', async () => {
    await play(`
agents:
  mate:
    turns:
      - tools: [{name: Agent, input: {description: look, prompt: Look around., subagent_type: general-purpose}}]
      - text: Mine.
      - text: Still mine.
`);
    const mate = workspace.start({ url: rehearsal.url });
    await mate.ask('Begin.');
    await rehearsal.until(({ subagent }) => subagent);
    const own = rehearsal.seen.filter(({ subagent }) => !subagent).map(({ turn }) => turn);
    expect(own.slice(0, 2)).toEqual([1, 2]);
  });
});
