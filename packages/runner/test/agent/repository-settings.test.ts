import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositorySettings } from '@agentteam/contract';
import type { ToolCall } from '@agentteam/rehearsal';
import { afterEach, expect, test } from '@jest/globals';
import { memoryServer } from '../support/memory-server.ts';
import { shell, temporaryDirectory } from '../support/shell.ts';
import { type AgentTeam, COMPLETE } from './support/agent-team.ts';
import { makeCodingAgents, treeOf } from './support/coding-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

const run = (command: string) => [{ hooks: [{ type: 'command', command }] }];
const MARK = 'touch "$CLAUDE_PROJECT_DIR/hook-ran"';

/** Everything of a repository that Claude Code might apply. Each hook leaves a file. */
async function repository(hook: string): Promise<Readonly<Record<string, string>>> {
  const settings = {
    env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9', ANTHROPIC_API_KEY: 'theirs', COLOUR: 'green' },
    model: 'claude-opus-4-1',
    disableAllHooks: true,
    permissions: { deny: ['SendMessage', 'TaskUpdate', 'Read(./secret.txt)'] },
    hooks: { Stop: run(hook), UserPromptSubmit: run(hook), TeammateIdle: run(hook) },
  };
  const own =
    'hooks: { PreToolUse: [{ hooks: [{ type: command, command: "touch skill-hook" }] }] }';
  const memory = memoryServer(join(await temporaryDirectory(), 'memory.json'));
  return {
    '.claude/settings.json': JSON.stringify(settings),
    '.claude/settings.local.json': JSON.stringify(settings),
    '.mcp.json': JSON.stringify({ mcpServers: { memory } }),
    'CLAUDE.md': 'WORDS OF THE PROJECT',
    '.claude/rules/style.md': 'RULES OF THE PROJECT',
    '.claude/skills/deploy/SKILL.md': `---\nname: deploy\ndescription: SKILL OF THE PROJECT\n${own}\nallowed-tools: Bash\n---\nBODY OF THE SKILL\n`,
    '.claude/skills/deploy/run.sh': 'echo from the script\n',
    '.claude/agents/critic.md': `---\nname: critic\ndescription: AGENT OF THE PROJECT\n${own}\n---\nSay.\n`,
    '.claude/commands/ship.md': '---\ndescription: COMMAND OF THE PROJECT\n---\nShip it.\n',
    'secret.txt': 'SECRET OF THE PROJECT\n',
  };
}

const TEXTS = ['WORDS', 'RULES', 'SKILL', 'AGENT', 'COMMAND'].map((one) => `${one} OF THE PROJECT`);

/** Runs a teammate that uses the repository's skill, its script and what its settings are about. */
async function work(settings: RepositorySettings, hook: string, more: readonly ToolCall[] = []) {
  const script = '"$HOME/.claude/skills/deploy/run.sh"';
  const tools: readonly ToolCall[] = [
    { name: 'Skill', input: { skill: 'deploy' } },
    {
      name: 'Bash',
      input: {
        command: `echo x > c.txt; echo "is $(printenv COLOUR || echo unset)"; sh ${script}`,
      },
    },
    { name: 'Read', input: { file_path: 'secret.txt' } },
    ...more,
    COMPLETE,
  ];
  team = await makeCodingAgents(
    {
      script: { mate: { turns: [...tools.map((tool) => ({ tools: [tool] })), { text: 'Done.' }] } },
    },
    await repository(hook),
    settings === 'skills' ? {} : { settings },
  );
  const pod = await team.start('mate');
  if ((await pod.exited) !== 0) throw new Error(pod.log);
  expect(await team.state('mate')).toMatchObject({ phase: 'completed', report: 'Done.' });
  const has = (file: string) =>
    access(join(treeOf(team, 'mate'), file)).then(
      () => true,
      () => false,
    );
  return {
    asked: JSON.stringify(team.seen),
    hooks: [await has('hook-ran'), await has('skill-hook')],
  };
}

test('by default, instructions, skills, sub-agents and commands apply, and nothing that acts', async () => {
  const { asked, hooks } = await work('skills', MARK);
  for (const text of [...TEXTS, 'BODY OF THE SKILL', 'from the script'])
    expect(asked).toContain(text);
  expect(hooks).toEqual([false, false]);
  expect(asked).not.toContain('mcp__memory');
  expect(asked).toContain('is unset');
  expect(asked).toContain('SECRET OF THE PROJECT');
});

test('with ignore, nothing of the repository applies', async () => {
  const { asked, hooks } = await work('ignore', MARK);
  for (const text of [...TEXTS, 'BODY OF THE SKILL', 'mcp__memory'])
    expect(asked).not.toContain(text);
  expect(hooks).toEqual([false, false]);
  expect(asked).toContain('is unset');
});

test('with all, hooks, permissions, variables and MCP servers apply as well', async () => {
  const remember = {
    entities: [{ name: 'ROUTER', entityType: 'thing', observations: ['has four ports'] }],
  };
  const { asked, hooks } = await work('all', MARK, [
    { name: 'mcp__memory__create_entities', input: remember },
  ]);
  for (const text of [...TEXTS, 'BODY OF THE SKILL', 'from the script'])
    expect(asked).toContain(text);
  expect(hooks).toEqual([true, true]);
  expect(asked).toContain('is green');
  expect(asked).not.toContain('SECRET OF THE PROJECT');
  expect(asked).toContain('mcp__memory__read_graph');
  const [{ env }] = Object.values(
    (JSON.parse(await readFile(join(treeOf(team, 'mate'), '.mcp.json'), 'utf8')) as Servers)
      .mcpServers,
  ) as [{ readonly env: Readonly<Record<string, string>> }];
  expect(await readFile(env['MEMORY_FILE_PATH'] ?? '', 'utf8')).toContain('has four ports');
});

interface Servers {
  readonly mcpServers: Readonly<Record<string, { readonly env: Readonly<Record<string, string>> }>>;
}

test('with all, a hook that blocks everything costs a bounded number of requests', async () => {
  team = await makeCodingAgents(
    { script: { mate: { turns: [{ tools: [COMPLETE] }, { text: 'Done.' }] } } },
    await repository(`${MARK}; echo again >&2; exit 2`),
    { settings: 'all' },
  );
  const pod = await team.start('mate', { agent: { maxRestarts: 0 } });
  expect(await pod.exited).toBeGreaterThan(0);
  expect(team.seen.length).toBeLessThan(40);
  expect(await shell(treeOf(team, 'mate'), 'ls hook-ran')).toBe('hook-ran');
});
