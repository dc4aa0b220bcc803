import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import {
  FILES,
  type GatewayAddress,
  type Money,
  moneyText,
  type TeamLive,
} from '@agentteam/contract';
import { shareRuns } from '@agentteam/server';
import {
  countTasks,
  listTasks,
  type NativeTeam,
  readAgentState,
  readLive,
  writeGatewayAddress,
} from '@agentteam/volume';
import { Budget } from './budget.ts';
import { warnLead } from './budget-warning.ts';
import type { GatewayConfig } from './config.ts';
import { Credentials } from './credentials.ts';
import { FreeRequests } from './free-requests.ts';
import { Holds } from './hold.ts';
import { InFlight } from './in-flight.ts';
import { errorReason, type Logger } from './log.ts';
import type { MessagesContext } from './messages-context.ts';
import { Metrics } from './metrics.ts';
import { followProgress } from './progress.ts';
import { Provider } from './provider/provider.ts';
import { openProviderApi } from './provider-api/open-api.ts';
import { recordAnswer } from './record-answer.ts';
import { Recorder } from './recording.ts';
import { BodyMemory } from './request/body-memory.ts';
import { Omitted } from './request/omitted.ts';
import { SentMessages } from './request/sent-messages.ts';
import { Reservations } from './reservations.ts';
import { makeGatewayServer } from './server.ts';
import { checkServices, refuseModelApis } from './services/check-services.ts';
import { Services } from './services/services.ts';
import { makeStatusServer } from './status-server.ts';
import { TeamLedger } from './team-ledger.ts';
import { makeToken } from './token.ts';
import { Upstream } from './upstream/upstream.ts';

/** Concurrent requests of one agent. The CLI and its sub-agents send fewer. */
const MAX_IN_FLIGHT = 16;

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
  const { team, namespace, agent, run, directories } = config;
  const native: NativeTeam = { team, teams: directories.teams, tasks: directories.tasks };
  await Promise.all(
    [directories.gateway, directories.ledger, directories.control].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  );
  const ledger = await TeamLedger.open(directories.ledger, agent, log);
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
  const budget = new Budget({ config, ledger, log, onWarning });
  await budget.begin();
  const stop = new AbortController();
  const closing = new AbortController();
  const upstream = new Upstream(config.proxies);
  const credentials = new Credentials(config, { upstream, log, signal: stop.signal });
  // An unusable Secret ends the step before the agent starts.
  for (const server of config.mcpServers) await credentials.mcp(server);
  const api = await openProviderApi(config, credentials);
  const providerOptions = { config, ledger, credentials, api, upstream, log, signal: stop.signal };
  const provider = await Provider.open(providerOptions);
  metrics.waiting(() => provider.waiting?.reason);
  const checked = { config, credentials, upstream, log, signal: stop.signal };
  // A gateway that comes back must not end its agent because of a service.
  const mayFail = earlier === undefined;
  await refuseModelApis(config);
  await Promise.all([provider.begin(), mayFail ? checkServices(checked) : undefined]);
  const context: MessagesContext = {
    config,
    ledger,
    budget,
    credentials,
    api,
    upstream,
    provider,
    inFlight: new InFlight(MAX_IN_FLIGHT),
    freeRequests: new FreeRequests(),
    bodyMemory: new BodyMemory(),
    omitted: new Omitted(log),
    sentMessages: new SentMessages(),
    reservations:
      config.onLimit === 'reserve'
        ? await Reservations.open(directories.ledger, (id) => ledger.stateOf(id))
        : undefined,
    recorder: config.record ? await Recorder.open(directories.ledger, agent) : undefined,
    metrics,
    log,
    closing: closing.signal,
    signal: stop.signal,
  };
  const live = shareRuns(
    async (): Promise<TeamLive> =>
      readLive({
        native,
        state: directories.state,
        control: directories.control,
        ledger: await ledger.refresh(),
        ...(config.limits.team !== undefined && { limit: moneyText(config.limits.team) }),
      }),
  );

  const token = earlier?.token ?? makeToken();
  const outbound =
    config.reach === undefined
      ? undefined
      : new (await import('./outbound/outbound-proxy.ts')).OutboundProxy({
          ...config,
          reach: config.reach,
          metrics,
          log,
        });
  const holds = new Holds();
  const services =
    config.services.length === 0
      ? undefined
      : new Services({
          services: config.services,
          isGuarded: config.isLocal && config.gatewayPort !== 'socket',
          token,
          ...{ credentials, upstream, metrics, log, signal: stop.signal },
        });
  const gatewayServer = makeGatewayServer(context, token, holds, services, outbound);
  const statusServer = makeStatusServer({
    live,
    metrics,
    source: { namespace, team, run },
    agent,
    control: directories.control,
    key: () => credentials.figures(),
    recordAnswer: (answer) => recordAnswer(directories.control, answer, log),
    log,
  });
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
      ...warnings,
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
