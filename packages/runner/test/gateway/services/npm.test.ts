import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { start, team } from '../setting.ts';
import { makeNpmRegistry } from './npm-registry.ts';
import { addressOf, mountSecret, withServices } from './registry.ts';
import { newDirectory, run, writeFiles } from './run-client.ts';

test('npm installs a private package, and again from the lock file', async () => {
  const registry = await makeNpmRegistry();
  await mountSecret(team, 'npm', { token: 's3cret-of-npm' });
  const services = { name: 'npm', url: `${registry.url}/npm`, secret: 'npm-token' };
  const gateway = await start(withServices(services));
  const project = await newDirectory();
  await writeFiles(project, { 'package.json': '{"name":"app"}' });
  const env = {
    npm_config_registry: addressOf(gateway, 'npm'),
    npm_config_omit_lockfile_registry_resolved: 'true',
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
  };
  const installed = await run(project, ['npm', 'install', '@acme/ui'], env);
  expect(installed).toMatchObject({ code: 0 });
  const show = ['node', '-p', "require('@acme/ui')"];
  expect(await run(project, show)).toEqual({ code: 0, output: 'private\n' });
  expect(registry.log).toContain('/npm/@acme/ui/-/ui-1.2.3.tgz 200');
  const lock = await readFile(`${project}/package-lock.json`, 'utf8');
  expect(lock).not.toMatch(/127\.0\.0\.1|s3cret/);

  const again = await run(project, ['npm', 'ci', '--cache', `${project}/other-cache`], env);
  expect(again).toMatchObject({ code: 0 });
  expect(await run(project, show)).toEqual({ code: 0, output: 'private\n' });
  expect(registry.log.filter((line) => line.endsWith('401'))).toEqual([]);
});

test('npm shows why a service refused', async () => {
  const registry = await makeNpmRegistry();
  await mountSecret(team, 'npm', { token: 'another' });
  const gateway = await start(
    withServices(
      { name: 'npm', url: `${registry.url}/npm`, secret: 'npm-token' },
      { name: 'gone', url: 'http://127.0.0.1:1' },
    ),
  );
  const project = await newDirectory();
  const install = (service: string) =>
    run(project, ['npm', 'view', '@acme/ui', '--fetch-retries=0'], {
      npm_config_registry: addressOf(gateway, service),
      npm_config_update_notifier: 'false',
    });
  expect((await install('npm')).output).toContain('E401');
  expect((await install('gone')).output).toMatch(
    /service "gone" cannot be reached \(ECONNREFUSED\)/,
  );
});
