import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { FILES, PATHS } from '@agentteam/contract';
import type { TestTeam } from './team.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const socketOf = ({ root }: TestTeam): string => `${root}${PATHS.gateway}/${FILES.socket}`;

/** Sends a plain request through the gateway, like a program with `HTTP_PROXY`. */
export async function get(team: TestTeam, url: string): Promise<Answer> {
  const call = request({ socketPath: socketOf(team), path: url, agent: false }).end();
  const [reply] = (await once(call, 'response')) as [IncomingMessage];
  return { status: reply.statusCode ?? 0, text: (await reply.toArray()).join('') };
}

/** Asks the gateway for a tunnel, like a program with `HTTPS_PROXY`. */
export async function tunnel(
  team: TestTeam,
  authority: string,
): Promise<Answer & { readonly socket: Socket }> {
  const call = request({
    socketPath: socketOf(team),
    method: 'CONNECT',
    path: authority,
    agent: false,
  }).end();
  const [reply, socket, head] = (await once(call, 'connect')) as [IncomingMessage, Socket, Buffer];
  const status = reply.statusCode ?? 0;
  if (status === 200) return { status, text: '', socket };
  // A refusal has a message, and closes the connection.
  const rest = Buffer.concat([head, ...(await socket.toArray())]);
  return { status, text: rest.toString(), socket };
}
