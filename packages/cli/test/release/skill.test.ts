import { cp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileText } from '@agentteam/compiler';
import { startRehearsal } from '@agentteam/rehearsal';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { parse } from 'yaml';
import { blocksOf, ROOT, spansOf } from '../documents/blocks.ts';
import { commandsOf } from '../documents/recorded-commands.ts';
import { misnamed, misuse } from '../documents/usage.ts';
import { temporaryDirectories } from '../temporary.ts';

const SKILL = 'skills/agentteam/SKILL.md';
const temporary = temporaryDirectories();
const require = createRequire(import.meta.url);
const claude = join(
  dirname(
    require.resolve(`@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`),
  ),
  'claude',
);

describe('the skill for coding agents', () => {
  test('has the head that Claude Code reads, and fits into a conversation', async () => {
    const text = await readFile(join(ROOT, SKILL), 'utf8');
    const [, head = '', body = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];
    const { name, description } = parse(head) as Readonly<Record<string, string>>;
    expect(name).toBe('agentteam');
    // Longer ones are refused: https://docs.claude.com/en/docs/agents-and-tools/agent-skills/overview
    expect(description?.length).toBeLessThanOrEqual(1024);
    expect(body.split('\n').length).toBeLessThan(500);
  });

  test('shows teams that compile without a problem', async () => {
    const text = await readFile(join(ROOT, SKILL), 'utf8');
    const teams = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, team = '']) => team);
    expect(teams).toHaveLength(2);
    for (const team of teams) expect(compileText(team).problems).toEqual([]);
  });

  test('names only commands and options that exist', async () => {
    const faults: (string | undefined)[] = [];
    for (const { text } of blocksOf(SKILL)) {
      for (const [program, ...words] of await commandsOf(text)) {
        if (program === 'agentteam') faults.push(await misuse(words));
      }
    }
    for (const { text } of spansOf(SKILL)) {
      faults.push(await misnamed(text.split(/\s+/).slice(1)));
    }
    expect(faults.length).toBeGreaterThan(10);
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('is found by Claude Code, which gives it to the model that asks for it', async () => {
    const home = await temporary();
    await cp(join(ROOT, 'skills'), join(home, '.claude/skills'), { recursive: true });
    const asked: string[] = [];
    const rehearsal = await startRehearsal({
      script: {
        agents: {
          user: {
            turns: [
              { tools: [{ name: 'Skill', input: { skill: 'agentteam' } }] },
              { text: 'I know how to write a team.' },
            ],
          },
        },
      },
      onRequest: ({ request }) => asked.push(JSON.stringify(request)),
    });
    try {
      const { stdout } = await execa(
        claude,
        ['-p', 'Write a team.', '--verbose', '--output-format', 'stream-json'],
        {
          cwd: home,
          stdin: 'ignore',
          extendEnv: false,
          env: {
            PATH: process.env['PATH'],
            HOME: home,
            ANTHROPIC_BASE_URL: `${rehearsal.url}/user`,
            ANTHROPIC_API_KEY: 'sk-ant-rehearsal',
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          },
        },
      );
      const [init] = stdout.split('\n').map((line) => JSON.parse(line));
      expect(init).toMatchObject({ type: 'system', skills: expect.arrayContaining(['agentteam']) });
      expect(asked.at(-1)).toContain('# Teams of agents with agentteam');
    } finally {
      await rehearsal.close();
    }
  });
});
