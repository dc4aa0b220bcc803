import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { type GatewaySpec, PATHS, type ServiceRef } from '@agentteam/contract';
import { serviceAddress } from '../../../src/environment/service-addresses.ts';
import type { RunningGateway } from '../../../src/gateway/gateway.ts';
import { atEnd, type TestTeam } from '../team.ts';

/** A server on loopback in the place of a registry, until the test file ends. */
export class Registry {
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Requests after the gateway's own check at its start. */
  readonly seen: IncomingMessage[] = [];
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
    this.answer = (_, response) => response.end('ok');
  }

  static async start(): Promise<Registry> {
    const server = createServer((request, response) => {
      registry.seen.push(request);
      registry.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const registry = new Registry(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    atEnd(async () => {
      server.closeAllConnections();
      server.close();
    });
    return registry;
  }
}

/** Mounts a Secret of a service, as the kubelet would. */
export async function mountSecret(
  { root }: TestTeam,
  service: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    const file = join(root, PATHS.credentials, 'services', service, key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, value);
  }
}

export function withServices(...services: readonly ServiceRef[]): Partial<GatewaySpec> {
  return { services };
}

/** The address of a service, as a variable of the agent has it. */
export function addressOf({ address }: Pick<RunningGateway, 'address'>, service: string): string {
  return serviceAddress(address, service);
}

/** Sends bytes as they are, and returns everything that comes back. */
export async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A server may reset the connection of a request that it has refused.
  socket.on('error', () => {});
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}
