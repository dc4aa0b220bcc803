import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import type { Connection } from '../../../src/cluster/connection/connection.ts';
import { execInPod } from '../../../src/cluster/connection/exec.ts';
import { ExecSession } from '../../../src/cluster/connection/exec-session.ts';
import { podLog } from '../../../src/teams/cluster/pod-logs.ts';

// A person who may write the status of a team in one namespace names a pod, and another person's program uses it.
const HOSTILE =
  '../../kube-system/pods/victim/exec?container=main&stdout=true&command=/bin/sh&command=-c&command=id;x=';
let server: Server;
let connection: Connection;
const requests: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url);
    response.writeHead(404).end();
  });
  server.on('upgrade', (request, socket) => {
    requests.push(request.url);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'cluster', server: url, skipTLSVerify: true },
    { name: 'viewer', token: 'token-of-the-viewer' },
  );
  connection = { config, server: url, namespace: 'tenant' };
});
afterAll(() => void server.close());

const command = ['tail', 'journal.jsonl'];
const { signal } = new AbortController();
const readings = {
  'runs a command': (pod: string) =>
    execInPod(connection, { pod, container: 'main', command }, signal),
  'opens a session': (pod: string) =>
    ExecSession.open(connection, { pod, container: 'main', command }),
  'reads a log': (pod: string) =>
    podLog(connection, { pod, container: 'main' }, { follow: false }, signal),
};

test.each(Object.entries(readings))('%s in no pod whose name leads elsewhere', async (_, read) => {
  for (const pod of [HOSTILE, '..', 'pod/../other', 'pod?x', 'pod#x', 'pod%2f', '']) {
    await expect(read(pod)).rejects.toThrow('as the name of a pod, which it is not');
  }
  expect(requests).toEqual([]);
});

test.each(Object.entries(readings))('%s in the pod that is named', async (_, read) => {
  await Promise.resolve(read('q3-report-lead-123')).catch(() => {});
  expect(requests.splice(0)).toEqual([
    expect.stringMatching(
      /^\/api\/v1\/namespaces\/tenant\/pods\/q3-report-lead-123\/(?:exec|log)\?/,
    ),
  ]);
});
