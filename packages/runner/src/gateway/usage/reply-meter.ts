import type { ReportedUsage } from './reported-usage.ts';

/** What is known so far about a reply's cost. */
export interface MeteredReply {
  readonly usage: ReportedUsage | undefined;
  readonly model: string | undefined;
  /** Bytes of content deltas, to estimate the cost before the API reports it. */
  readonly streamedBytes: number;
  /** Whether the API ran code in a container. */
  readonly ranCode: boolean;
  /** Whether a part was too large to parse, and may have been a report of usage. */
  readonly skipped: boolean;
  /** Whether the reply is complete. */
  readonly complete: boolean;
}

/** Reads a reply of the Messages API while it is forwarded. */
export interface ReplyMeter {
  push(chunk: Buffer): void;
  /** Call this after the last chunk. */
  end(): void;
  readonly reply: MeteredReply;
}

export const EMPTY_REPLY: MeteredReply = {
  usage: undefined,
  model: undefined,
  streamedBytes: 0,
  ranCode: false,
  skipped: false,
  complete: false,
};

export function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function modelOf(message: Record<string, unknown>): string | undefined {
  const model = message['model'];
  return typeof model === 'string' ? model.slice(0, 200) : undefined;
}

export function runsCode(block: unknown): boolean {
  const { type, name } = record(block);
  return type === 'server_tool_use' && String(name).includes('code_execution');
}
