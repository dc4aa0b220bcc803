import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Template, Workflow } from '@agentteam/argo';
import { waitInDirectory } from '@agentteam/volume';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRun, detectSandbox, type ExecuteOptions, execute } from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { script, task, workflow } from '../workflows.ts';

let directory: string;
let home: string;
beforeEach(() => {
  // Projects are usually below HOME, which an agent must not see.
  home = mkdtempSync(join(homedir(), '.agentteam test '));
  directory = join(home, 'project');
  mkdirSync(directory);
  writeFileSync(join(home, 'key'), 'of-the-user');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** An agent's pod: `main` mounts its own part of the claim, and a sidecar holds a secret. */
function agent(name: string, text: string): Template {
  const template = script(name, text);
  const own = { name: 'team', mountPath: '/own', subPath: `sessions/${name}` };
  const shared = { name: 'team', mountPath: '/state', subPath: 'state', readOnly: true };
  const ownState = { name: 'team', mountPath: '/own-state', subPath: `state/${name}` };
  template.volumes?.push({ name: 'api', secret: { secretName: 'api' } });
  const mounts = [{ name: 'tmp', mountPath: '/tmp' }, ownState, own, shared];
  template.container = { ...template.container, image: 'test', volumeMounts: mounts };
  template.sidecars = [
    {
      name: 'gateway',
      image: 'test',
      command: ['sh'],
      args: ['sleep 600'],
      volumeMounts: [{ name: 'api', mountPath: '/secret', readOnly: true }],
    },
  ];
  return template;
}

const root = (): string => join(directory, 'run');
const volume = (path: string): string => join(root(), 'volumes/team', path);

function options(): ExecuteOptions {
  return shellOptions({
    secrets: { api: { key: 'hush-hush' } },
    sandboxed: (_, container) => container === 'main',
  });
}

async function runAgents(templates: readonly Template[]): Promise<Workflow> {
  createRun(
    root(),
    workflow(
      templates.map(({ name = '' }) => task(name, name)),
      templates,
    ),
  );
  return execute(root(), options());
}

test('this machine can run a sandbox, which the tests below need', () => {
  expect(detectSandbox()).toEqual({ available: true });
});

describe('in a sandbox, an agent', () => {
  test('reads and writes its mounts under both of their paths', async () => {
    const ended = await runAgents([
      agent(
        'a',
        'echo one > /own/x && echo two > "$AGENTTEAM_ROOT/own/y" && echo three > "$AGENTTEAM_ROOT/own-state/z" && cat /state/a/z > /tmp/seen && cat /tmp/seen >> /own/x',
      ),
    ]);
    expect(ended.status?.phase).toBe('Succeeded');
    expect(readFileSync(volume('sessions/a/x'), 'utf8')).toBe('one\nthree\n');
    expect(readFileSync(volume('sessions/a/y'), 'utf8')).toBe('two\n');
  });

  test('can write a termination message', async () => {
    const ended = await runAgents([
      agent('a', 'echo its key is wrong > "$AGENTTEAM_ROOT/dev/termination-log"; exit 3'),
    ]);
    const messages = Object.values(ended.status?.nodes ?? {}).map(({ message }) => message);
    expect(messages).toContain('main: Error (exit code 3): its key is wrong\n');
  });

  test.each([
    ['the HOME of the user', () => `cat '${home}/key'`],
    ["another agent's session", () => `cat '${volume('sessions/b/secret')}'`],
    ["its gateway's secret", () => `cat "$AGENTTEAM_ROOT"/../secrets/api/key`],
    ["its gateway's environment", () => 'cat /proc/[0-9]*/environ | grep -a gateway'],
    ["the run's state", () => `cat '${root()}/workflow.json'`],
  ])('cannot read %s', async (_, command) => {
    mkdirSync(volume('sessions/b'), { recursive: true });
    writeFileSync(volume('sessions/b/secret'), 'of b');
    const ended = await runAgents([
      // The first command shows that the container works at all.
      agent('a', `echo ok > /own/alive && if ${command()} > /own/loot; then echo leaked; fi`),
    ]);
    expect(ended.status?.phase).toBe('Succeeded');
    expect(existsSync(volume('sessions/a/alive'))).toBe(true);
    expect(readFileSync(volume('sessions/a/loot'), 'utf8')).toBe('');
  });

  test.each([
    ['outside its mounts', () => `'${directory}/planted'`],
    ['in the HOME of the user', () => `'${home}/planted'`],
    ['in a read-only mount', () => '/state/planted'],
    ['in a read-only mount under its other path', () => `"$AGENTTEAM_ROOT/state/planted"`],
    ['in the system', () => '/usr/planted'],
    ["in its pod's tree", () => '"$AGENTTEAM_ROOT/planted"'],
  ])('cannot write %s', async (_, path) => {
    await runAgents([
      // The write may succeed in the sandbox's own /tmp; only files outside of the sandbox count.
      agent('a', `echo ok > /own/alive; echo x > ${path()}; true`),
    ]);
    expect(existsSync(volume('sessions/a/alive'))).toBe(true);
    const planted = [directory, home, volume('state'), '/usr', join(root(), 'pods')];
    expect(planted.filter((place) => existsSync(join(place, 'planted')))).toEqual([]);
  });

  test('has no capabilities and sees only its own processes', async () => {
    await runAgents([
      agent(
        'a',
        'grep CapEff /proc/self/status > /own/caps; ls -d /proc/[0-9]* | wc -l > /own/pids',
      ),
    ]);
    expect(readFileSync(volume('sessions/a/caps'), 'utf8')).toMatch(/^CapEff:\t0+$/m);
    expect(Number(readFileSync(volume('sessions/a/pids'), 'utf8'))).toBeLessThan(10);
  });

  test('is ended together with children that have left its process group', async () => {
    const abort = new AbortController();
    createRun(
      root(),
      workflow(
        [task('a', 'a')],
        [
          agent(
            'a',
            'setsid sh -c "while :; do echo x >> /own/beat; sleep 0.05; done" & sleep 600',
          ),
        ],
      ),
    );
    const running = execute(root(), { ...options(), signal: abort.signal });
    while (!existsSync(volume('sessions/a/beat')))
      await new Promise((next) => setTimeout(next, 20));
    abort.abort();
    await running;
    const beats = readFileSync(volume('sessions/a/beat'), 'utf8').length;
    await new Promise((next) => setTimeout(next, 300));
    expect(readFileSync(volume('sessions/a/beat'), 'utf8').length).toBe(beats);
  });

  test('is ended when its supervisor is killed', async () => {
    createRun(root(), workflow([task('a', 'a')], [agent('a', 'echo > /own/alive; sleep 600')]));
    const running = execute(root(), options());
    const work = volume('sessions/a');
    const found = async () => existsSync(join(work, 'alive')) || undefined;
    await waitInDirectory(work, found, { signal: AbortSignal.timeout(60_000) });
    const pods = join(root(), 'pods');
    const [pod = ''] = readdirSync(pods);
    const { pid } = JSON.parse(readFileSync(join(pods, pod, 'main.pid.json'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    expect(Object.values((await running).status?.nodes ?? {})).toContainEqual(
      expect.objectContaining({ phase: 'Failed', message: expect.stringContaining('137') }),
    );
  });

  test.each([
    ['lies in a home', () => join(home, 'bin/program'), /does not show .*bin\/program, which/],
    ['is a link into a home', () => join(home, 'link'), /link, a link to .*bin\/program, which/],
  ])('fails with the name of a program that %s', async (_, program, message) => {
    mkdirSync(join(home, 'bin'));
    writeFileSync(join(home, 'bin/program'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('bin/program', join(home, 'link'));
    createRun(root(), workflow([task('a', 'a')], [agent('a', '')]));
    const hidden = { commands: { sh: [program()] }, directories: [], path: [] };
    const ended = await execute(root(), { ...options(), programs: hidden });
    const messages = Object.values(ended.status?.nodes ?? {}).map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringMatching(message));
  });
});
