import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENV } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { jvmProxy } from '../../src/environment/jvm-proxy.ts';
import { newDirectory, run, writeFiles } from '../gateway/services/run-client.ts';
import { atEnd } from '../gateway/team.ts';

test('maven asks the gateway of a sandbox for its downloads, and keeps the options of the team', async () => {
  const asked: string[] = [];
  const gateway = createServer();
  gateway.on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  atEnd(async () => gateway.close());
  const { port } = gateway.address() as AddressInfo;
  const project = await newDirectory();
  await writeFiles(project, {
    'pom.xml': `<project><modelVersion>4.0.0</modelVersion>
      <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>1</version><relativePath/></parent>
      <artifactId>app</artifactId><packaging>pom</packaging>
      <repositories><repository><id>central</id><url>https://repo.acme.invalid/maven</url></repository></repositories>
    </project>`,
  });
  const own = { MAVEN_OPTS: '-Dof.the.team=1' };
  const env = jvmProxy({ [ENV.gatewayUrl]: `http://127.0.0.1:${port}` }, own);
  expect(env['MAVEN_OPTS']).toMatch(/ -Dof\.the\.team=1$/);
  const command = ['mvn', '--batch-mode', `-Dmaven.repo.local=${project}/m2`, 'validate'];
  expect((await run(project, command, env)).code).not.toBe(0);
  expect(new Set(asked)).toEqual(new Set(['repo.acme.invalid:443']));
});

test('outside of a sandbox nothing is set, and options of the image are kept in one', () => {
  expect(jvmProxy({ GRADLE_OPTS: '-Xmx1g' }, {})).toEqual({});
  const env = { [ENV.gatewayUrl]: 'http://127.0.0.1:1234', GRADLE_OPTS: '-Xmx1g' };
  expect(jvmProxy(env, {})['GRADLE_OPTS']).toBe(
    '-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=1234 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=1234 -Xmx1g',
  );
});
