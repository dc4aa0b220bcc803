import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARGO_MESSAGES, type UserContainer, type Workflow } from '@agentteam/argo';
import { waitInDirectory } from '@agentteam/volume';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import {
  createRun,
  decide,
  detectSandbox,
  type ExecuteOptions,
  execute,
  type RunEvent,
  retry,
  stop,
  UnsupportedError,
} from '../src/index.ts';
import { shellOptions } from './support/shell-options.ts';
import { atExit, gate, script, task, workflow } from './workflows.ts';

const DECIDE = join(import.meta.dirname, 'support/decide-process.ts');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentteam local '));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function run(spec: Workflow, overrides: Partial<ExecuteOptions> = {}): Promise<Workflow> {
  const root = join(directory, 'run');
  createRun(root, spec);
  return execute(root, shellOptions(overrides));
}

function phases(ended: Workflow): Record<string, string> {
  const nodes = Object.values(ended.status?.nodes ?? {});
  return Object.fromEntries(nodes.map((node) => [node.displayName ?? '', node.phase ?? '']));
}

function node(ended: Workflow, name: string) {
  return Object.values(ended.status?.nodes ?? {}).find((n) => n.displayName === name);
}

const volume = () => join(directory, 'run/volumes/team');

describe('a DAG', () => {
  test('runs in the order of its dependencies, on one shared volume', async () => {
    const ended = await run(
      workflow(
        [task('a', 'a'), task('b', 'b', 'a'), task('c', 'c', 'a && b')],
        ['a', 'b', 'c'].map((name) => script(name, `echo ${name} >> "$AGENTTEAM_ROOT/data/log"`)),
      ),
    );
    expect(ended.status?.phase).toBe('Succeeded');
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('a\nb\nc\n');
    expect(ended.status?.progress).toBe('3/3');
  });

  test('omits steps that need the success of a failed step, and runs steps that need its failure', async () => {
    const ended = await run(
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
    expect(node(ended, 'a')).toMatchObject({
      message: 'main: Error (exit code 7)',
      outputs: { exitCode: '7' },
    });
    expect(node(ended, 'b')?.message).toBe(ARGO_MESSAGES.omitted);
  });

  test('shows the termination message of a failed container, truncated to its end like the kubelet does', async () => {
    const log = '"$AGENTTEAM_ROOT/dev/termination-log"';
    const ended = await run(
      workflow(
        [task('a', 'says'), task('b', 'long'), task('c', 'elsewhere')],
        [
          script('says', `printf 'The key\nis wrong.' > ${log}; exit 3`),
          script('long', `yes | head -c 5000 > ${log}; printf end >> ${log}; exit 3`),
          script('elsewhere', `ln -sf /etc/passwd ${log}; exit 3`),
        ],
      ),
    );
    const messages = ['a', 'b', 'c'].map((name) => node(ended, name)?.message ?? '');
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
    await run(workflow([task('a', 'say'), second], [given, taken]));
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('hello-Succeeded\n');
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
    const ended = await run(workflow([task('a', 'sly')], [sly]));
    const [enough = '', ...others] =
      node(ended, 'a')?.outputs?.parameters?.map(({ value = '' }) => value) ?? [];
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
      rmSync(join(directory, 'run'), { recursive: true, force: true });
      const ended = await run(workflow([task('a', 'left')], [left]), {
        sandboxed: () => sandboxed,
      });
      return node(ended, 'a')?.outputs?.parameters?.[0]?.value;
    };
    expect(await value(false)).toBe('mine');
    if (detectSandbox().available) expect(await value(true)).toBe('none');
  });

  test('truncates a long termination message to its end, and follows no link', async () => {
    const log = '"$AGENTTEAM_ROOT/dev/termination-log"';
    const long = script('long', `yes | head -c 9000 > ${log}; printf end >> ${log}; exit 3`);
    const linked = script('linked', `rm ${log}; ln -s /etc/passwd ${log}; exit 3`);
    const ended = await run(workflow([task('a', 'long'), task('b', 'linked')], [long, linked]));
    expect(node(ended, 'a')?.message).toMatch(/^main: Error \(exit code 3\): (y\n)?[y\n]+end$/);
    expect(node(ended, 'a')?.message?.length).toBeLessThan(4200);
    expect(node(ended, 'b')?.message).toBe('main: Error (exit code 3)');
  });

  test('keeps its files readable by the user only, whatever the umask', async () => {
    const before = process.umask(0o022);
    const root = join(directory, 'run');
    try {
      await run(workflow([task('a', 'say')], [script('say', 'echo hello')]));
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

describe('retries', () => {
  const counted =
    'echo "$0" >> "$AGENTTEAM_ROOT/data/log"; [ "$(wc -l < "$AGENTTEAM_ROOT/data/log")" -ge 3 ] || exit';

  test('repeat a step until it succeeds, and pass the number of the attempt', async () => {
    const template = script('flaky', `${counted} 1`);
    template.container?.args?.push('{{retries}}');
    template.retryStrategy = {
      limit: '3',
      retryPolicy: 'Always',
      expression: '!(asInt(lastRetry.exitCode) in [64, 77])',
    };
    const ended = await run(workflow([task('a', 'flaky')], [template]));
    expect(phases(ended)).toMatchObject({
      a: 'Succeeded',
      'a(0)': 'Failed',
      'a(1)': 'Failed',
      'a(2)': 'Succeeded',
    });
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('0\n1\n2\n');
  });

  test.each([
    ['an exit code that the expression excludes', 77, '3', ARGO_MESSAGES.notRetried],
    ['the limit', 1, '1', ARGO_MESSAGES.noMoreRetries],
  ])('stop at %s', async (_, code, limit, message) => {
    const template = script('flaky', `${counted} ${code}`);
    template.retryStrategy = {
      limit,
      retryPolicy: 'Always',
      expression: '!(asInt(lastRetry.exitCode) in [64, 77])',
    };
    const ended = await run(workflow([task('a', 'flaky')], [template]));
    expect(node(ended, 'a')).toMatchObject({
      phase: 'Failed',
      message,
      outputs: { exitCode: String(code) },
    });
  });
});

describe('gates', () => {
  const gated = () =>
    workflow(
      [
        task('Ask', 'ask'),
        { ...task('b', 'ok', 'Ask'), when: '{{tasks.Ask.outputs.parameters.decision}} == approve' },
        task('c', 'ok', 'b.Succeeded'),
      ],
      [gate('ask'), script('ok', 'true')],
    );

  test.each([
    ['approve', { b: 'Succeeded', c: 'Succeeded' }],
    ['reject', { b: 'Skipped', c: 'Omitted' }],
  ] as const)('%s', async (decision, expected) => {
    const answer = (event: RunEvent) => {
      if (event.type === 'gate-opened') {
        decide(join(directory, 'run'), event.step, decision, { by: 'ann', reason: 'seen' });
      }
    };
    const ended = await run(gated(), { onEvent: answer });
    expect(phases(ended)).toMatchObject({ Ask: 'Succeeded', ...expected });
    expect(ended.status?.phase).toBe('Succeeded');
    const given = node(ended, 'Ask')?.outputs?.parameters?.map(({ name, value }) => [name, value]);
    expect(given).toEqual([
      ['decision', decision],
      ['decided-by', 'ann'],
      ['reason', 'seen'],
    ]);
  });

  test.each([
    ['what only the controller has', 'Succeeded'],
    ['', 'Skipped'],
    ["' == '' || true", 'Skipped'],
  ])('that require a proof open with the right one only: %j', async (proof, phase) => {
    const root = join(directory, 'run');
    const hash = createHash('sha256').update('what only the controller has').digest('hex');
    const when = `{{=sprig.sha256sum(tasks['Ask']?.outputs?.parameters?.proof ?? '') == '${hash}'}}`;
    const { outputs, ...asking } = gate('ask');
    const supplied = { name: 'proof', valueFrom: { supplied: {}, default: '' } };
    const parameters = [...(outputs?.parameters ?? []), supplied];
    createRun(
      root,
      workflow(
        [task('Ask', 'ask'), { ...task('b', 'b', 'Ask'), when }],
        [{ ...asking, outputs: { parameters } }, script('b', 'true')],
      ),
    );
    decide(root, 'Ask', 'approve', { by: 'ann', proof });
    expect(phases(await execute(root, shellOptions()))).toMatchObject({
      Ask: 'Succeeded',
      b: phase,
    });
  });

  test('accept an answer from before they opened', async () => {
    const root = join(directory, 'run');
    createRun(root, gated());
    decide(root, 'Ask', 'reject', { by: 'ann' });
    expect(phases(await execute(root, shellOptions()))).toMatchObject({ b: 'Skipped' });
  });

  test('accept such an answer even if they open only in a retry', async () => {
    const root = join(directory, 'run');
    const picky = script('picky', '[ -e "$AGENTTEAM_ROOT/data/fixed" ]');
    createRun(root, workflow([task('a', 'picky'), task('Ask', 'ask', 'a')], [gate('ask'), picky]));
    decide(root, 'Ask', 'reject', { by: 'ann' });
    expect(phases(await execute(root, shellOptions()))).toMatchObject({ Ask: 'Omitted' });
    writeFileSync(join(volume(), 'fixed'), '');
    retry(root);
    const ended = await execute(root, shellOptions());
    expect(node(ended, 'Ask')?.outputs?.parameters?.[0]?.value).toBe('reject');
  });

  test('end after their duration with their default outputs', async () => {
    const limited = { ...gate('ask'), suspend: { duration: '1s' } };
    const decided: RunEvent[] = [];
    const onEvent = (event: RunEvent) => {
      if (event.type === 'gate-decided') decided.push(event);
    };
    const ended = await run(workflow([task('Ask', 'ask')], [limited]), { onEvent });
    expect(decided).toMatchObject([{ step: 'Ask', decision: 'timeout' }]);
    expect(node(ended, 'Ask')).toMatchObject({ phase: 'Succeeded' });
    const [given] = node(ended, 'Ask')?.outputs?.parameters ?? [];
    expect(given?.value).toBe(limited.outputs?.parameters?.[0]?.valueFrom?.default);
  });

  test('are identified by name and answered once', async () => {
    const root = join(directory, 'run');
    createRun(root, gated());
    expect(() => decide(root, 'b', 'approve', { by: 'ann' })).toThrow('its gates are Ask');
    decide(root, 'Ask', 'reject', { by: 'ann', reason: 'too early' });
    const again = () => decide(root, 'Ask', 'approve', { by: 'bob' });
    const message = /^it was already rejected by ann at \d{4}-.*Z \(too early\)$/;
    // Before an engine has seen the first answer, and after.
    expect(again).toThrow(message);
    await execute(root, shellOptions());
    expect(again).toThrow(message);
  });

  test('that have timed out refuse later answers and say why', async () => {
    const root = join(directory, 'run');
    const limited = { ...gate('ask'), suspend: { duration: '1s' } };
    createRun(root, workflow([task('Ask', 'ask')], [limited]));
    await execute(root, shellOptions());
    expect(() => decide(root, 'Ask', 'approve', { by: 'ann' })).toThrow('nobody answered in time');
  });

  test('accept exactly one of many simultaneous answers, and the others fail', async () => {
    const root = join(directory, 'run');
    createRun(root, gated());
    const running = execute(root, shellOptions());
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const decision = index % 2 === 0 ? 'approve' : 'reject';
        const { exitCode } = await execa(
          process.execPath,
          ['--conditions=source', DECIDE, root, 'Ask', decision, `person-${index}`],
          { reject: false },
        );
        return { by: `person-${index}`, decision, counts: exitCode === 0 };
      }),
    );
    const [winner, ...others] = answers.filter(({ counts }) => counts);
    expect(others).toEqual([]);
    const given = node(await running, 'Ask')?.outputs?.parameters?.map(({ value }) => value);
    expect(given?.slice(0, 2)).toEqual([winner?.decision, winner?.by]);
  });
});

describe('a run that is ended from outside', () => {
  test('a deadline ends running and waiting steps, and the exit handler still runs', async () => {
    const spec = workflow(
      [task('a', 'long'), task('Ask', 'ask')],
      [
        script('long', 'sleep 600'),
        gate('ask'),
        script('bye', 'echo "$0" > "$AGENTTEAM_ROOT/data/log"'),
      ],
    );
    spec.spec.templates?.at(-1)?.container?.args?.push('{{workflow.status}}');
    const limited = { ...spec, spec: { ...spec.spec, activeDeadlineSeconds: 1 } };
    const ended = await run(atExit(limited, 'bye'));
    expect(phases(ended)).toMatchObject({
      ...{ a: 'Failed', Ask: 'Failed', Bye: 'Succeeded', 'test.onExit': 'Succeeded' },
    });
    expect(node(ended, 'a')?.message).toBe(ARGO_MESSAGES.deadline);
    expect(ended.status).toMatchObject({ phase: 'Failed' });
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('Failed\n');
  });

  test('a stop is named with its strategy, and the exit handler starts after all pods have ended', async () => {
    const leaving = 'sleep 0.3; echo left >> "$AGENTTEAM_ROOT/data/log"; exit 1';
    const long = `trap '${leaving}' TERM; echo 1/2 > "$ARGO_PROGRESS_FILE"; while :; do sleep 0.05; done`;
    const bye = script('bye', 'echo bye >> "$AGENTTEAM_ROOT/data/log"');
    const spec = atExit(workflow([task('a', 'long')], [script('long', long), bye]), 'bye');
    const onEvent = (event: RunEvent) => {
      if (event.type === 'progress') stop(join(directory, 'run'));
    };
    const ended = await run(spec, { onEvent });
    expect(ended.status).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('left\nbye\n');
  });

  test('an aborted run keeps its state and can be resumed', async () => {
    const abort = new AbortController();
    const spec = workflow(
      [task('a', 'once'), task('b', 'wait', 'a')],
      [
        script('once', 'echo a >> "$AGENTTEAM_ROOT/data/log"'),
        script('wait', 'while [ ! -e "$AGENTTEAM_ROOT/data/go" ]; do sleep 0.05; done'),
      ],
    );
    const onEvent = (event: RunEvent) => {
      if (event.type === 'step-started' && event.step === 'b') abort.abort();
    };
    const paused = await run(spec, { signal: abort.signal, onEvent });
    expect(phases(paused)).toMatchObject({ a: 'Succeeded', b: 'Running' });
    const go = execute(join(directory, 'run'), shellOptions());
    writeFileSync(join(volume(), 'go'), '');
    expect(phases(await go)).toMatchObject({ a: 'Succeeded', b: 'Succeeded' });
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('a\n');
  });
});

test('a sidecar that fails makes its step fail, even after the main container; one that ends on SIGTERM does not', async () => {
  const failing = script('x', 'sleep 600');
  failing.sidecars = [{ ...script('s', 'exit 77').container, name: 'beside' } as never];
  const served = script('y', 'true');
  served.sidecars = [{ ...script('s', 'sleep 600').container, name: 'beside' } as never];
  const up = '"$AGENTTEAM_ROOT/data/up"';
  const late = script('z', `while [ ! -e ${up} ]; do sleep 0.02; done`);
  const refusing = `trap "exit 77" TERM; touch ${up}; while :; do sleep 0.02; done`;
  late.sidecars = [{ ...script('s', refusing).container, name: 'beside' } as never];
  const ended = await run(
    workflow([task('a', 'x'), task('b', 'y'), task('c', 'z')], [failing, served, late]),
  );
  expect(node(ended, 'c')).toMatchObject({
    phase: 'Failed',
    message: 'beside: Error (exit code 77)',
    outputs: { exitCode: '0' },
  });
  expect(node(ended, 'a')).toMatchObject({
    phase: 'Failed',
    message: 'beside: Error (exit code 77)',
  });
  expect(node(ended, 'b')).toMatchObject({ phase: 'Succeeded' });
});

describe('a native sidecar', () => {
  const at = (name: string) => `"$AGENTTEAM_ROOT/data/${name}"`;
  const sidecar = (text: string, more: Partial<UserContainer> = {}): UserContainer => ({
    ...{ name: 'gateway', image: 'test', command: ['sh'], args: [text], restartPolicy: 'Always' },
    volumeMounts: [{ name: 'team', mountPath: '/data' }],
    ...more,
  });
  const noted = (name: string) => `echo ${name} >> ${at('log')}`;
  const log = () => readFileSync(join(volume(), 'log'), 'utf8').trimEnd().split('\n');
  /** Takes a while to end and records its end. Containers that end before it must not wait for that. */
  const serving = (code: number, message = '') =>
    `end() { ${noted('sidecar')}; printf '${message}' > "$AGENTTEAM_ROOT/dev/termination-log"; exit ${code}; }
trap end TERM; touch ${at('up')}; while :; do sleep 0.02; done`;
  const whenUp = (then: string) => `until [ -e ${at('up')} ]; do sleep 0.02; done; ${then}`;

  test('ends after the main container and cannot make a successful step fail', async () => {
    const step = script('step', whenUp(noted('main')));
    step.initContainers = [sidecar(serving(3))];
    const ended = await run(workflow([task('a', 'step')], [step]));
    expect(log()).toEqual(['main', 'sidecar']);
    expect(node(ended, 'a')).toMatchObject({ phase: 'Succeeded', outputs: { exitCode: '0' } });
  });

  test('explains a failed step first, unless it ended on SIGTERM', async () => {
    const failing = (sidecarCode: number) => {
      const step = script(`s${sidecarCode}`, whenUp('exit 5'));
      step.initContainers = [sidecar(serving(sidecarCode, 'No room.'))];
      return step;
    };
    const ended = await run(
      workflow([task('a', 's3'), task('b', 's0', 'a.Failed')], [failing(3), failing(0)]),
    );
    expect(node(ended, 'a')?.message).toBe('gateway: Error (exit code 3): No room.');
    expect(node(ended, 'b')?.message).toBe('main: Error (exit code 5)');
  });

  test('is restarted when it ends, the first time without a pause', async () => {
    const step = script('step', `until [ -e ${at('second')} ]; do sleep 0.02; done`);
    const twice = `[ -e ${at('first')} ] && touch ${at('second')}; touch ${at('first')}; sleep 0.1; exit 9`;
    step.initContainers = [sidecar(twice)];
    const ended = await run(workflow([task('a', 'step')], [step]));
    expect(node(ended, 'a')).toMatchObject({ phase: 'Succeeded' });
  });

  test('delays the next container until its startup probe succeeds', async () => {
    const server = createServer((request, response) => {
      const served = request.url === '/healthz' && existsSync(join(volume(), 'asked'));
      writeFileSync(join(volume(), 'asked'), '');
      response.writeHead(served ? 200 : 503).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const step = script('step', `cat ${at('asked')} && ${noted('main')}`);
    const startupProbe = { httpGet: { path: '/healthz', port: 'status' }, periodSeconds: 1 };
    const ports = [{ name: 'status', containerPort: 9464 }];
    step.initContainers = [sidecar(serving(0), { ports, startupProbe } as never)];
    const asked: unknown[] = [];
    const ended = await run(workflow([task('a', 'step')], [step]), {
      portOf: async (_directory, container, declared) => {
        asked.push([container, declared]);
        return port;
      },
    });
    server.close();
    expect(node(ended, 'a')).toMatchObject({ phase: 'Succeeded' });
    expect(asked.slice(0, 2)).toEqual([
      ['gateway', 9464],
      ['gateway', 9464],
    ]);
  });

  test('keeps its secrets while later containers run', async () => {
    const step = script('step', 'true');
    const look = (path: string) => `cat "$AGENTTEAM_ROOT${path}"`;
    step.volumes?.push({ name: 's', secret: { secretName: 'api' } });
    const mounts = [
      { name: 'team', mountPath: '/data' },
      { name: 's', mountPath: '/secret' },
    ];
    const holding = `touch ${at('up')}; until [ -e ${at('done')} ]; do sleep 0.02; done; ${look('/secret/key')} > ${at('log')}; sleep 600`;
    step.initContainers = [
      sidecar(holding, { volumeMounts: mounts }),
      { ...sidecar(whenUp('true')), name: 'after', restartPolicy: undefined } as never,
    ];
    step.container = {
      ...(step.container as object),
      args: [`touch ${at('done')}; until [ -s ${at('log')} ]; do sleep 0.02; done`],
    } as never;
    const ended = await run(workflow([task('a', 'step')], [step]), {
      secrets: { api: { key: 'held' } },
    });
    expect(node(ended, 'a')).toMatchObject({ phase: 'Succeeded' });
    expect(log()).toEqual(['held']);
  });
});

test('the progress that an agent reports is the progress of its step', async () => {
  const busy = script(
    'busy',
    'echo 1/3 > "$ARGO_PROGRESS_FILE"; while [ ! -e "$AGENTTEAM_ROOT/data/seen" ]; do sleep 0.02; done; exit 1',
  );
  const progress: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type !== 'progress') return;
    progress.push(event);
    writeFileSync(join(volume(), 'seen'), '');
  };
  const ended = await run(workflow([task('a', 'busy')], [busy]), { onEvent });
  expect(progress).toMatchObject([{ step: 'a', progress: '1/3' }]);
  expect([ended.status?.progress, node(ended, 'a')?.progress]).toEqual(['1/3', '1/3']);
});

describe('init containers', () => {
  const before = (name: string, text: string): UserContainer => ({
    name,
    image: 'test',
    command: ['sh'],
    args: [text],
    volumeMounts: [{ name: 'team', mountPath: '/data' }],
  });
  const log = 'echo $0 >> "$AGENTTEAM_ROOT/data/log"';

  test('run in order, each until its end', async () => {
    const step = script('step', log.replace('$0', 'main'));
    step.initContainers = ['one', 'two'].map((name) => before(name, log.replace('$0', name)));
    const ended = await run(workflow([task('a', 'step')], [step]));
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('one\ntwo\nmain\n');
    expect(node(ended, 'a')).toMatchObject({ phase: 'Succeeded', outputs: { exitCode: '0' } });
  });

  test('prevent the start of the main container when they fail, and are retried together with it', async () => {
    const step = script('step', log.replace('$0', 'main'));
    const explain = 'echo no host > "$AGENTTEAM_ROOT/dev/termination-log"';
    const once = `[ -e "$AGENTTEAM_ROOT/data/tried" ] && exit; touch "$AGENTTEAM_ROOT/data/tried"; ${explain}; exit 3`;
    step.initContainers = [before('setup', once)];
    step.retryStrategy = { limit: '2', retryPolicy: 'Always' };
    const ended = await run(workflow([task('a', 'step')], [step]));
    expect(node(ended, 'a(0)')).toMatchObject({
      phase: 'Failed',
      message: 'setup: Error (exit code 3): no host\n',
    });
    // A step has an exit code only if its main container has ended.
    expect(node(ended, 'a(0)')?.outputs?.exitCode).toBeUndefined();
    expect(phases(ended)).toMatchObject({ 'a(1)': 'Succeeded', a: 'Succeeded' });
    expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('main\n');
  });

  test('are not retried when the expression excludes their failure', async () => {
    const step = script('step', 'true');
    step.initContainers = [before('setup', 'exit 68')];
    step.retryStrategy = {
      limit: '2',
      retryPolicy: 'Always',
      expression:
        '!(asInt(lastRetry.exitCode) in [64]) && !sprig.regexMatch("^setup: Error [(]exit code (64|68)[)]", lastRetry.message)',
    };
    const ended = await run(workflow([task('a', 'step')], [step]));
    expect(phases(ended)).toMatchObject({ a: 'Failed', 'a(0)': 'Failed' });
    expect(phases(ended)).not.toHaveProperty('a(1)');
  });

  test('leave neither secrets nor processes behind for later containers', async () => {
    const look = [
      'cd "$AGENTTEAM_ROOT/data"',
      'ls "$AGENTTEAM_ROOT/../secrets" > secrets 2>&1',
      // The environment of a zombie is empty.
      'grep -saF AGENTTEAM_ROOT "/proc/$(cat pid)/environ" > left',
      'true',
    ].join('; ');
    const step = script('step', look);
    step.volumes?.push({ name: 's', secret: { secretName: 'git' } });
    const setup = before(
      'setup',
      'cat "$AGENTTEAM_ROOT/secret/token" > "$AGENTTEAM_ROOT/data/token"; sleep 617 & echo $! > "$AGENTTEAM_ROOT/data/pid"',
    );
    setup.volumeMounts?.push({ name: 's', mountPath: '/secret', readOnly: true });
    step.initContainers = [setup];
    const ended = await run(workflow([task('a', 'step')], [step]), {
      secrets: { git: { token: 'hush' } },
    });
    expect(ended.status?.phase).toBe('Succeeded');
    const left = (name: string) => readFileSync(join(volume(), name), 'utf8');
    expect([left('token'), left('left')]).toEqual(['hush', '']);
    expect(left('secrets')).not.toMatch(/^s$/m);
  });

  test('end when the run is stopped, and no other container starts', async () => {
    const step = script('step', log.replace('$0', 'main'));
    step.initContainers = [
      before(
        'setup',
        'trap "exit 0" TERM; touch "$AGENTTEAM_ROOT/data/up"; while :; do sleep 0.05; done',
      ),
    ];
    const root = join(directory, 'run');
    createRun(root, workflow([task('a', 'step')], [step]));
    mkdirSync(volume(), { recursive: true });
    const up = watch(volume());
    const running = execute(root, shellOptions());
    await once(up, 'change');
    up.close();
    stop(root);
    const ended = await running;
    expect(phases(ended)).toMatchObject({ a: 'Failed' });
    expect(existsSync(join(volume(), 'log'))).toBe(false);
  });
});

test('secrets are visible only to the container that mounts them, and are removed with its pod', async () => {
  const reader = script(
    'r',
    'cat "$AGENTTEAM_ROOT/secret/key" > "$AGENTTEAM_ROOT/data/log"; env >> "$AGENTTEAM_ROOT/data/env"',
  );
  reader.volumes?.push({ name: 's', secret: { secretName: 'api' } });
  reader.container?.volumeMounts?.push({ name: 's', mountPath: '/secret', readOnly: true });
  const ended = await run(workflow([task('a', 'r')], [reader]), {
    secrets: { api: { key: 'hush-hush' } },
  });
  expect(ended.status?.phase).toBe('Succeeded');
  expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('hush-hush');
  expect(readFileSync(join(volume(), 'env'), 'utf8')).not.toContain(
    process.env['HOME'] || '/nowhere',
  );
  rmSync(join(volume(), 'log'));
  const left = readdirSync(join(directory, 'run'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter((entry) =>
      readFileSync(join(entry.parentPath, entry.name), 'utf8').includes('hush-hush'),
    );
  expect(left).toEqual([]);
});

test('an unsupported Workflow is refused with the names of its parts, and nothing is written', () => {
  const spec = workflow([task('a', 'ok')], [script('ok', 'true')]);
  const root = join(directory, 'run');
  const create = () => createRun(root, { ...spec, spec: { ...spec.spec, parallelism: 2 } });
  expect(create).toThrow(UnsupportedError);
  expect(create).toThrow('spec.parallelism');
  expect(existsSync(root)).toBe(false);
});

test('a run is created once, and can be retried only after it has failed', async () => {
  const root = join(directory, 'run');
  const spec = workflow([task('a', 'ok')], [script('ok', 'true')]);
  createRun(root, spec);
  expect(() => createRun(root, spec)).toThrow('already contains a run');
  expect(() => retry(root)).toThrow('the run has not ended');
  await execute(root, shellOptions());
  expect(() => retry(root)).toThrow('no step needs to be repeated');
  const more = { ...spec, spec: { ...spec.spec, parallelism: 2 } };
  expect(() => retry(root, more)).toThrow(UnsupportedError);
});

test('a retry repeats failed steps and steps that ran because of the failure, and keeps the others', async () => {
  const spec = workflow(
    [
      task('a', 'once'),
      task('b', 'picky', 'a'),
      task('c', 'once', 'b'),
      task('mourn', 'once', 'b.Failed'),
    ],
    [
      script('once', 'echo x >> "$AGENTTEAM_ROOT/data/log"'),
      script('picky', '[ -e "$AGENTTEAM_ROOT/data/fixed" ]'),
    ],
  );
  const failed = await run(spec);
  expect(phases(failed)).toMatchObject({
    a: 'Succeeded',
    b: 'Failed',
    c: 'Omitted',
    mourn: 'Succeeded',
  });
  writeFileSync(join(volume(), 'fixed'), '');
  // This stop comes too late for the execution that has ended, and must not affect the next one.
  stop(join(directory, 'run'));
  retry(join(directory, 'run'));
  const started: string[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.type === 'step-started') started.push(event.step);
  };
  const ended = await execute(join(directory, 'run'), shellOptions({ onEvent }));
  expect(started).toEqual(['b', 'c']);
  expect(phases(ended)).toMatchObject({
    test: 'Succeeded',
    a: 'Succeeded',
    b: 'Succeeded',
    c: 'Succeeded',
    mourn: 'Omitted',
  });
  expect(readFileSync(join(volume(), 'log'), 'utf8')).toBe('x\nx\nx\n');
});

describe('a killed engine is followed by one that continues a retried step', () => {
  test.each([
    ['before its first attempt was written down', 0, 'a(0)'],
    ['before what became of a failed attempt was', 1, 'a(1)'],
    ['before its own end was', 2, 'a(1)'],
  ])('%s', async (_, attempts, last) => {
    const flaky = script(
      'flaky',
      'echo x >> "$AGENTTEAM_ROOT/data/log"; [ "$(wc -l < "$AGENTTEAM_ROOT/data/log")" -gt 1 ]',
    );
    flaky.retryStrategy = { limit: '3', retryPolicy: 'Always' };
    const { status, ...whole } = await run(workflow([task('a', 'flaky')], [flaky]));
    const nodes = Object.values(status?.nodes ?? {})
      .filter(({ name }) => Number(/\((\d+)\)$/.exec(name)?.[1] ?? -1) < attempts)
      .map((one) => {
        if (one.type === 'Pod') return one;
        const { finishedAt: _end, children = [], ...running } = one;
        const known = one.type === 'Retry' ? children.slice(0, attempts) : children;
        return { ...running, phase: 'Running', children: known };
      });
    const byId = Object.fromEntries(nodes.map((one) => [one.id, one]));
    const killed = { ...whole, status: { phase: 'Running', nodes: byId } };
    writeFileSync(join(directory, 'run/workflow.json'), JSON.stringify(killed));
    const ended = await execute(join(directory, 'run'), shellOptions());
    expect(phases(ended)).toMatchObject({ test: 'Succeeded', a: 'Succeeded', [last]: 'Succeeded' });
    const names = Object.keys(phases(ended)).filter((name) => name.startsWith('a('));
    expect(names.at(-1)).toBe(last);
  });
});

describe('pauses between attempts', () => {
  const BACKOFF = { duration: '1s', factor: '2', cap: '2s' };

  test('grow up to their cap', async () => {
    const step = script('step', 'exit 1');
    step.retryStrategy = { limit: '3', retryPolicy: 'Always', backoff: BACKOFF };
    const ended = await run(workflow([task('a', 'step')], [step]));
    const attempts = ['a(0)', 'a(1)', 'a(2)', 'a(3)'].map((name) => node(ended, name));
    const pauses = attempts.slice(1).map((attempt, index) => {
      return Date.parse(attempt?.startedAt ?? '') - Date.parse(attempts[index]?.finishedAt ?? '');
    });
    // Argo's times are whole seconds.
    expect(pauses).toEqual([1000, 2000, 2000]);
    expect(node(ended, 'a')).toMatchObject({
      phase: 'Failed',
      message: ARGO_MESSAGES.noMoreRetries,
    });
    expect(ARGO_MESSAGES.backoff(250)).toBe('Backoff for 4 minutes 10 seconds');
  });

  test('do not delay a final failure', async () => {
    const step = script('step', 'exit 68');
    step.retryStrategy = {
      limit: '3',
      retryPolicy: 'Always',
      expression: '!(asInt(lastRetry.exitCode) in [68])',
      backoff: { duration: '1h' },
    };
    const ended = await run(workflow([task('a', 'step')], [step]));
    expect(node(ended, 'a')).toMatchObject({ phase: 'Failed', message: ARGO_MESSAGES.notRetried });
  });

  test('continue after an interruption, and end at the deadline of the run', async () => {
    const step = script('step', 'exit 1');
    step.retryStrategy = { limit: '3', retryPolicy: 'Always', backoff: { duration: '1h' } };
    const spec = workflow([task('a', 'step')], [step]);
    const stopped = new AbortController();
    const interrupted = await run(spec, {
      signal: stopped.signal,
      onEvent: ({ type }) => {
        if (type === 'step-started') setImmediate(() => stopped.abort());
      },
    });
    expect(interrupted.status?.finishedAt).toBeUndefined();
    const root = join(directory, 'run');
    const going = execute(root, shellOptions());
    await waitForBackoff(root);
    stop(root);
    const ended = await going;
    expect(node(ended, 'a')).toMatchObject({ phase: 'Failed' });
    expect(node(ended, 'a(1)')).toBeUndefined();
  });
});

/** Resolves when the run is in a pause. */
async function waitForBackoff(root: string): Promise<void> {
  const file = join(root, 'workflow.json');
  const signal = AbortSignal.timeout(60_000);
  const pauses = async () =>
    readFileSync(file, 'utf8').includes(ARGO_MESSAGES.backoff(3600)) || undefined;
  await waitInDirectory(root, pauses, { signal });
}
