import type { LogLine } from './team-host.ts';

const AGENT_LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) /;
const GATEWAY_LINE = /^\{"level":"\w+","time":"([^"]{20,30})"/;

/** When a line was written, in milliseconds since the epoch; undefined for lines that do not say it. */
export function timeOfLine({ at: written, text }: LogLine): number | undefined {
  const time = written ?? AGENT_LINE.exec(text)?.[1] ?? GATEWAY_LINE.exec(text)?.[1];
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : at;
}

/** The lines of one container. */
export interface Log {
  readonly lines: AsyncIterable<LogLine>;
  /** When the container's pod started, ISO 8601: the time of the first lines, if they do not say it. */
  readonly startedAt: string | null | undefined;
}

/**
 * Merges logs by time. The lines of one log keep their order, and a line without a time stays behind the one
 * before it. Holds one line of each log in memory.
 */
export async function* mergeByTime(logs: readonly Log[]): AsyncIterable<LogLine> {
  const heads: Head[] = [];
  try {
    for (const { lines, startedAt } of logs) {
      const from = startedAt == null ? 0 : Date.parse(startedAt);
      const head = await nextOf(lines[Symbol.asyncIterator](), from);
      if (head !== undefined) heads.push(head);
    }
    for (;;) {
      const [first] = heads.toSorted((a, b) => a.at - b.at);
      if (first === undefined) return;
      yield first.line;
      const next = await nextOf(first.lines, first.at);
      heads.splice(heads.indexOf(first), 1, ...(next === undefined ? [] : [next]));
    }
  } finally {
    for (const { lines } of heads) await lines.return?.();
  }
}

/** The next line of a log, with the time that orders it. */
interface Head {
  readonly lines: AsyncIterator<LogLine>;
  readonly at: number;
  readonly line: LogLine;
}

/** @param from the time of the line before. A log whose clock was set back keeps its order. */
async function nextOf(lines: AsyncIterator<LogLine>, from: number): Promise<Head | undefined> {
  const next = await lines.next();
  if (next.done) return undefined;
  const line = next.value;
  return { lines, line, at: Math.max(from, timeOfLine(line) ?? from) };
}
