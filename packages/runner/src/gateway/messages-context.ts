import type { Books } from './books.ts';
import type { Budget } from './budget.ts';
import type { GatewayConfig } from './config.ts';
import type { Credentials } from './credentials.ts';
import type { InFlight } from './in-flight.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Provider } from './provider/provider.ts';
import type { Recorder } from './recording.ts';
import type { BodyRoom } from './request/body-room.ts';
import type { LeftOut } from './request/left-out.ts';
import type { SentMessages } from './request/sent-messages.ts';
import type { Reservations } from './reservations.ts';
import type { Upstream } from './upstream/upstream.ts';

/** What one gateway has, for each request that it serves. */
export interface MessagesContext {
  readonly config: GatewayConfig;
  readonly books: Books;
  readonly budget: Budget;
  readonly credentials: Credentials;
  readonly upstream: Upstream;
  readonly provider: Provider;
  readonly inFlight: InFlight;
  readonly bodies: BodyRoom;
  readonly leftOut: LeftOut;
  readonly sentMessages: SentMessages;
  readonly reservations: Reservations | undefined;
  readonly recorder: Recorder | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Aborts when the gateway must end at once. */
  readonly signal: AbortSignal;
}
