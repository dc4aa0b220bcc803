import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRehearsal } from '@agentteam/rehearsal';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { CLAUDE } from './member.ts';

/**
 * A repository's skills apply to agents, and a skill may bring hooks of its own, which no setting of ours
 * turns off. The CLI itself gives up on a hook that keeps a turn from ending.
 */
test('the hook of a skill can keep a turn from ending a few times only', async () => {
  const home = await mkdtemp(join(tmpdir(), 'skill hooks '));
  const skill = join(home, '.claude/skills/endless');
  await mkdir(skill, { recursive: true });
  const hook = `hooks: { Stop: [{ hooks: [{ type: command, command: "echo >> ran; exit 2" }] }] }`;
  const head = ['---', 'name: endless', 'description: Use it first.', hook, '---'];
  await writeFile(join(skill, 'SKILL.md'), [...head, 'Work on.', ''].join('\n'));
  let requests = 0;
  const turns = [{ tools: [{ name: 'Skill', input: { skill: 'endless' } }] }, { text: 'Done.' }];
  const rehearsal = await startRehearsal({
    script: { agents: { mate: { turns } } },
    onRequest: () => {
      requests += 1;
    },
  });
  try {
    const mode = ['--permission-mode', 'bypassPermissions', '--setting-sources', 'user'];
    await execa(CLAUDE, ['-p', 'Begin.', ...mode], {
      cwd: home,
      stdin: 'ignore',
      extendEnv: false,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        IS_SANDBOX: '1',
        ANTHROPIC_BASE_URL: `${rehearsal.url}/mate`,
        ANTHROPIC_API_KEY: 'sk-ant-rehearsal',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    });
    expect((await readFile(join(home, 'ran'), 'utf8')).length).toBeGreaterThan(1);
    expect(requests).toBeLessThan(20);
  } finally {
    await rehearsal.close();
    await rm(home, { recursive: true, force: true });
  }
});
