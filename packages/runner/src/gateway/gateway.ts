import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { FILES, type GatewayAddress, moneyText, type TeamLive } from '@agentteam/contract';
import { shareRuns } from '@agentteam/server';
import { type NativeTeam, readLive, writeGatewayAddress } from '@agentteam/volume';
import type { GatewayConfig } from './config.ts';
import { Holds } from './http/hold.ts';
import { makeToken } from './http/token.ts';
import { errorReason, type Logger } from './log.ts';
import type { MessagesContext } from './messages-context.ts';
import { openContext } from './open-context.ts';
import type { OutboundProxy } from './outbound/outbound-proxy.ts';
import { recordAnswer } from './people/record-answer.ts';
import { makeGatewayServer } from './server.ts';
import { Services } from './services/services.ts';
import { followProgress } from './status/progress.ts';
import { makeStatusServer } from './status/status-server.ts';

/** Time that open replies get to finish when the gateway must stop. Then they are broken off. */
const GRACE_MS = 10_000;

export interface RunningGateway {
  readonly address: GatewayAddress;
  /** Refuses new requests, lets open ones finish, and closes the ledger. */
  close(): Promise<void>;
}

/**
 * Starts the gateway, and writes `gateway.json` when it can serve its agent.
 * @param earlier address of the earlier gateway in the same pod. It is kept.
 */
export async function startGateway(
  config: GatewayConfig,
  log: Logger,
  earlier?: GatewayAddress,
): Promise<RunningGateway> {
  const { team, agent, directories } = config;
  const native: NativeTeam = { team, teams: directories.teams, tasks: directories.tasks };
  const stop = new AbortController();
  const closing = new AbortController();
  const { context, warned } = await openContext({
    ...{ config, native, log },
    closing: closing.signal,
    signal: stop.signal,
    isRestart: earlier !== undefined,
  });
  const { ledger, budget, provider } = context;

  const token = earlier?.token ?? makeToken();
  const holds = new Holds();
  const outbound = await makeOutbound(context);
  const services = makeServices(context, token);
  const gatewayServer = makeGatewayServer(context, token, holds, services, outbound);
  const statusServer = makeTeamStatusServer(context, native);
  const address: GatewayAddress = {
    url:
      config.gatewayPort === 'socket'
        ? await listenOnSocket(gatewayServer, directories.gateway)
        : await listen(gatewayServer, portFor(config.gatewayPort, earlier), '127.0.0.1'),
    token,
    ...(services && { services: services.root }),
    instance: randomUUID(),
    statusUrl: await listen(statusServer, config.statusPort, config.statusHost),
  };
  const following = new AbortController();
  const followed = budget.follow(following.signal).catch((error: unknown) => {
    log.error({ event: 'stop-marker-unwatched', reason: errorReason(error) });
  });
  const progress =
    config.progress && (await followProgress(config.progress, native, agent, following.signal));
  await writeGatewayAddress(directories.gateway, address);
  log.info({
    event: 'listening',
    onLimit: config.onLimit,
    record: config.record,
    again: earlier !== undefined,
  });

  const close = async () => {
    holds.end();
    closing.abort();
    await provider.end();
    const servers = [gatewayServer, statusServer];
    outbound?.close();
    const grace = setTimeout(() => {
      stop.abort();
      for (const server of servers) server.closeAllConnections();
    }, GRACE_MS);
    await Promise.all([...servers.map(end), context.inFlight.idle()]);
    clearTimeout(grace);
    following.abort();
    await Promise.all([
      ...[followed, progress?.ended, budget.written(), context.reservations?.close()],
      warned(),
    ]);
    await context.upstream.close();
    await ledger.close();
  };
  let closed: Promise<void> | undefined;
  return {
    address,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** The HTTP proxy of an agent whose sandbox has no other way out. */
async function makeOutbound({
  config,
  metrics,
  log,
}: MessagesContext): Promise<OutboundProxy | undefined> {
  const { reach } = config;
  if (reach === undefined) return undefined;
  const outbound = await import('./outbound/outbound-proxy.ts');
  return new outbound.OutboundProxy({ ...config, reach, metrics, log });
}

function makeServices(context: MessagesContext, token: string): Services | undefined {
  const { services, isLocal, gatewayPort } = context.config;
  if (services.length === 0) return undefined;
  const isGuarded = isLocal && gatewayPort !== 'socket';
  return new Services({ ...context, services, isGuarded, token });
}

/** The server for figures and orders, of the team and of this agent. */
function makeTeamStatusServer(context: MessagesContext, native: NativeTeam): Server {
  const { config, ledger, credentials, metrics, log } = context;
  const { team, namespace, run, agent, directories, limits } = config;
  const live = shareRuns(
    async (): Promise<TeamLive> =>
      readLive({
        native,
        state: directories.state,
        control: directories.control,
        ledger: await ledger.refresh(),
        ...(limits.team !== undefined && { limit: moneyText(limits.team) }),
      }),
  );
  return makeStatusServer({
    live,
    metrics,
    source: { namespace, team, run },
    agent,
    control: directories.control,
    key: () => credentials.figures(),
    recordAnswer: (answer) => recordAnswer(directories.control, answer, log),
    log,
  });
}

/** If any port will do, the one that the agent already uses. */
function portFor(port: number, earlier: GatewayAddress | undefined): number {
  return port === 0 && earlier !== undefined ? Number(new URL(earlier.url).port) : port;
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @returns the address in the form of `gateway.json`. */
async function listenOnSocket(server: Server, directory: string): Promise<string> {
  // A killed gateway leaves its socket behind.
  await rm(join(directory, FILES.socket), { force: true });
  // A socket's path is limited to 107 bytes, so use a relative one.
  server.listen(relative('', join(directory, FILES.socket)));
  await once(server, 'listening');
  return `unix:${FILES.socket}`;
}

/** Stops accepting connections, and resolves when the open requests have ended. */
async function end(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Otherwise, connections would be kept alive for further requests.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await closed;
  clearInterval(idle);
}
