import { chmodSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ARGO_MESSAGES } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import { detectSandbox, execute } from '../../src/index.ts';
import { shellOptions } from '../support/shell-options.ts';
import { nodeOf, phases, testEngine } from '../support/test-engine.ts';
import { script, task, workflow } from '../workflows.ts';

const engine = testEngine();

describe('a DAG', () => {
  test('runs in the order of its dependencies, on one shared volume', async () => {
    const ended = await engine.run(
      workflow(
        [task('a', 'a'), task('b', 'b', 'a'), task('c', 'c', 'a && b')],
        ['a', 'b', 'c'].map((name) => script(name, `echo ${name} >> "$AGENTTEAM_ROOT/data/log"`)),
      ),
    );
    expect(ended.status?.phase).toBe('Succeeded');
    expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('a\nb\nc\n');
    expect(ended.status?.progress).toBe('3/3');
  });

  test('omits steps that need the success of a failed step, and runs steps that need its failure', async () => {
    const ended = await engine.run(
      workflow(
        [
          task('a', 'bad'),
          task('b', 'ok', 'a.Succeeded'),
          task('c', 'ok', 'a.Failed || b.Omitted'),
        ],
        [script('bad', 'exit 7'), script('ok', 'true')],
      ),
    );
    expect(phases(ended)).toMatchObject({ a: 'Failed', b: 'Omitted', c: 'Succeeded' });
    expect(ended.status?.phase).toBe('Failed');
    expect(nodeOf(ended, 'a')).toMatchObject({
      message: 'main: Error (exit code 7)',
      outputs: { exitCode: '7' },
    });
    expect(nodeOf(ended, 'b')?.message).toBe(ARGO_MESSAGES.omitted);
  });

  test('shows the termination message of a failed container, truncated to its end like the kubelet does', async () => {
    const log = '"$AGENTTEAM_ROOT/dev/termination-log"';
    const ended = await engine.run(
      workflow(
        [task('a', 'says'), task('b', 'long'), task('c', 'elsewhere')],
        [
          script('says', `printf 'The key\nis wrong.' > ${log}; exit 3`),
          script('long', `yes | head -c 5000 > ${log}; printf end >> ${log}; exit 3`),
          script('elsewhere', `ln -sf /etc/passwd ${log}; exit 3`),
        ],
      ),
    );
    const messages = ['a', 'b', 'c'].map((name) => nodeOf(ended, name)?.message ?? '');
    expect(messages[0]).toBe('main: Error (exit code 3): The key\nis wrong.');
    expect(messages[1]).toMatch(/y\nend$/);
    expect(messages[1]).toHaveLength('main: Error (exit code 3): '.length + 4096);
    expect(messages[2]).toBe('main: Error (exit code 3)');
  });

  test('passes phases and output parameters of tasks on, with the defaults of outputs that are missing', async () => {
    const given = script(
      'say',
      'mkdir -p "$AGENTTEAM_ROOT/tmp/outputs"; printf hello > "$AGENTTEAM_ROOT/tmp/outputs/word"',
    );
    given.outputs = {
      parameters: ['word', 'none'].map((name) => ({
        name,
        valueFrom: { path: `/tmp/outputs/${name}`, default: '-' },
      })),
    };
    const taken = script('take', 'echo "$0" > "$AGENTTEAM_ROOT/data/log"');
    // A step with a retry strategy has the inputs and outputs of its attempts.
    for (const template of [given, taken]) template.retryStrategy = { limit: '1' };
    taken.inputs = { parameters: [{ name: 'text' }] };
    taken.container?.args?.push('{{inputs.parameters.text}}');
    const second = task('b', 'take', 'a');
    second.arguments = {
      parameters: [
        {
          name: 'text',
          value:
            '{{tasks.a.outputs.parameters.word}}{{tasks.a.outputs.parameters.none}}{{tasks.a.status}}',
        },
      ],
    };
    await engine.run(workflow([task('a', 'say'), second], [given, taken]));
    expect(readFileSync(join(engine.volume(), 'log'), 'utf8')).toBe('hello-Succeeded\n');
  });

  test('reads an output only from a plain file at its exact path', async () => {
    const sly = script(
      'sly',
      `mkdir -p "$AGENTTEAM_ROOT/tmp/outputs/dir" "$AGENTTEAM_ROOT/data/far"
cd "$AGENTTEAM_ROOT/tmp/outputs"; echo secret > "$AGENTTEAM_ROOT/data/far/file"
ln -s /etc/passwd link; ln -s enough inner; ln -s "$AGENTTEAM_ROOT/data/far" way
mkfifo pipe
yes | head -c 262145 > much; truncate -s 1T endless; yes | head -c 262144 > enough`,
    );
    const names = ['link', 'inner', 'way/file', 'dir', 'pipe', 'much', 'endless'];
    sly.outputs = {
      parameters: ['enough', ...names].map((name) => ({
        name,
        valueFrom: { path: `/tmp/outputs/${name}`, default: 'none' },
      })),
    };
    const ended = await engine.run(workflow([task('a', 'sly')], [sly]));
    const [enough = '', ...others] =
      nodeOf(ended, 'a')?.outputs?.parameters?.map(({ value = '' }) => value) ?? [];
    expect(others).toEqual(names.map(() => 'none'));
    expect(enough).toHaveLength(262_143);
  });

  test('ignores outputs of sandboxed containers', async () => {
    const left = script(
      'left',
      'mkdir -p "$AGENTTEAM_ROOT/tmp/outputs"; echo mine > "$AGENTTEAM_ROOT/tmp/outputs/x"',
    );
    const valueFrom = { path: '/tmp/outputs/x', default: 'none' };
    left.outputs = { parameters: [{ name: 'x', valueFrom }] };
    const value = async (sandboxed: boolean) => {
      rmSync(engine.root(), { recursive: true, force: true });
      const ended = await engine.run(workflow([task('a', 'left')], [left]), {
        sandboxed: () => sandboxed,
      });
      return nodeOf(ended, 'a')?.outputs?.parameters?.[0]?.value;
    };
    expect(await value(false)).toBe('mine');
    if (detectSandbox().available) expect(await value(true)).toBe('none');
  });

  test('truncates a long termination message to its end, and follows no link', async () => {
    const log = '"$AGENTTEAM_ROOT/dev/termination-log"';
    const long = script('long', `yes | head -c 9000 > ${log}; printf end >> ${log}; exit 3`);
    const linked = script('linked', `rm ${log}; ln -s /etc/passwd ${log}; exit 3`);
    const ended = await engine.run(
      workflow([task('a', 'long'), task('b', 'linked')], [long, linked]),
    );
    expect(nodeOf(ended, 'a')?.message).toMatch(/^main: Error \(exit code 3\): (y\n)?[y\n]+end$/);
    expect(nodeOf(ended, 'a')?.message?.length).toBeLessThan(4200);
    expect(nodeOf(ended, 'b')?.message).toBe('main: Error (exit code 3)');
  });

  test('keeps its files readable by the user only, whatever the umask', async () => {
    const before = process.umask(0o022);
    const root = engine.root();
    try {
      await engine.run(workflow([task('a', 'say')], [script('say', 'echo hello')]));
      // The modes of an earlier release.
      chmodSync(root, 0o755);
      chmodSync(join(root, 'workflow.json'), 0o644);
      await execute(root, shellOptions());
    } finally {
      process.umask(before);
    }
    const mode = (name: string) => (statSync(join(root, name)).mode & 0o777).toString(8);
    for (const name of ['', 'volumes', 'pods', 'commands'])
      expect([name, mode(name)]).toEqual([name, '700']);
    const [pod = ''] = readdirSync(join(root, 'pods'));
    for (const name of ['workflow.json', 'events.jsonl', `pods/${pod}/main.log`]) {
      expect([name, mode(name)]).toEqual([name, '600']);
    }
  });
});
