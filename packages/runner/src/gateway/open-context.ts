import { mkdir } from 'node:fs/promises';
import { type Money, moneyText } from '@agentteam/contract';
import { shareRuns } from '@agentteam/server';
import { countTasks, listTasks, type NativeTeam, readAgentState } from '@agentteam/volume';
import { Budget } from './budget/budget.ts';
import { warnLead } from './budget/budget-warning.ts';
import { Reservations } from './budget/reservations.ts';
import { TeamLedger } from './budget/team-ledger.ts';
import type { GatewayConfig } from './config.ts';
import { Credentials } from './credentials.ts';
import { FreeRequests } from './flow/free-requests.ts';
import { InFlight } from './flow/in-flight.ts';
import { errorReason, type Logger } from './log.ts';
import type { MessagesContext } from './messages-context.ts';
import { Provider } from './provider/provider.ts';
import { openProviderApi } from './provider-api/open-api.ts';
import { Recorder } from './recording.ts';
import { BodyMemory } from './request/body-memory.ts';
import { Omitted } from './request/omitted.ts';
import { SentMessages } from './request/sent-messages.ts';
import { checkServices, refuseModelApis } from './services/check-services.ts';
import { Metrics } from './status/metrics.ts';
import { Upstream } from './upstream/upstream.ts';

/** Concurrent requests of one agent. The CLI and its sub-agents send fewer. */
const MAX_IN_FLIGHT = 16;

export interface ContextOptions extends Pick<MessagesContext, 'config' | 'closing' | 'signal'> {
  readonly native: NativeTeam;
  readonly log: Logger;
  /** Whether a gateway has served this agent before. Then a service that cannot be used does not end the step. */
  readonly isRestart: boolean;
}

export interface OpenContext {
  readonly context: MessagesContext;
  /** Resolves when the mails that warn of the budget are written. */
  readonly warned: () => Promise<void>;
}

/**
 * Opens the ledger and everything else that requests need, and checks the credentials.
 * @throws ConfigError, or what the provider or a service answered, if the agent could not work.
 */
export async function openContext(options: ContextOptions): Promise<OpenContext> {
  const { config, native, log, closing, signal, isRestart } = options;
  const { agent, directories } = config;
  await Promise.all(
    [directories.gateway, directories.ledger, directories.control].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  );
  const ledger = await TeamLedger.open(directories.ledger, agent, log);
  const metrics = openMetrics(config, native);
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
  const upstream = new Upstream(config.proxies);
  const credentials = new Credentials(config, { upstream, log, signal });
  // An unusable Secret ends the step before the agent starts.
  for (const server of config.mcpServers) await credentials.mcp(server);
  const api = await openProviderApi(config, credentials);
  const provider = await Provider.open({
    config,
    ledger,
    credentials,
    api,
    upstream,
    log,
    signal,
  });
  metrics.waiting(() => provider.waiting?.reason);
  await refuseModelApis(config);
  await Promise.all([
    provider.begin(),
    isRestart ? undefined : checkServices({ config, credentials, upstream, log, signal }),
  ]);
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
    closing,
    signal,
  };
  return {
    context,
    warned: async () => {
      await Promise.all(warnings);
    },
  };
}

/** The metrics of an agent, with its turns and tasks as they are when somebody asks. */
function openMetrics({ team, agent, directories }: GatewayConfig, native: NativeTeam): Metrics {
  const figures = shareRuns(async () => {
    const [state, tasks] = await Promise.all([
      readAgentState(directories.state, agent),
      listTasks(native),
    ]);
    const { pending, inProgress, completed } = countTasks(tasks, agent);
    return { turns: state?.turns ?? 0, tasks: { pending, in_progress: inProgress, completed } };
  });
  return new Metrics(team, agent, figures);
}
