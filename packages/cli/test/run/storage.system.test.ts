// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { agentteam, agentteamArguments, type Outcome } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

let cwd: string;
let disk: string;
// Before the directories are removed.
afterEach(async () => {
  await execa('umount', ['-l', disk], { reject: false });
});
const temporary = temporaryDirectories();

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: brief }
spec:
  workspace: { output: { mountPath: /workspace/output } }
  auth: { apiKeySecret: anthropic-api-key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: writer, prompt: Write it. }]
  lifecycle: { timeout: 30m, budgetLimit: "3.00" }
`;
const script = (command: string) => `
agents:
  writer:
    turns:
      - tools: [{ name: TaskList }, { name: Bash, input: { command: ${JSON.stringify(command)} } }]
      - tools: [{ name: TaskUpdate, input: { taskId: "\${task.writer}", status: completed } }]
      - text: Written.
`;

beforeAll(() => {
  if (process.getuid?.() !== 0) throw new Error('this suite mounts file systems: run it as root');
});

beforeEach(async () => {
  cwd = await temporary();
  disk = join(cwd, 'disk');
  await mkdir(disk);
  for (const path of [dirname(cwd), cwd]) await chmod(path, 0o755);
  await writeFile(join(cwd, 'team.yaml'), TEAM);
});
const mount = (size: string) => execa('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk]);
const remount = (options: string) => execa('mount', ['-o', `remount,${options}`, disk]);
const run = (...more: readonly string[]): Promise<Outcome> =>
  agentteam(['run', 'team.yaml', '--rehearse', '--dir', 'disk/runs', ...more], cwd);
const resume = (): Promise<Outcome> => agentteam(['resume', 'brief', '--dir', 'disk/runs'], cwd);

/** What a person must not see: where in our code it happened. */
const INSIDES = /\n\s+at |file:\/\/|node:internal|server_error|--verbose/;

function expectInterrupted({ exitCode, stdout, stderr }: Outcome): void {
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(
      /✗ .*disk.*; brief is interrupted, and its work so far is kept\n {2}Make room on that disk .*, then go on: agentteam resume brief --dir /,
    ),
  });
  expect(`${stdout}${stderr}`).not.toMatch(INSIDES);
}

async function expectDoneAtTheFirstAttempt(outcome: Outcome): Promise<void> {
  expect(outcome).toMatchObject({ exitCode: 0 });
  const text = await readFile(join(disk, 'runs/brief/workflow.json'), 'utf8');
  const nodes = Object.values((JSON.parse(text) as Workflow).status?.nodes ?? {});
  const again = nodes.filter(({ displayName = '' }: NodeStatus) => displayName.endsWith('(1)'));
  expect(again).toEqual([]);
}

test.each(['200k', '900k', '1500k'])(
  'a run on a disk of %s is interrupted in one sentence, and goes on when there is room',
  async (size) => {
    await mount(size);
    expectInterrupted(await run());
    await remount('size=64M');
    await expectDoneAtTheFirstAttempt(await resume());
  },
);

test('an agent that fills the disk interrupts its run at once, and loses no attempt', async () => {
  await mount('16M');
  const fill = '[ -e filled ] || { touch filled; head -c 99M /dev/zero > big; sleep 900; }';
  await writeFile(join(cwd, 'rehearsal.yaml'), script(fill));
  expectInterrupted(await run());
  const big = join(disk, 'runs/brief/volumes/team/work/writer/big');
  // Nothing at all is left: going on is refused in the same words.
  expectInterrupted(await resume());
  await rm(big);
  await expectDoneAtTheFirstAttempt(await resume());
});

test('a full disk under the output alone interrupts the run as well', async () => {
  await mount('1400k');
  const fill = 'head -c 9M /dev/zero > "$OUT/big" || true; sleep 900';
  const place = fill.replace('$OUT', '/workspace/output');
  await writeFile(join(cwd, 'rehearsal.yaml'), script(place));
  const args = ['run', 'team.yaml', '--rehearse', '--dir', 'runs', '--output', 'disk'];
  expectInterrupted(await agentteam(args, cwd));
});

test('a read-only disk and a forbidden directory are told of in one sentence', async () => {
  await mount('16M');
  await remount('ro');
  const readOnly = await run();
  expect(readOnly).toMatchObject({ exitCode: 6 });
  expect(readOnly.stderr).toMatch(
    /^✗ read-only file system: .*disk\/runs\n {2}Make it writable, or/,
  );
  expect(readOnly.stderr).not.toMatch(INSIDES);

  await remount('rw');
  await mkdir(join(disk, 'private'), { mode: 0o700 });
  const [node, ...args] = [process.execPath, ...agentteamArguments];
  const as = ['--reuid', '65534', '--regid', '65534', '--clear-groups', node as string, ...args];
  const forbidden = await execa(
    'setpriv',
    [...as, 'run', 'team.yaml', '--rehearse', '--no-sandbox', '--dir', 'disk/private/runs'],
    { cwd, reject: false, env: { HOME: '/nonexistent' } },
  );
  expect(forbidden.exitCode).toBe(6);
  expect(forbidden.stderr).toMatch(/^✗ permission denied: .*private\/runs/);
  expect(forbidden.stderr).not.toMatch(INSIDES);
});

test('an output that takes nothing more stops the run in order, and says so on the other', async () => {
  const sh = (command: string) =>
    execa('sh', ['-c', command, 'sh', process.execPath, ...agentteamArguments], {
      cwd,
      reject: false,
      env: { HOME: cwd },
    });
  const stopped = await sh('exec "$@" run team.yaml --rehearse > /dev/full');
  expect(stopped.exitCode).toBe(6);
  expect(stopped.stderr).toMatch(
    /brief is stopped, nothing of it is lost. Go on: agentteam resume/,
  );
  expect(stopped.stderr).toMatch(/✗ standard output takes nothing more: ENOSPC/);
  expect(stopped.stderr).not.toMatch(INSIDES);
  expect((await sh('exec "$@" list > /dev/full')).exitCode).toBe(6);
  expect((await sh('exec "$@" get nothing 2> /dev/full')).exitCode).toBe(6);
});

test('a run of somebody else, and one that is torn, hide none of the others', async () => {
  expect((await run('--name', 'good')).exitCode).toBe(0);
  const runs = join(cwd, 'disk/runs');
  for (const name of ['foreign', 'torn', 'half']) await mkdir(join(runs, name), { mode: 0o755 });
  await writeFile(join(runs, 'torn/run.json'), '{"run": "to');
  // A run that was copied, and is called as its directory is.
  await writeFile(join(runs, 'half/run.json'), await readFile(join(runs, 'good/run.json')));
  await writeFile(join(runs, 'half/workflow.json'), '{"metadata": {"na');
  await writeFile(join(runs, 'foreign/run.json'), '{}', { mode: 0o600 });
  const others = ['foreign', 'foreign/run.json'].map((name) => join(runs, name));
  for (const path of others) await chown(path, 12345, 12345);
  for (const path of [
    cwd,
    disk,
    runs,
    join(runs, 'good'),
    join(runs, 'torn'),
    join(runs, 'half'),
  ]) {
    await chmod(path, 0o755);
  }
  for (const name of ['good/run.json', 'good/workflow.json', 'half/run.json']) {
    await chmod(join(runs, name), 0o644);
  }
  for (const args of [['list'], ['plan', 'team.yaml']]) {
    const shown = await execa(
      'setpriv',
      [
        ...['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath],
        ...[...agentteamArguments, ...args, '--dir', 'disk/runs'],
      ],
      { cwd, reject: false, env: { HOME: '/nonexistent' } },
    );
    expect({ args, ...shown }).toMatchObject({ exitCode: 0 });
    if (args[0] === 'list') {
      expect(shown.stdout).toMatch(/good +Completed/);
      for (const name of ['foreign', 'torn', 'half']) expect(shown.stderr).toContain(`! ${name} `);
    }
  }
});
