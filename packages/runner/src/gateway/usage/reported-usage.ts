import type { ReplyUsage } from '@agentteam/ledger';

/** What the API has reported of one reply so far; in a stream later reports add to earlier ones. */
export interface ReportedUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that is kept for an hour. */
  readonly cacheWrite1h: number;
  readonly webSearches: number;
  readonly speed?: string;
  readonly geo?: string;
}

const NOTHING: ReportedUsage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  webSearches: 0,
};

/**
 * Adds a `usage` object of the API to what is known. Counts of a stream are cumulative, and a later
 * report may leave out or zero what an earlier one had: the CLI keeps the earlier then, and so do we.
 */
export function mergeUsage(known: ReportedUsage | undefined, usage: unknown): ReportedUsage {
  const before = known ?? NOTHING;
  const report = record(usage);
  const creation = record(report['cache_creation']);
  const count = (value: unknown, otherwise: number) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : otherwise;
  const speed = text(report['speed']) ?? before.speed;
  const geo = text(report['inference_geo']) ?? before.geo;
  return {
    input: count(report['input_tokens'], before.input),
    output: count(report['output_tokens'], before.output),
    cacheRead: count(report['cache_read_input_tokens'], before.cacheRead),
    cacheWrite: count(report['cache_creation_input_tokens'], before.cacheWrite),
    cacheWrite1h: count(creation['ephemeral_1h_input_tokens'], before.cacheWrite1h),
    webSearches: count(
      record(report['server_tool_use'])['web_search_requests'],
      before.webSearches,
    ),
    ...(speed === undefined ? {} : { speed }),
    ...(geo === undefined ? {} : { geo }),
  };
}

/** @param atLeastOutput output tokens that were streamed, by estimate, whatever was reported. */
export function replyUsage(usage: ReportedUsage | undefined, atLeastOutput = 0): ReplyUsage {
  const { input, output, cacheRead, cacheWrite, webSearches, speed, geo } = usage ?? NOTHING;
  const cacheWrite1h = Math.min(usage?.cacheWrite1h ?? 0, cacheWrite);
  return {
    tokens: {
      input,
      output: Math.max(output, atLeastOutput),
      cacheRead,
      cacheWrite5m: cacheWrite - cacheWrite1h,
      cacheWrite1h,
    },
    webSearches,
    ...(speed === undefined ? {} : { speed }),
    ...(geo === undefined ? {} : { geo }),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 64) : undefined;
}
