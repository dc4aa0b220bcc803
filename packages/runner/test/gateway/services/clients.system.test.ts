import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { ENV } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { jvmProxy } from '../../../src/environment/jvm-proxy.ts';
import { start, team } from '../setting.ts';
import { atEnd } from '../team.ts';
import { basic, serveFiles } from './file-registry.ts';
import { makeNpmRegistry } from './npm-registry.ts';
import { addressOf, mountSecret, withServices } from './registry.ts';
import { newDirectory, run, writeFiles } from './run-client.ts';

const LOGIN = { username: 'builder', password: 's3cret' };
const accepts = ({ authorization }: { authorization?: string | undefined }) =>
  authorization === basic('builder:s3cret');

/** Packs files into a zip. @param files text by path. */
async function zip(archive: string, files: Readonly<Record<string, string>>): Promise<void> {
  const script = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as archive:
    for path, text in json.loads(sys.argv[2]).items(): archive.writestr(path, text)`;
  const packed = await run(team.root, ['python3', '-c', script, archive, JSON.stringify(files)]);
  expect(packed).toMatchObject({ code: 0 });
}

test('go downloads a private module', async () => {
  const files = await newDirectory();
  const module = 'acme.example/lib';
  const version = `${files}/acme.example/lib/@v`;
  const goMod = `module ${module}\n\ngo 1.20\n`;
  await writeFiles(version, {
    list: 'v1.0.0\n',
    'v1.0.0.info': '{"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z"}',
    'v1.0.0.mod': goMod,
  });
  await zip(`${version}/v1.0.0.zip`, {
    [`${module}@v1.0.0/go.mod`]: goMod,
    [`${module}@v1.0.0/lib.go`]: 'package lib\n\nconst Text = "private"\n',
  });
  const registry = await serveFiles(files, 'index.html', accepts);
  await mountSecret(team, 'go', LOGIN);
  const gateway = await start(withServices({ name: 'go', url: registry.url, secret: 'go-proxy' }));
  const project = await newDirectory();
  await writeFiles(project, {
    'go.mod': 'module app\n\ngo 1.20\n',
  });
  const env = {
    GOPROXY: addressOf(gateway, 'go'),
    GONOSUMDB: 'acme.example/*',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-modcacherw',
  };
  expect(await run(project, ['go', 'get', `${module}@latest`], env)).toMatchObject({ code: 0 });
  const source = await readFile(`${project}/go/pkg/mod/${module}@v1.0.0/lib.go`, 'utf8');
  expect(source).toContain('"private"');
  expect(registry.log).toContain('/acme.example/lib/@v/v1.0.0.zip 200');

  const missing = await run(project, ['go', 'get', 'acme.example/other@latest'], {
    ...env,
    GOPROXY: addressOf(gateway, 'go').replace('/go/', '/og/'),
  });
  expect(missing.output).toContain('this agent has no service "og"; it has: go');
});

const JAR = 'com/acme/extension/1/extension-1.jar';
/** Maven adds this dependency to all extensions. */
const UTILS = 'org/codehaus/plexus/plexus-utils/1.1/plexus-utils-1.1.jar';

test('maven downloads a private parent and a private jar', async () => {
  const files = await newDirectory();
  const repository = `${files}/maven`;
  const pom = (artifact: string, packaging: string) =>
    `<project><modelVersion>4.0.0</modelVersion><groupId>com.acme</groupId><artifactId>${artifact}</artifactId><version>1</version><packaging>${packaging}</packaging></project>`;
  const poms = {
    'com/acme/parent/1/parent-1.pom': pom('parent', 'pom'),
    'com/acme/extension/1/extension-1.pom': pom('extension', 'jar'),
  };
  await writeFiles(repository, { ...poms, [JAR]: '', [UTILS]: '' });
  for (const jar of [JAR, UTILS]) await zip(`${repository}/${jar}`, { 'a.txt': 'private' });
  for (const path of [...Object.keys(poms), JAR, UTILS]) {
    const content = await readFile(`${repository}/${path}`);
    const sha1 = createHash('sha1').update(content).digest('hex');
    await writeFiles(repository, { [`${path}.sha1`]: sha1 });
  }
  const registry = await serveFiles(files, 'index.html', accepts);
  await mountSecret(team, 'maven', LOGIN);
  const gateway = await start(
    withServices({ name: 'maven', url: `${registry.url}/maven/`, secret: 'maven-login' }),
  );
  const project = await newDirectory();
  await writeFiles(project, {
    '.mvn/maven.config': '--settings\n.mvn/settings.xml\n',
    '.mvn/settings.xml': `<settings><mirrors><mirror><id>acme</id><mirrorOf>*</mirrorOf><url>\${env.MAVEN_REPOSITORY}</url></mirror></mirrors></settings>`,
    'pom.xml': `<project><modelVersion>4.0.0</modelVersion>
      <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>1</version><relativePath/></parent>
      <artifactId>app</artifactId><packaging>pom</packaging>
      <build><extensions><extension><groupId>com.acme</groupId><artifactId>extension</artifactId><version>1</version></extension></extensions></build>
    </project>`,
  });
  const built = await run(
    project,
    ['mvn', '--batch-mode', `-Dmaven.repo.local=${project}/m2`, '--strict-checksums', 'validate'],
    {
      MAVEN_REPOSITORY: addressOf(gateway, 'maven'),
      // Not even the proxy of a sandbox stands between Maven and a service.
      ...jvmProxy({ [ENV.gatewayUrl]: 'http://127.0.0.1:1' }, {}),
    },
  );
  expect(built.output).toContain('BUILD SUCCESS');
  expect(await readFile(`${project}/m2/${JAR}`)).toEqual(await readFile(`${repository}/${JAR}`));
  expect(registry.log).toContain('/maven/com/acme/parent/1/parent-1.pom 200');
});

test('npm installs from a lock file with addresses of the registry', async () => {
  const registry = await makeNpmRegistry();
  await mountSecret(team, 'npm', { token: 's3cret-of-npm' });
  const service = { name: 'npm', url: `${registry.url}/npm`, secret: 'npm-token' };
  const gateway = await start(withServices(service));
  const project = await newDirectory();
  const resolved = `${registry.url}/npm/@acme/ui/-/ui-1.2.3.tgz`;
  const dependencies = { '@acme/ui': '1.2.3' };
  await writeFiles(project, {
    'package.json': JSON.stringify({ name: 'app', dependencies }),
    'package-lock.json': JSON.stringify({
      name: 'app',
      lockfileVersion: 3,
      packages: { '': { dependencies }, 'node_modules/@acme/ui': { version: '1.2.3', resolved } },
    }),
  });
  const installed = await run(project, ['npm', 'ci'], {
    npm_config_registry: addressOf(gateway, 'npm'),
    npm_config_replace_registry_host: `${registry.url}/npm/`,
    npm_config_audit: 'false',
  });
  expect(installed).toMatchObject({ code: 0 });
  expect(registry.log.at(-1)).toBe('/npm/@acme/ui/-/ui-1.2.3.tgz 200');
});

describe('pip', () => {
  /** A pypiserver that only serves those who log in. */
  async function startPypi(packages: string): Promise<string> {
    const library = await newDirectory();
    const install = ['python3', '-m', 'pip', 'install', '--quiet', '--target', library];
    const installed = await run(library, [...install, 'pypiserver==2.3.2', 'passlib==1.7.4']);
    expect(installed).toMatchObject({ code: 0 });
    const hash = createHash('sha1').update(LOGIN.password).digest('base64');
    await writeFiles(library, { htpasswd: `${LOGIN.username}:{SHA}${hash}\n` });
    const server = spawn('python3', ['-c', START_PYPI, packages, `${library}/htpasswd`], {
      env: { PATH: process.env['PATH'], PYTHONPATH: library },
    });
    const ended = once(server, 'close');
    atEnd(async () => {
      server.kill();
      await ended;
    });
    const errors: Buffer[] = [];
    server.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    for await (const line of createInterface(server.stdout)) {
      if (/^[0-9]+$/.test(line)) return `http://127.0.0.1:${line}`;
    }
    throw new Error(`pypiserver has ended: ${Buffer.concat(errors)}`);
  }

  test('installs a private package', async () => {
    const packages = await newDirectory();
    const info = 'acme_lib-1.0.dist-info';
    await zip(`${packages}/acme_lib-1.0-py3-none-any.whl`, {
      'acme_lib.py': "TEXT = 'private'\n",
      [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: acme-lib\nVersion: 1.0\n',
      [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      [`${info}/RECORD`]: 'acme_lib.py,,\n',
    });
    const url = await startPypi(packages);
    await mountSecret(team, 'pypi', LOGIN);
    const gateway = await start(withServices({ name: 'pypi', url, secret: 'pypi-login' }));
    const project = await newDirectory();
    const env = { PIP_INDEX_URL: `${addressOf(gateway, 'pypi')}simple/`, PIP_RETRIES: '0' };
    const install = ['python3', '-m', 'pip', 'install', '--target', 'lib', 'acme-lib'];
    expect(await run(project, install, env)).toMatchObject({ code: 0 });
    const show = ['python3', '-c', 'import acme_lib; print(acme_lib.TEXT)'];
    expect(await run(project, show, { PYTHONPATH: 'lib' })).toEqual({
      code: 0,
      output: 'private\n',
    });
  });
});

/** Starts pypiserver on a free port, and prints the port. */
const START_PYPI = `import sys
from wsgiref.simple_server import make_server
import pypiserver
actions = ['list', 'download', 'update']
app = pypiserver.app(roots=[sys.argv[1]], password_file=sys.argv[2], authenticate=actions)
server = make_server('127.0.0.1', 0, app)
print(server.server_port, flush=True)
server.serve_forever()
`;
