import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Template, UserContainer } from '@agentteam/argo';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRun, execute, MissingSourceError, prepareImages } from '../../src/index.ts';
import { busyboxRoot, type TestPodman, testPodman } from '../support/images.ts';
import { shellOptions } from '../support/shell-options.ts';
import { nodeOf, testEngine } from '../support/test-engine.ts';
import { script, task, workflow } from '../workflows.ts';

const IMAGE = 'localhost/busybox:test';
let podman: TestPodman;
beforeAll(() => {
  podman = testPodman();
  const root = mkdtempSync(join(tmpdir(), 'root-'));
  podman.makeImage(IMAGE, busyboxRoot(root));
  rmSync(root, { recursive: true });
});
afterAll(() => podman.close());
const engine = testEngine();

/** A sidecar that answers each connection on a port with the output of a script. */
function server(name: string, port: number, answer: string): UserContainer {
  return {
    name,
    image: IMAGE,
    command: ['/bin/nc', '-ll', '-p', String(port), '-e', '/bin/sh', '-c', answer],
    restartPolicy: 'Always',
    env: [{ name: 'GREETING', value: 'hello world' }],
    securityContext: { runAsUser: 70, runAsGroup: 70 },
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'var-run-argo', mountPath: '/var/run/argo/template', subPath: 'template' },
    ],
  };
}

/** A shell command that waits for a port, as the runner does. */
const wait = (port: number) =>
  `for i in $(seq 400); do busybox nc 127.0.0.1 ${port} < /dev/null > /dev/null && break; sleep 0.05; done`;

/** A step whose script runs beside sidecars, when the first one serves. */
function step(name: string, text: string, ...sidecars: readonly UserContainer[]): Template {
  const template = script(name, `${wait(5432)}; ${text}`);
  return {
    ...template,
    volumes: [
      ...(template.volumes ?? []),
      { name: 'data', emptyDir: {} },
      { name: 'var-run-argo', emptyDir: {} },
    ],
    initContainers: [...sidecars],
  };
}

const options = () => ({
  imageEngine: podman,
  sandboxed: (_template: string, container: string) => container === 'main',
});

const FACTS = [
  'echo $GREETING; id -u; id -g',
  'grep -E "^Cap(Eff|Bnd)|NoNewPrivs" /proc/self/status',
  'grep -c : /proc/net/dev',
  'touch /data/written && ls /data',
  'env | grep -ci proxy',
].join('; ');

test('a sandboxed step reaches its sidecar on loopback, which is restricted and ends with the step', async () => {
  const template = step(
    'a',
    'busybox nc 127.0.0.1 5432 < /dev/null > /data/facts',
    server('db', 5432, FACTS),
  );
  const { status } = await engine.run(workflow([task('a', 'a')], [template]), {
    ...options(),
    imageEngine: {
      ...podman,
      env: { ...podman.env, HTTPS_PROXY: 'http://user:secret@proxy.example:3128' },
    },
  });
  expect(status?.phase).toBe('Succeeded');
  expect(readFileSync(join(engine.volume(), 'facts'), 'utf8').split('\n').filter(Boolean)).toEqual([
    'hello world',
    ...['70', '70'],
    expect.stringMatching(/^CapEff:\s0+$/),
    expect.stringMatching(/^CapBnd:\s0+$/),
    expect.stringMatching(/^NoNewPrivs:\s1$/),
    // The loopback and nothing else.
    '1',
    'written',
    '0',
  ]);
  expect(podman.call('ps', '--all', '--quiet')).toBe('');
});

test('each step has its own sidecars, on the same ports', async () => {
  const names = ['a', 'b', 'c'];
  const templates = names.map((name) =>
    step(
      name,
      `busybox nc 127.0.0.1 5432 < /dev/null > /data/${name}; ${wait(6379)}; busybox nc 127.0.0.1 6379 < /dev/null >> /data/${name}`,
      server('db', 5432, `echo db of ${name}`),
      server('cache', 6379, `echo cache of ${name}`),
    ),
  );
  const { status } = await engine.run(
    workflow(
      names.map((name) => task(name, name)),
      templates,
    ),
    options(),
  );
  expect(status?.phase).toBe('Succeeded');
  for (const name of names) {
    expect(readFileSync(join(engine.volume(), name), 'utf8')).toBe(
      `db of ${name}\ncache of ${name}\n`,
    );
  }
});

test('a sidecar that ends is started again, and its output is in the step’s log', async () => {
  const crashing = {
    ...server('db', 5432, ''),
    command: ['/bin/sh', '-c', 'echo no disk; exit 3'],
  };
  const template = step('a', 'true', crashing);
  // The step ends by itself: it does not wait for the sidecar.
  const main = script(
    'a',
    'for i in $(seq 400); do grep -q "no disk" "$AGENTTEAM_ROOT/../db.log" && break; sleep 0.05; done; exit 7',
  );
  const result = await engine.run(
    workflow([task('a', 'a')], [{ ...template, container: main.container ?? { image: '' } }]),
    {
      ...options(),
      sandboxed: () => false,
    },
  );
  expect(nodeOf(result, 'a')?.message).toBe('db: Error (exit code 3)');
});

const engineProcess = fileURLToPath(new URL('engine-process.ts', import.meta.url));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(50);
}

test('the sidecars of a killed engine end with it, and a resumed run removes what is left', async () => {
  const template = step(
    'a',
    '[ -e /data/begun ] && exit 0; touch /data/begun; sleep 600',
    server('db', 5432, 'true'),
  );
  createRun(engine.root(), workflow([task('a', 'a')], [template]));
  const first = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', engineProcess, engine.root()],
    { env: podman.env, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await until(() => existsSync(join(engine.volume(), 'begun')));
  const label = podman.call('ps', '--format', '{{ index .Labels "io.agentteam.run" }}').trim();
  expect(label).not.toBe('');
  first.kill('SIGKILL');
  await until(() => podman.call('ps', '--all', '--quiet') === '');

  // As if the whole machine had been stopped: nothing has removed the container.
  podman.call(
    'run',
    '--detach',
    '--network=none',
    `--label=io.agentteam.run=${label}`,
    IMAGE,
    'sleep',
    '600',
  );
  podman.call(
    'run',
    '--detach',
    '--network=none',
    '--label=io.agentteam.run=another',
    IMAGE,
    'sleep',
    '600',
  );
  const { status } = await execute(engine.root(), shellOptions(options()));
  expect(status?.phase).toBe('Succeeded');
  expect(
    podman.call('ps', '--all', '--format', '{{ index .Labels "io.agentteam.run" }}').trim(),
  ).toBe('another');
});

test('what is missing is found before anything starts', async () => {
  const template = step('a', 'true', server('db', 5432, 'true'));
  const running = engine.run(workflow([task('a', 'a')], [template]), { sandboxed: () => true });
  await expect(running).rejects.toThrow(
    new MissingSourceError('podman or docker is needed for the sidecar db'),
  );

  const absent: UserContainer = { name: 'db', image: '127.0.0.1:1/absent:1' };
  const nothing = { ...podman, env: { PATH: '/nonexistent' } };
  await expect(prepareImages(nothing, [['the sidecar db', absent]], () => {})).rejects.toThrow(
    'podman does not work here: spawn podman ENOENT',
  );
  await expect(prepareImages(podman, [['the sidecar db', absent]], () => {})).rejects.toThrow(
    /^the image 127.0.0.1:1\/absent:1 of the sidecar db cannot be pulled: .*connection refused/,
  );
  await expect(
    prepareImages(podman, [['the sidecar db', { ...absent, imagePullPolicy: 'Never' }]], () => {}),
  ).rejects.toThrow('the sidecar db has no image 127.0.0.1:1/absent:1 here, and may not pull it');
});

test.each(['docker-archive:/srv/x.tar', 'oci:/srv/x:1', 'oci://srv/x:1', 'dir:/srv/x'])(
  'no image is taken from the files of this machine, such as %s',
  async (image) => {
    await expect(
      prepareImages(podman, [['the sidecar db', { name: 'db', image }]], () => {}),
    ).rejects.toThrow(
      `the image "${image}" of the sidecar db is not the name of an image in a registry`,
    );
  },
);

test('an image without a registry in its name is pulled from Docker Hub, as on a cluster', async () => {
  const registries = join(engine.root(), '..', 'registries.conf');
  writeFileSync(
    registries,
    '[[registry]]\nprefix = "docker.io"\nlocation = "127.0.0.1:1"\ninsecure = true\n',
  );
  const env = { ...podman.env, CONTAINERS_REGISTRIES_CONF: registries };
  const absent: UserContainer = { name: 'db', image: 'absent:1' };
  await expect(
    prepareImages({ ...podman, env }, [['the sidecar db', absent]], () => {}),
  ).rejects.toThrow(
    /^the image absent:1 of the sidecar db cannot be pulled: .*127.0.0.1:1\/v2\/.*connection refused/,
  );
});
