import type { ReportedUsage } from './reported-usage.ts';

/** What a reply has said so far about what it costs. */
export interface MeteredReply {
  readonly usage: ReportedUsage | undefined;
  readonly model: string | undefined;
  /** Bytes of content deltas: a hint of what a reply under way has cost, before the API reports it. */
  readonly streamedBytes: number;
  /** The API ran code in a container. */
  readonly ranCode: boolean;
  /** Something went by that was too large to be read, and may have been about the cost. */
  readonly skipped: boolean;
  /** The reply came to its own end. */
  readonly complete: boolean;
}

/** Reads a reply of the Messages API as it passes. */
export interface ReplyMeter {
  push(chunk: Buffer): void;
  /** No more will come. */
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
