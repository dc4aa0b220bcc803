// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { execFileSync } from 'node:child_process';
import type { AgentTeam } from '@agentteam/api';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { completeScript, defaultScript, parseScript } from '../../src/index.ts';
import { Workspace } from '../support/claude.ts';
import { rehearse, type Watched } from '../support/rehearse.ts';

const HOSTILE = 'Say ${HOME}, $${x} and ${task.mate}; "quote" it: \'so\' $(id) `id`';

function team(spec: object): AgentTeam {
  return {
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeam',
    metadata: { name: 'team' },
    spec: { lead: { model: 'opus', prompt: HOSTILE }, lifecycle: {}, ...spec },
  } as AgentTeam;
}

const REPOSITORY = { url: 'https://git.example/a/b', branch: 'main' };
const OUTPUT = { output: { mountPath: '/workspace/output' } };
const mate = (more: object = {}): object => ({ name: 'mate', prompt: HOSTILE, ...more });
const after = { name: 'after', prompt: 'p', dependsOn: ['mate'], mcpServers: [{ name: 'mail' }] };

const TEAMS: readonly (readonly [name: string, spec: object, file: string | undefined])[] = [
  ['that codes', { repository: REPOSITORY, teammates: [mate()] }, '${paths.cwd}/mate.md'],
  [
    'with a scope',
    {
      repository: REPOSITORY,
      teammates: [mate({ scope: { includePaths: ['src/a.ts', './src/b'] } })],
    },
    '${paths.cwd}/src/b/mate.md',
  ],
  [
    'with a part left out',
    {
      repository: REPOSITORY,
      teammates: [mate({ scope: { includePaths: ['a/', 'b/'], excludePaths: ['a/'] } })],
    },
    '${paths.cwd}/b/mate.md',
  ],
  [
    'with a scope of files',
    { repository: REPOSITORY, teammates: [mate({ scope: { includePaths: ['a.ts'] } })] },
    undefined,
  ],
  ['that writes', { workspace: OUTPUT, teammates: [mate(), after] }, '/workspace/output/mate.md'],
  ['with neither', { teammates: [mate()] }, '${paths.cwd}/mate.md'],
];

describe('the generated script of a team', () => {
  test.each(TEAMS)('%s is valid and writes a file in the right place', (_, spec, file) => {
    const script = defaultScript(team(spec));
    expect(parseScript(stringify(script), 'made').problems).toEqual([]);
    const calls = script.agents['mate']?.turns.flatMap(({ tools = [] }) => tools) ?? [];
    const written = calls.filter((call) => 'name' in call && call.name === 'Write');
    expect(written.map(({ input }) => input?.['file_path'])).toEqual(
      file === undefined ? [] : [file],
    );
  });

  test('lets every teammate write to the lead and to its dependants', () => {
    const { agents } = defaultScript(team({ workspace: OUTPUT, teammates: [mate(), after] }));
    const receivers = (name: string): readonly unknown[] =>
      (agents[name]?.turns ?? [])
        .flatMap(({ tools = [] }) => tools)
        .flatMap(({ input }) => input?.['to'] ?? []);
    expect(receivers('mate')).toEqual(['team-lead', 'after']);
    expect(receivers('after')).toEqual(['team-lead']);
    expect(receivers('team-lead')).toEqual(['mate', 'after']);
  });

  test('is added for agents that a script leaves out', () => {
    const turns = [{ text: 'mine' }];
    const { agents } = completeScript(
      { agents: { mate: { turns } } },
      team({ teammates: [mate(), after] }),
    );
    expect(Object.keys(agents).toSorted()).toEqual(['after', 'mate', 'team-lead']);
    expect(agents['mate']).toEqual({ turns });
  });
});

describe('the generated script, played by the real CLI', () => {
  let workspace: Workspace;
  let rehearsal: Watched | undefined;
  beforeEach(async () => {
    workspace = await Workspace.make(['team-lead', 'mate', 'after']);
  });
  afterEach(async () => {
    await workspace.remove();
    await rehearsal?.close();
  });

  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid', ...args], {
      cwd: workspace.work,
      encoding: 'utf8',
    }).trim();

  test('a coding teammate claims its task, commits its file, writes to the others and completes', async () => {
    git('init', '--quiet');
    git('config', 'user.name', 'mate');
    git('config', 'user.email', 'mate@team.invalid');
    git('commit', '--quiet', '--allow-empty', '--message', 'Start');
    await workspace.addTask('1', 'Do it', 'mate');
    const scope = { includePaths: ["src/it's here/"] };
    const spec = { repository: REPOSITORY, teammates: [mate({ scope }), after] };
    rehearsal = await rehearse(defaultScript(team(spec)));
    const cwd = `<paths>\ncwd = ${workspace.work}\n</paths>`;
    const { result } = await workspace.start({ url: rehearsal.url }).ask(`${HOSTILE}\n\n${cwd}`);
    expect(result).toBe("mate is done: src/it's here/mate.md.");
    expect(await workspace.read("src/it's here/mate.md")).toContain(HOSTILE);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('log', '-1', '--format=%an %s')).toBe('mate Rehearse the part of mate');
    expect(await workspace.task('1')).toMatchObject({ status: 'completed', owner: 'mate' });
    const text = "mate is done: src/it's here/mate.md.";
    expect(await workspace.inbox('team-lead')).toMatchObject([{ from: 'mate', text }]);
    expect(await workspace.inbox('after')).toMatchObject([{ from: 'mate', text }]);
  });

  test('a lead waits for all reports and writes them to a file', async () => {
    const spec = { workspace: OUTPUT, teammates: [mate(), after] };
    rehearsal = await rehearse(defaultScript(team(spec)));
    const lead = workspace.start({ url: rehearsal.url, agent: 'team-lead' });
    const place = `<paths>\ncwd = ${workspace.work}\n/workspace/output = ${workspace.work}\n</paths>`;
    expect((await lead.ask(`Lead.\n\n${place}`)).result).toBe('The team is working.');
    const letter = '<teammate-message teammate_id="mate">\nhello\n</teammate-message>';
    expect((await lead.ask(letter)).result).toBe('Waiting.');
    const reports = ['mate', 'after'].map(
      (name) => `<report from="${name}" outcome="completed">\n${name} says \${last}\n</report>`,
    );
    const { result } = await lead.ask(`All teammates have ended.\n\n${reports.join('\n\n')}`);
    expect(result).toContain('- after: after says ${last}');
    expect(await workspace.read('report.md')).toContain('## mate\n\nmate says ${last}\n');
    expect(await workspace.task('1')).toMatchObject({ status: 'completed', owner: 'team-lead' });
  });
});
