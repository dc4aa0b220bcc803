import type { Budget } from './budget/budget.ts';
import type { Reservations } from './budget/reservations.ts';
import type { TeamLedger } from './budget/team-ledger.ts';
import type { GatewayConfig } from './config.ts';
import type { Credentials } from './credentials.ts';
import type { FreeRequests } from './flow/free-requests.ts';
import type { InFlight } from './flow/in-flight.ts';
import type { Logger } from './log.ts';
import type { Provider } from './provider/provider.ts';
import type { ProviderApi } from './provider-api/provider-api.ts';
import type { Recorder } from './recording.ts';
import type { BodyMemory } from './request/body-memory.ts';
import type { Omitted } from './request/omitted.ts';
import type { SentMessages } from './request/sent-messages.ts';
import type { Metrics } from './status/metrics.ts';
import type { Upstream } from './upstream/upstream.ts';

/** The parts of a gateway that serve requests. */
export interface MessagesContext {
  readonly config: GatewayConfig;
  readonly ledger: TeamLedger;
  readonly budget: Budget;
  readonly credentials: Credentials;
  readonly api: ProviderApi;
  readonly upstream: Upstream;
  readonly provider: Provider;
  readonly inFlight: InFlight;
  readonly freeRequests: FreeRequests;
  readonly bodyMemory: BodyMemory;
  readonly omitted: Omitted;
  readonly sentMessages: SentMessages;
  readonly reservations: Reservations | undefined;
  readonly recorder: Recorder | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Aborts when the gateway is asked to end: open replies may finish then, and held requests end. */
  readonly closing: AbortSignal;
  /** Aborts when the gateway must end at once. */
  readonly signal: AbortSignal;
}
