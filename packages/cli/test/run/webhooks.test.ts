import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentTeam } from '@agentteam/api';
import { afterEach, describe, expect, test } from '@jest/globals';
import { notifyGate } from '../../src/run/webhooks.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A receiver that answers with `status`, and what it was sent. */
async function receiver(status: number): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, bodies };
}

const teamWith = (gate: object) =>
  ({
    metadata: { name: 'q3-report', namespace: 'cowork-agents' },
    spec: { lifecycle: { approvalGates: [{ event: 'spawn-mailer', ...gate }] } },
  }) as unknown as AgentTeam;

const never = new AbortController().signal;

describe('notifyGate', () => {
  test('posts who waits for what', async () => {
    const { url, bodies } = await receiver(204);
    const team = teamWith({ channel: 'webhook', webhookUrl: url });
    expect(await notifyGate(team, 'q3-report-2', 'spawn-mailer', never)).toBe(true);
    expect(bodies.map((body) => JSON.parse(body))).toEqual([
      {
        type: 'approval-required',
        team: 'q3-report',
        namespace: 'cowork-agents',
        run: 'q3-report-2',
        event: 'spawn-mailer',
        at: expect.stringMatching(/^\d{4}-/),
      },
    ]);
  });

  test.each([
    [500, 'it answered 500'],
    [302, 'fetch failed'],
  ])('a receiver that answers %d is a failure', async (status, words) => {
    const { url } = await receiver(status);
    const team = teamWith({ channel: 'webhook', webhookUrl: url });
    await expect(notifyGate(team, 'r', 'spawn-mailer', never)).rejects.toThrow(words);
  });

  test('a gate without a webhook calls nobody', async () => {
    expect(await notifyGate(teamWith({ channel: 'none' }), 'r', 'spawn-mailer', never)).toBe(false);
    expect(await notifyGate(teamWith({}), 'r', 'deliver', never)).toBe(false);
  });
});
