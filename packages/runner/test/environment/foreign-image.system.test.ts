import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VOLUME, variablesOf } from '@agentteam/contract';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { AgentTeam } from '../agent/support/agent-team.ts';
import { COMPLETE, REPORT } from '../agent/support/agent-team.ts';
import { makeCodingAgents, treeOf } from '../agent/support/coding-team.ts';
import type { Image } from '../agent/support/image.ts';
import { shell, temporaryDirectory } from '../support/shell.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

let directory: string;
let images = 0;
let runtime: string;
let team: AgentTeam | undefined;

beforeAll(async () => {
  directory = await temporaryDirectory();
  runtime = join(directory, 'runtime');
  const programs = {
    node: 'node_modules/.bin/node',
    claude: `node_modules/@anthropic-ai/claude-code-linux-${process.arch}/claude`,
    dist: 'dist',
  };
  execFileSync(process.execPath, [
    join(ROOT, 'scripts/make-runtime.mjs'),
    runtime,
    ...Object.entries(programs).flatMap(([name, path]) => [`--${name}`, join(ROOT, path)]),
  ]);
});

afterEach(async () => {
  await team?.remove();
  team = undefined;
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** An image with busybox and musl, as Alpine has: no bash, git, glibc, certificates or user accounts. */
async function muslImage(name: string, script = ''): Promise<Image> {
  const image = join(directory, name);
  await mkdir(join(image, 'lib'), { recursive: true });
  await mkdir(join(image, 'bin'));
  await copyFile(
    `/usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-musl/libc.so`,
    join(image, `lib/ld-musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`),
  );
  await writeFile(join(directory, 'tool.c'), TOOL);
  await shell(
    image,
    `for applet in $(busybox --list); do ln -s busybox bin/$applet; done
    cp --remove-destination /bin/busybox bin/busybox
    mkdir -p usr/lang/bin && musl-gcc -o usr/lang/bin/tool ../tool.c
    ${script}`,
  );
  const variables = {
    PATH: '/usr/lang/bin:/bin',
    LANGUAGE_HOME: '/usr/lang',
    HTTPS_PROXY: 'http://x',
  };
  return { directory: image, runtime, variables };
}

/** A program of the image that is linked against its own libc. */
const TOOL = `#include <stdio.h>
#include <stdlib.h>
#include <pwd.h>
#include <unistd.h>
int main(void) {
  struct passwd *user = getpwuid(getuid());
  printf("tool of %s, user %s\\n", getenv("LANGUAGE_HOME"), user ? user->pw_name : "unknown");
}
`;

test('an agent works in an image with musl and without bash and git', async () => {
  const command =
    'tool > out.txt; echo "$LD_LIBRARY_PATH|$MODE|$BASH|$HTTPS_PROXY" >> out.txt; git --version';
  team = await makeCodingAgents({
    script: {
      mate: {
        turns: [
          { tools: [{ name: 'Bash', input: { command } }] },
          {
            tools: [
              {
                name: 'Bash',
                input: {
                  command:
                    'git add out.txt; git commit -qm Work; git log -1 > /workspace/cache/log',
                },
              },
            ],
          },
          { tools: [COMPLETE] },
          { tools: [REPORT] },
          { text: 'Done.' },
        ],
      },
    },
  });
  const pod = await team.start('mate', {
    image: await muslImage('musl'),
    agent: {
      image: 'alpine',
      variables: [
        { name: 'MODE', value: '$(HOME) {{x}}' },
        { name: 'LD_LIBRARY_PATH', value: '/usr/lang/lib' },
      ],
    },
  });
  expect({ code: await pod.exited, log: pod.log }).toEqual({
    code: 0,
    log: expect.stringContaining('Done'),
  });
  expect(await shell(treeOf(team, 'mate'), 'cat out.txt')).toBe(
    'tool of /usr/lang, user agent\n/usr/lang/lib|$(HOME) {{x}}|/opt/agentteam/path/bash|',
  );
  const log = await readFile(join(team.place.volume, VOLUME.cache, 'log'), 'utf8');
  expect(log).toMatch(/Author: mate <mate@.*Work\s+Agent-Team: test\/crew\s+Agent: mate/s);
});

test.each([
  [
    'has no shell',
    'rm bin/sh',
    /The image golang has no \/bin\/sh\. Agents, .* Use an image with one/,
  ],
  [
    'has a shell without its libc',
    'rm bin/sh lib/*; cp usr/lang/bin/tool bin/sh',
    /^\/bin\/sh of the image golang cannot run: its loader \(the libc\) is missing\./,
  ],
  [
    'has a shell for another architecture',
    `rm bin/sh; cp usr/lang/bin/tool bin/sh; printf '\\xf3\\x00' | dd of=bin/sh bs=1 seek=18 conv=notrunc status=none`,
    /^\/bin\/sh of the image golang cannot run: it was built for another architecture\./,
  ],
])('an image that %s ends the step before anything is spent', async (_what, script, message) => {
  team = await makeCodingAgents({ script: { mate: { turns: [{ text: 'Never.' }] } } });
  const image = await muslImage(`refused-${++images}`, script);
  const pod = await team.start('mate', { image, agent: { image: 'golang' } });
  expect(await pod.exited).toBe(64);
  expect(await pod.terminationMessage()).toMatch(message);
  expect(team.seen).toEqual([]);
});

test('the setup command has the variables of the image and of the team', async () => {
  team = await makeCodingAgents({
    script: { mate: { turns: [{ tools: [COMPLETE] }, { tools: [REPORT] }, { text: 'Done.' }] } },
  });
  const { repository } = team.spec;
  const command = 'tool > made.txt; echo "$GOCACHE $GOMODCACHE $LD_PRELOAD" >> made.txt';
  const places = join(directory, 'places');
  await mkdir(places);
  await writeFile(join(places, 'home'), '/usr/$(HOME)');
  const pod = await team.start('mate', {
    image: await muslImage('set-up'),
    mounts: { [variablesOf('places')]: places },
    agent: {
      ...(repository && { repository: { ...repository, setupCommand: ['sh', '-c', command] } }),
      variables: [
        { name: 'GOCACHE', value: '/tmp/go' },
        { name: 'LANGUAGE_HOME', configMap: 'places', key: 'home' },
        { name: 'LD_PRELOAD', value: '/usr/lang/none.so' },
      ],
    },
  });
  expect(await pod.exited).toBe(0);
  expect(await shell(treeOf(team, 'mate'), 'cat made.txt')).toBe(
    'tool of /usr/$(HOME), user agent\n/tmp/go /workspace/cache/go/mod /usr/lang/none.so',
  );
});

test('a key that a ConfigMap lacks ends the step, and is named', async () => {
  team = await makeCodingAgents({ script: {} });
  const pod = await team.start('mate', {
    mounts: { [variablesOf('places')]: directory },
    agent: { variables: [{ name: 'PLACE', configMap: 'places', key: 'home' }] },
  });
  expect(await pod.exited).toBe(64);
  expect(await pod.terminationMessage()).toMatch(
    /^The variable PLACE takes its value from the key home of the ConfigMap places, which cannot be read/,
  );
});
