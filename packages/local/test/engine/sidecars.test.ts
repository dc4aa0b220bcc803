import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { UserContainer } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import { nodeOf, testEngine } from '../support/test-engine.ts';
import { script, task, workflow } from '../workflows.ts';

const engine = testEngine();

test('a sidecar that fails makes its step fail, even after the main container; one that ends on SIGTERM does not', async () => {
  const failing = script('x', 'sleep 600');
  failing.sidecars = [{ ...script('s', 'exit 77').container, name: 'beside' } as never];
  const served = script('y', 'true');
  served.sidecars = [{ ...script('s', 'sleep 600').container, name: 'beside' } as never];
  const up = '"$AGENTTEAM_ROOT/data/up"';
  const late = script('z', `while [ ! -e ${up} ]; do sleep 0.02; done`);
  const refusing = `trap "exit 77" TERM; touch ${up}; while :; do sleep 0.02; done`;
  late.sidecars = [{ ...script('s', refusing).container, name: 'beside' } as never];
  const ended = await engine.run(
    workflow([task('a', 'x'), task('b', 'y'), task('c', 'z')], [failing, served, late]),
  );
  expect(nodeOf(ended, 'c')).toMatchObject({
    phase: 'Failed',
    message: 'beside: Error (exit code 77)',
    outputs: { exitCode: '0' },
  });
  expect(nodeOf(ended, 'a')).toMatchObject({
    phase: 'Failed',
    message: 'beside: Error (exit code 77)',
  });
  expect(nodeOf(ended, 'b')).toMatchObject({ phase: 'Succeeded' });
});

describe('a native sidecar', () => {
  const at = (name: string) => `"$AGENTTEAM_ROOT/data/${name}"`;
  const sidecar = (text: string, more: Partial<UserContainer> = {}): UserContainer => ({
    ...{ name: 'gateway', image: 'test', command: ['sh'], args: [text], restartPolicy: 'Always' },
    volumeMounts: [{ name: 'team', mountPath: '/data' }],
    ...more,
  });
  const noted = (name: string) => `echo ${name} >> ${at('log')}`;
  const log = () => readFileSync(join(engine.volume(), 'log'), 'utf8').trimEnd().split('\n');
  /** Takes a while to end and records its end. Containers that end before it must not wait for that. */
  const serving = (code: number, message = '') =>
    `end() { ${noted('sidecar')}; printf '${message}' > "$AGENTTEAM_ROOT/dev/termination-log"; exit ${code}; }
trap end TERM; touch ${at('up')}; while :; do sleep 0.02; done`;
  const whenUp = (then: string) => `until [ -e ${at('up')} ]; do sleep 0.02; done; ${then}`;

  test('ends after the main container and cannot make a successful step fail', async () => {
    const step = script('step', whenUp(noted('main')));
    step.initContainers = [sidecar(serving(3))];
    const ended = await engine.run(workflow([task('a', 'step')], [step]));
    expect(log()).toEqual(['main', 'sidecar']);
    expect(nodeOf(ended, 'a')).toMatchObject({ phase: 'Succeeded', outputs: { exitCode: '0' } });
  });

  test('explains a failed step first, unless it ended on SIGTERM', async () => {
    const failing = (sidecarCode: number) => {
      const step = script(`s${sidecarCode}`, whenUp('exit 5'));
      step.initContainers = [sidecar(serving(sidecarCode, 'No room.'))];
      return step;
    };
    const ended = await engine.run(
      workflow([task('a', 's3'), task('b', 's0', 'a.Failed')], [failing(3), failing(0)]),
    );
    expect(nodeOf(ended, 'a')?.message).toBe('gateway: Error (exit code 3): No room.');
    expect(nodeOf(ended, 'b')?.message).toBe('main: Error (exit code 5)');
  });

  test('is restarted when it ends, the first time without a pause', async () => {
    const step = script('step', `until [ -e ${at('second')} ]; do sleep 0.02; done`);
    const twice = `[ -e ${at('first')} ] && touch ${at('second')}; touch ${at('first')}; sleep 0.1; exit 9`;
    step.initContainers = [sidecar(twice)];
    const ended = await engine.run(workflow([task('a', 'step')], [step]));
    expect(nodeOf(ended, 'a')).toMatchObject({ phase: 'Succeeded' });
  });

  test('delays the next container until its startup probe succeeds', async () => {
    const server = createServer((request, response) => {
      const served = request.url === '/healthz' && existsSync(join(engine.volume(), 'asked'));
      writeFileSync(join(engine.volume(), 'asked'), '');
      response.writeHead(served ? 200 : 503).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const step = script('step', `cat ${at('asked')} && ${noted('main')}`);
    const startupProbe = { httpGet: { path: '/healthz', port: 'status' }, periodSeconds: 1 };
    const ports = [{ name: 'status', containerPort: 9464 }];
    step.initContainers = [sidecar(serving(0), { ports, startupProbe } as never)];
    const asked: unknown[] = [];
    const ended = await engine.run(workflow([task('a', 'step')], [step]), {
      portOf: async (_directory, container, declared) => {
        asked.push([container, declared]);
        return port;
      },
    });
    server.close();
    expect(nodeOf(ended, 'a')).toMatchObject({ phase: 'Succeeded' });
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
    const ended = await engine.run(workflow([task('a', 'step')], [step]), {
      secrets: { api: { key: 'held' } },
    });
    expect(nodeOf(ended, 'a')).toMatchObject({ phase: 'Succeeded' });
    expect(log()).toEqual(['held']);
  });
});
