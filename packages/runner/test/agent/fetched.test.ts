import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type FetchedSpec, type GitSource, PATHS, VOLUME } from '@agentteam/contract';
import { afterEach, describe, expect, test } from '@jest/globals';
import { setupCommand } from '../../src/setup/command.ts';
import { memoryServer } from '../support/memory-server.ts';
import { printed } from '../support/printed.ts';
import { makeRepository, shell, temporaryDirectory } from '../support/shell.ts';
import { makePlace, never, withSpec } from '../support/team.ts';
import { AgentTeam, COMPLETE, REPORT } from './support/agent-team.ts';

let team: AgentTeam | undefined;
afterEach(async () => {
  await team?.remove();
  team = undefined;
});

const HEAD = (name: string, more = '') =>
  `---\nname: ${name}\ndescription: DESCRIPTION OF ${name}\n${more}---\nBODY OF ${name}\n`;

/** A repository with a skill, and a marketplace with a plugin that does whatever a plugin can do. */
async function publish(): Promise<{
  readonly url: string;
  readonly mark: string;
  readonly commit: string;
}> {
  const directory = await temporaryDirectory();
  const mark = join(directory, 'hook-ran');
  const hook = [{ hooks: [{ type: 'command', command: `touch '${mark}'` }] }];
  const own = `hooks: ${JSON.stringify({ PreToolUse: hook })}\n`;
  const url = join(directory, 'market');
  await makeRepository(url, {
    '.claude-plugin/marketplace.json': JSON.stringify({
      name: 'tools',
      owner: { name: 'A Person' },
      plugins: [
        { name: 'kit', source: './plugins/kit', description: 'A kit', hooks: { Stop: hook } },
        { name: 'far', source: { source: 'github', repo: 'acme/far' } },
      ],
    }),
    'plugins/kit/skills/greet/SKILL.md': HEAD('greet', own),
    'plugins/kit/commands/wave.md': HEAD('wave', own),
    'plugins/kit/agents/critic.md': HEAD('critic', own),
    'plugins/kit/hooks/hooks.json': JSON.stringify({ hooks: { UserPromptSubmit: hook } }),
    'plugins/kit/.mcp.json': JSON.stringify({
      mcpServers: { memory: memoryServer(join(directory, 'graph.json')) },
    }),
    'skills/voice/SKILL.md': HEAD('voice'),
    'skills/voice/reference/words.md': 'WORDS OF THE VOICE\n',
    'skills/linked/SKILL.md': HEAD('linked'),
  });
  await shell(
    url,
    'ln -s ../../../../etc/passwd skills/linked/users; git add -A; git commit -qm link',
  );
  await shell(url, 'git tag v1; git commit -q --allow-empty -m later');
  return { url, mark, commit: await shell(url, 'git rev-parse v1') };
}

function fetchedFrom(from: GitSource, more: Partial<FetchedSpec> = {}): FetchedSpec {
  const common = {
    id: 'one',
    kind: 'skill',
    name: 'voice',
    field: 'lead.skills[0].source.git',
  } as const;
  return { ...common, timeoutSeconds: 120, maxBytes: 1 << 20, from, ...more };
}

/** Runs an agent that uses a skill, with what setup has fetched mounted where it belongs. */
async function use(skill: string, fetched: FetchedSpec): Promise<string> {
  const turns = [
    { tools: [{ name: 'Skill', input: { skill } }] },
    { tools: [COMPLETE, REPORT] },
    { text: 'Done.' },
  ];
  team = await AgentTeam.make({ script: { mate: { turns } }, fetched: [fetched] });
  const place = fetched.kind === 'skill' ? PATHS.skills : PATHS.plugins;
  const names = [fetched.name];
  const pod = await team.start('mate', {
    mounts: { [`${place}/${fetched.name}`]: join(team.place.volume, VOLUME.fetched, fetched.id) },
    agent: fetched.kind === 'skill' ? { skills: names } : { plugins: names },
  });
  if ((await pod.exited) !== 0) throw new Error(pod.log);
  return JSON.stringify(team.seen);
}

const ran = (mark: string) =>
  access(mark).then(
    () => true,
    () => false,
  );

describe('a skill from git', () => {
  test.each(['tag', 'commit'])('is used at a %s', async (how) => {
    const { url, commit } = await publish();
    const ref = how === 'tag' ? 'v1' : commit;
    const asked = await use('voice', fetchedFrom({ kind: 'git', url, ref, path: 'skills/voice/' }));
    expect(asked).toContain('DESCRIPTION OF voice');
    expect(asked).toContain('BODY OF voice');
  });

  test.each([
    ['a branch', { ref: 'main' }, 'has no tag main; a ref is the full id of a commit, or a tag'],
    ['a commit that does not exist', { ref: 'a'.repeat(40) }, `has no commit ${'a'.repeat(40)}`],
    [
      'a directory that does not exist',
      { path: 'skill/voice' },
      'the commit has no directory skill/voice',
    ],
    ['a directory without SKILL.md', { path: 'plugins' }, 'it has no SKILL.md'],
    ['a link that leads out', { path: 'skills/linked' }, 'a link that leads out of it: "users"'],
    ['a repository that does not exist', { url: '/nowhere/at/all' }, 'does not exist'],
  ])('is refused with %s', async (_what, wrong, words) => {
    const { url } = await publish();
    const from: GitSource = { kind: 'git', url, ref: 'v1', path: 'skills/voice', ...wrong };
    const { log, code } = await refusalOf(fetchedFrom(from));
    expect(log).toContain('the skill voice (lead.skills[0].source.git): ');
    expect(log).toContain(words);
    expect(code).toBeGreaterThanOrEqual(64);
  });

  test('is refused when it is too large', async () => {
    const { url } = await publish();
    const from: GitSource = { kind: 'git', url, ref: 'v1', path: 'skills/voice' };
    const { log } = await refusalOf(fetchedFrom(from, { maxBytes: 20 }));
    expect(log).toContain('it is larger than 20 bytes: set maxSize to a larger size');
  });
});

const KIT = { kind: 'plugin', name: 'kit', field: 'lead.plugins[0]' } as const;

describe('a plugin', () => {
  test('brings its skills, commands and sub-agents, and nothing that acts', async () => {
    const { url, mark, commit } = await publish();
    const asked = await use('kit:greet', fetchedFrom({ kind: 'git', url, ref: commit }, KIT));
    for (const name of ['greet', 'wave', 'critic'])
      expect(asked).toContain(`DESCRIPTION OF ${name}`);
    expect(asked).toContain('BODY OF greet');
    expect(asked).not.toContain('read_graph');
    expect(await ran(mark)).toBe(false);
  });

  test('brings its hooks and MCP servers as well with settings: all', async () => {
    const { url, mark, commit } = await publish();
    const all = { ...KIT, settings: 'all' } as const;
    const asked = await use('kit:greet', fetchedFrom({ kind: 'git', url, ref: commit }, all));
    for (const name of ['greet', 'wave', 'critic'])
      expect(asked).toContain(`DESCRIPTION OF ${name}`);
    expect(asked.includes('mcp__plugin_kit_memory__read_graph')).toBe(true);
    expect(await ran(mark)).toBe(true);
  });

  test.each([
    [
      'that the marketplace does not have',
      { name: 'kid' },
      'the marketplace has no such plugin; it has: kit, far',
    ],
    ['of another repository', { name: 'far' }, 'it is in another repository than the marketplace'],
  ])('%s is refused', async (_what, wrong, words) => {
    const { url, commit } = await publish();
    const spec = fetchedFrom({ kind: 'git', url, ref: commit }, { ...KIT, ...wrong });
    expect((await refusalOf(spec)).log).toContain(words);
  });
});

/** The failure of a setup that fetches this. */
async function refusalOf(
  fetched: FetchedSpec,
): Promise<{ readonly code: number; readonly log: string }> {
  const { result: code, log } = await printed(async () => {
    const place = await makePlace();
    const spec = { team: 'crew', namespace: 'dev', members: [], fetched: [fetched] };
    return setupCommand(withSpec(place, spec), [], never);
  });
  return { code, log };
}
