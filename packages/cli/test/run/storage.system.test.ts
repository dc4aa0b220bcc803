// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { agentteam, agentteamArguments, type Outcome } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

let cwd: string;
let disk: string;
// Registered before the hook that removes the directories, so that it runs first.
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

/** Parts of a stack trace, which must not be shown. */
const STACK_TRACE = /\n\s+at |file:\/\/|node:internal|server_error|--verbose/;

function expectInterrupted({ exitCode, stdout, stderr }: Outcome): void {
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(
      /✗ .*disk.*; brief was interrupted, and its work so far is kept\n {2}Free space on that disk .*, then run: agentteam resume brief --dir /,
    ),
  });
  expect(`${stdout}${stderr}`).not.toMatch(STACK_TRACE);
}

async function expectCompletedWithoutRestarts(outcome: Outcome): Promise<void> {
  const { exitCode, stdout, stderr } = outcome;
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
  const text = await readFile(join(disk, 'runs/brief/workflow.json'), 'utf8');
  const nodes = Object.values((JSON.parse(text) as Workflow).status?.nodes ?? {});
  const again = nodes.filter(({ displayName = '' }: NodeStatus) => displayName.endsWith('(1)'));
  expect(again).toEqual([]);
}

test.each(['200k', '900k', '1500k'])(
  'a run on a disk of %s is interrupted with one message, and can be resumed when there is space',
  async (size) => {
    await mount(size);
    expectInterrupted(await run());
    await remount('size=64M');
    await expectCompletedWithoutRestarts(await resume());
  },
);

test('a run that cannot begin names the disk, and leaves nothing unfinished', async () => {
  await mount('900k');
  await execa('sh', ['-c', 'head -c 9M /dev/zero > disk/big'], { cwd, reject: false });
  const outcome = await run();
  expect(outcome).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(
      /^✗ the disk is full at .*disk\/runs\n {2}Free space on that disk/,
    ),
  });
  await rm(join(disk, 'big'));
  await remount('size=64M');
  expect(await run()).toMatchObject({ exitCode: 0 });
  expect(await readFile(join(disk, 'runs/.gitignore'), 'utf8')).toBe('*\n');
});

test('a run on a disk without any space can be deleted', async () => {
  await mount('900k');
  expectInterrupted(await run());
  await execa('sh', ['-c', 'head -c 9M /dev/zero > disk/big'], { cwd, reject: false });
  const deleted = await agentteam(['delete', 'brief', '--dir', 'disk/runs', '--yes'], cwd);
  expect(deleted).toMatchObject({ exitCode: 0, stdout: 'brief deleted' });
  expect(await readdir(join(disk, 'runs'))).toEqual(['.gitignore']);
});

test('an agent that fills the disk interrupts its run without a restart', async () => {
  await mount('16M');
  const fill = '[ -e filled ] || { touch filled; head -c 99M /dev/zero > big; sleep 900; }';
  await writeFile(join(cwd, 'rehearsal.yaml'), script(fill));
  expectInterrupted(await run());
  const big = join(disk, 'runs/brief/volumes/team/work/writer/big');
  // The disk is still full, so resuming fails with the same message.
  expectInterrupted(await resume());
  await rm(big);
  await expectCompletedWithoutRestarts(await resume());
});

test('a disk without free inodes is named as such', async () => {
  await mount('64M,nr_inodes=2000');
  const fill =
    '[ -e filled ] || { touch filled; mkdir many; cd many; n=0; while : > $n; do n=$((n+1)); done; sleep 900; }';
  await writeFile(join(cwd, 'rehearsal.yaml'), script(fill));
  const outcome = await run();
  expect(outcome).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(
      /✗ the disk .*inodes.*; brief was interrupted, .*\n {2}Delete files on that disk \(df -i shows its inodes\), then run: agentteam resume brief --dir /,
    ),
  });
  expect(`${outcome.stdout}${outcome.stderr}`).not.toMatch(STACK_TRACE);
  await rm(join(disk, 'runs/brief/volumes/team/work/writer/many'), { recursive: true });
  await expectCompletedWithoutRestarts(await resume());
});

test('a full disk that has only the output interrupts the run too', async () => {
  await mount('1400k');
  const fill = 'head -c 9M /dev/zero > "$OUT/big" || true; sleep 900';
  const command = fill.replace('$OUT', '/workspace/output');
  await writeFile(join(cwd, 'rehearsal.yaml'), script(command));
  const args = ['run', 'team.yaml', '--rehearse', '--dir', 'runs', '--output', 'disk'];
  expectInterrupted(await agentteam(args, cwd));
});

test('a read-only disk and a forbidden directory are reported with one message', async () => {
  await mount('16M');
  await remount('ro');
  const readOnly = await run();
  expect(readOnly).toMatchObject({ exitCode: 6 });
  expect(readOnly.stderr).toMatch(
    /^✗ read-only file system: .*disk\/runs\n {2}Make it writable, or/,
  );
  expect(readOnly.stderr).not.toMatch(STACK_TRACE);

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
  expect(forbidden.stderr).not.toMatch(STACK_TRACE);
});

test('a full output interrupts the run, and is reported on the other output', async () => {
  const sh = (command: string) =>
    execa('sh', ['-c', command, 'sh', process.execPath, ...agentteamArguments], {
      cwd,
      reject: false,
      env: { HOME: cwd },
    });
  const stopped = await sh('exec "$@" run team.yaml --rehearse > /dev/full');
  expect(stopped.exitCode).toBe(6);
  expect(stopped.stderr).toMatch(
    /brief was interrupted, and its work is kept\.\s+To continue it, run: agentteam resume/,
  );
  expect(stopped.stderr).toMatch(/✗ cannot write to standard output: ENOSPC/);
  expect(stopped.stderr).not.toMatch(STACK_TRACE);
  expect((await sh('exec "$@" list > /dev/full')).exitCode).toBe(6);
  expect((await sh('exec "$@" get nothing 2> /dev/full')).exitCode).toBe(6);
});

test("another user's run and damaged runs do not hide the others", async () => {
  expect((await run('--name', 'good')).exitCode).toBe(0);
  const runs = join(cwd, 'disk/runs');
  for (const name of ['foreign', 'torn', 'half']) await mkdir(join(runs, name), { mode: 0o755 });
  await writeFile(join(runs, 'torn/run.json'), '{"run": "to');
  // A copied run has the name of its directory.
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
