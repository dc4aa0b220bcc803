import type { ErrorReply } from '../api/reply.ts';
import type { StreamEvent } from '../api/stream-events.ts';

/** How a provider writes what Anthropic's Messages API says. */
export interface WireFormat {
  readonly contentType: string;
  /** An event of a stream. Empty for events that the provider does not send. */
  readonly event: (event: StreamEvent) => string | Uint8Array;
  readonly error: (error: ErrorReply) => WrittenError;
}

export interface WrittenError {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Anthropic's own format, which Microsoft Foundry and successful replies of Vertex AI have too. */
export const ANTHROPIC_FORMAT: WireFormat = {
  contentType: 'text/event-stream',
  event: (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
  error: ({ type, message }) => ({
    headers: {},
    body: { type: 'error', error: { type, message } },
  }),
};
