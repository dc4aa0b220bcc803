import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  PASSWORD,
  push,
  startRegistryWithPassword,
  type TestRegistry,
  USER,
} from '../../../runner/test/support/registry.ts';
import { agentteam } from '../commands/agentteam.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistryWithPassword();
  const content = Buffer.from('---\nname: voice\ndescription: d\n---\nSpeak.\n');
  const annotations = { 'org.opencontainers.image.title': 'SKILL.md' };
  await push(registry.host, 'acme/voice:1', [{ content, mediaType: 'text/markdown', annotations }]);
});
afterAll(() => registry.close());

/** Rehearses a team with a skill from the registry, in a directory that is HOME as well. */
async function rehearse(
  prepare: (home: string) => Promise<unknown>,
  options: readonly string[] = ['--fetch'],
  env: Readonly<Record<string, string>> = {},
) {
  const home = await temporary();
  await prepare(home);
  const skills = `[{ name: voice, source: { oci: "${registry.host}/acme/voice:1" } }]`;
  await writeFile(
    join(home, 'team.yaml'),
    [
      'apiVersion: claude.amcheste.io/v1alpha1',
      'kind: AgentTeam',
      'metadata: { name: t }',
      'spec:',
      '  workspace: { output: {} }',
      '  lead: { prompt: Coordinate. }',
      `  teammates: [{ name: mate, prompt: Write., skills: ${skills} }]`,
      '',
    ].join('\n'),
  );
  const outcome = await agentteam(['run', 'team.yaml', '--rehearse', ...options], home, env);
  const skill = join(home, '.agentteam/t/volumes/t-team/fetched');
  return { ...outcome, output: `${outcome.stdout}${outcome.stderr}`, home, skill };
}

const config = (password: string) =>
  JSON.stringify({
    auths: {
      [registry.host]: { auth: Buffer.from(`${USER}:${password}`).toString('base64') },
      'other.test': { auth: 'b3RoZXI6c2VjcmV0' },
    },
  });

test('a skill is pulled with the login that docker keeps, and no other login enters the run', async () => {
  const { exitCode, output, home } = await rehearse(
    async (at) => {
      await mkdir(join(at, '.docker'));
      await writeFile(join(at, '.docker/config.json'), config(PASSWORD));
    },
    ['--fetch', '--keep'],
  );
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  const log = await readFile(join(home, '.agentteam/t/events.jsonl'), 'utf8');
  expect(log).not.toContain('b3RoZXI6c2VjcmV0');
});

test('podman’s file is named by REGISTRY_AUTH_FILE, and a wrong password ends the run before it costs', async () => {
  const home = await temporary();
  const file = join(home, 'auth.json');
  await writeFile(file, config('wrong'));
  const { exitCode, output } = await rehearse(async () => {}, ['--fetch'], {
    REGISTRY_AUTH_FILE: file,
  });
  expect(exitCode).not.toBe(0);
  expect(output).toContain('it does not accept the login of the Secret agentteam-registry-login');
  expect(output).toContain('$0.00');
});

test('a credential helper of docker is asked for this registry', async () => {
  const programs = await temporary();
  const helper = join(programs, 'docker-credential-tests');
  const answer = JSON.stringify({ Username: USER, Secret: PASSWORD });
  await writeFile(helper, `#!/bin/sh\ncat > "${programs}/asked"\nprintf '%s' '${answer}'\n`);
  await chmod(helper, 0o755);
  const { exitCode, output } = await rehearse(
    async (at) => {
      await mkdir(join(at, '.docker'));
      await writeFile(join(at, '.docker/config.json'), JSON.stringify({ credsStore: 'tests' }));
    },
    ['--fetch'],
    { PATH: `${programs}:${process.env['PATH']}` },
  );
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  expect(await readFile(join(programs, 'asked'), 'utf8')).toBe(registry.host);
});

test('a rehearsal fetches nothing unless it is asked to', async () => {
  const { exitCode, output } = await rehearse(async () => {}, []);
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  expect(output).toContain('nothing is fetched in a rehearsal; add --fetch to try the real ones');
  expect(output).toContain('ConfigMap skill-voice: using a stand-in');
});
