import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { FILES, type GatewayAddress, type TeamLive } from '@agentteam/contract';
import { type Money, moneyText } from '@agentteam/ledger';
import {
  countTasks,
  listTasks,
  type NativeTeam,
  readAgentState,
  readLive,
  writeGatewayAddress,
} from '@agentteam/volume';
import { Books } from './books.ts';
import { Budget } from './budget.ts';
import type { GatewayConfig } from './config.ts';
import { Credentials } from './credentials.ts';
import { Holds } from './hold.ts';
import { InFlight } from './in-flight.ts';
import { errorReason, type Logger } from './log.ts';
import type { MessagesContext } from './messages-context.ts';
import { Metrics } from './metrics.ts';
import { followProgress } from './progress.ts';
import { Provider } from './provider/provider.ts';
import { Recorder } from './recording.ts';
import { BodyRoom } from './request/body-room.ts';
import { LeftOut } from './request/left-out.ts';
import { SentMessages } from './request/sent-messages.ts';
import { Reservations } from './reservations.ts';
import { makeGatewayServer } from './server.ts';
import { shareRuns } from './share-runs.ts';
import { makeStatusServer } from './status-server.ts';
import { makeToken } from './token.ts';
import { Upstream } from './upstream/upstream.ts';
import { warnLead } from './warning.ts';

/** Requests of one agent under way at once: more than the CLI and its sub-agents send. */
const MOST_IN_FLIGHT = 16;

/** How long replies under way may take to end when the gateway is told to; then they are broken off. */
const GRACE_MS = 10_000;

export interface RunningGateway {
  readonly address: GatewayAddress;
  /** Serves nothing new, lets what is under way end, and closes the ledger. */
  close(): Promise<void>;
}

/**
 * Starts the gateway, and writes `gateway.json` when it can serve its agent.
 * @param earlier the address of the gateway whose place it takes, which it keeps.
 */
export async function startGateway(
  config: GatewayConfig,
  log: Logger,
  earlier?: GatewayAddress,
): Promise<RunningGateway> {
  const { team, namespace, agent, run, directories } = config;
  const native: NativeTeam = { team, teams: directories.teams, tasks: directories.tasks };
  await Promise.all(
    [directories.gateway, directories.ledger, directories.control].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  );
  const books = await Books.open(directories.ledger, agent, log);
  const figures = shareRuns(async () => {
    const [state, tasks] = await Promise.all([
      readAgentState(directories.state, agent),
      listTasks(native),
    ]);
    const { pending, inProgress, completed } = countTasks(tasks, agent);
    return { turns: state?.turns ?? 0, tasks: { pending, in_progress: inProgress, completed } };
  });
  const metrics = new Metrics(team, agent, figures);
  const warnings: Promise<void>[] = [];
  const onWarning = (scope: 'team' | 'agent', spent: Money, limit: Money) => {
    metrics.warned(scope, limit === 0n ? 1 : Number((spent * 1000n) / limit) / 1000);
    log.warn({ event: 'budget-warning', scope, spent: moneyText(spent), limit: moneyText(limit) });
    const mail = warnLead(native, directories.control, { scope, agent, spent, limit }).then(
      () => {},
      (error: unknown) => log.warn({ event: 'warning-mail-failed', reason: errorReason(error) }),
    );
    warnings.push(mail);
  };
  const budget = new Budget({ config, books, log, onWarning });
  await budget.begin();
  const stop = new AbortController();
  const credentials = new Credentials(directories.credentials);
  const upstream = new Upstream(config.proxies);
  const asking = { config, books, credentials, upstream, log, signal: stop.signal };
  const provider = await Provider.open(asking);
  metrics.waiting(() => provider.waiting?.reason);
  await provider.begin();
  const context: MessagesContext = {
    config,
    books,
    budget,
    credentials,
    upstream,
    provider,
    inFlight: new InFlight(MOST_IN_FLIGHT),
    bodies: new BodyRoom(),
    leftOut: new LeftOut(log),
    sentMessages: new SentMessages(),
    reservations:
      config.onLimit === 'reserve'
        ? await Reservations.open(directories.ledger, (id) => books.standing(id))
        : undefined,
    recorder: config.record ? await Recorder.open(directories.ledger, agent) : undefined,
    metrics,
    log,
    signal: stop.signal,
  };
  const live = shareRuns(
    async (): Promise<TeamLive> =>
      readLive({
        native,
        state: directories.state,
        control: directories.control,
        ledger: await books.refresh(),
        ...(config.limits.team === undefined ? {} : { limit: moneyText(config.limits.team) }),
      }),
  );

  const token = earlier?.token ?? makeToken();
  const outside =
    config.reach === undefined
      ? undefined
      : new (await import('./outside/outside.ts')).Outside({
          ...config,
          reach: config.reach,
          metrics,
          log,
        });
  const holds = new Holds();
  const gatewayServer = makeGatewayServer(context, token, holds, outside);
  const statusServer = makeStatusServer({
    live,
    metrics,
    of: { namespace, team, run },
    agent,
    key: () => credentials.figures(),
    log,
  });
  const address: GatewayAddress = {
    url:
      config.gatewayPort === 'socket'
        ? await listenOnSocket(gatewayServer, directories.gateway)
        : await listen(gatewayServer, portFor(config.gatewayPort, earlier), '127.0.0.1'),
    token,
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
    await provider.end();
    const servers = [gatewayServer, statusServer];
    outside?.close();
    const grace = setTimeout(() => {
      stop.abort();
      for (const server of servers) server.closeAllConnections();
    }, GRACE_MS);
    await Promise.all([...servers.map(end), context.inFlight.idle()]);
    clearTimeout(grace);
    following.abort();
    await Promise.all([
      ...[followed, progress?.ended, budget.written(), context.reservations?.close()],
      ...warnings,
    ]);
    await context.upstream.close();
    await books.close();
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

/** Where any port will do, the one that the agent knows. */
function portFor(port: number, earlier: GatewayAddress | undefined): number {
  return port === 0 && earlier !== undefined ? Number(new URL(earlier.url).port) : port;
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @returns the address as `gateway.json` has it. */
async function listenOnSocket(server: Server, directory: string): Promise<string> {
  // One that was killed has left its socket behind.
  await rm(join(directory, FILES.socket), { force: true });
  // The path of a socket has at most 107 bytes, so it is named from here.
  server.listen(relative('', join(directory, FILES.socket)));
  await once(server, 'listening');
  return `unix:${FILES.socket}`;
}

/** Takes nothing new, and resolves when the requests under way have ended. */
async function end(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection whose request has just ended would be kept alive for the next one.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await closed;
  clearInterval(idle);
}
