import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Workflow } from '@agentteam/argo';
import { expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import type { Connection } from '../../../src/cluster/connection/connection.ts';
import { followPodLogs } from '../../../src/teams/cluster/cluster-logs.ts';
import type { HostedTeam } from '../../../src/teams/team-host.ts';

const at = (digits: string): string => `2026-11-29T12:00:0${digits}Z`;

/** What an API server answers to the requests for a log, one after the other. */
const ANSWERS: readonly ((response: ServerResponse) => void)[] = [
  (response) => {
    response.write(`${at('1')} one\n${at('2.5')} two\n${at('2.5')} again\n`, () =>
      response.destroy(),
    );
  },
  (response) => {
    response.statusCode = 503;
    response.end();
  },
  (response) => {
    response.end(`${at('2.1')} old\n${at('2.50')} two\n${at('2.5')} again\n${at('3')} three\n`);
  },
  (response) => response.end(),
];

test('a log that breaks off is continued without gaps and repetitions', async () => {
  const asked: (string | null)[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
    expect(searchParams.get('timestamps')).toBe('true');
    ANSWERS[Math.min(asked.length, ANSWERS.length - 1)]?.(response);
    asked.push(searchParams.get('sinceTime'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u' });
  const node = (finishedAt?: string) => ({
    id: 'crew-1',
    name: 'crew.Lead',
    displayName: 'Lead',
    type: 'Pod' as const,
    phase: finishedAt === undefined ? ('Running' as const) : ('Succeeded' as const),
    templateName: 'lead',
    startedAt: at('0'),
    ...(finishedAt !== undefined && { finishedAt }),
  });
  const team = (finishedAt?: string): HostedTeam => {
    const workflow = {
      metadata: { name: 'crew' },
      spec: { templates: [{ name: 'lead' }] },
      status: { nodes: { 'crew-1': node(finishedAt) } },
    };
    return { workflow: workflow as unknown as Workflow } as HostedTeam;
  };
  let hasRead = (): void => {};
  const read = new Promise<void>((resolve) => {
    hasRead = resolve;
  });
  const teams = async function* teams(): AsyncIterable<HostedTeam> {
    yield team();
    await read;
    yield team(at('4'));
  };
  const texts: string[] = [];
  const connection = { config, namespace: 'n', server: url } as Connection;
  const { signal } = new AbortController();
  try {
    const options = { steps: [], follow: true, signal };
    for await (const { text } of followPodLogs(connection, teams(), options)) {
      texts.push(text);
      if (text === 'three') hasRead();
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect(texts).toEqual(['one', 'two', 'again', 'three']);
  expect(asked.slice(0, 3)).toEqual([null, at('2.5'), at('2.5')]);
});
