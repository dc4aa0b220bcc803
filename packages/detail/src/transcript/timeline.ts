import { readTurns } from '@agentteam/volume';
import { type AgentSpan, MOST_SPANS } from '../agent-detail.ts';
import { readJournalOf } from '../mail/mail.ts';
import { entriesOf } from './transcript-entry.ts';
import { openTranscript, transcriptFiles } from './transcript-files.ts';
import { LONGEST_SKIPPED_BYTES, readLines } from './transcript-lines.ts';

/** What an agent did, and when. */
export interface Timeline {
  readonly spans: readonly AgentSpan[];
  readonly hasTranscript: boolean;
}

/** Bytes of all transcripts that one reading covers. The next reading continues. */
const READING_BYTES = 67_108_864; // 64 Mi
/** Tool calls whose result has not been read. */
const MOST_OPEN = 256;
/** Spans that are kept between two readings. */
const MOST_KEPT = 20_000;

/**
 * Reads the turns and tool calls of one agent from its journal and its transcripts. Each reading covers only
 * what is new.
 */
export class TimelineReader {
  readonly #offsets: Map<string, number> = new Map();
  readonly #open: Map<string, { readonly name: string; readonly from: string }> = new Map();
  #tools: AgentSpan[] = [];

  async read(sessions: string, agent: string): Promise<Timeline> {
    const files = await transcriptFiles(sessions, agent);
    let left = READING_BYTES;
    for (const file of files) {
      if (left <= 0) break;
      const key = file.path.join('/');
      const handle = await openTranscript(sessions, file);
      if (handle === undefined) continue;
      try {
        const offset = this.#offsets.get(key) ?? 0;
        if (offset === Number.POSITIVE_INFINITY) continue;
        let at = offset;
        for await (const { text, bytes, end } of readLines(handle, offset, left)) {
          at = end;
          // Claude Code never writes such a line, and what follows it may be as long.
          const isEndless = bytes > LONGEST_SKIPPED_BYTES;
          this.#offsets.set(key, isEndless ? Number.POSITIVE_INFINITY : end);
          if (text !== undefined) this.#add(text);
        }
        left -= at - offset;
      } finally {
        await handle.close();
      }
    }
    const { text = '' } = await readJournalOf(sessions, agent);
    const turns = readTurns(text, MOST_KEPT).map((turn, index) => ({
      ...{ kind: 'turn' as const, name: `turn ${index + 1}` },
      ...turn,
    }));
    const open = [...this.#open.values()].map((call) => ({ kind: 'tool' as const, ...call }));
    return {
      spans: [...turns, ...this.#tools, ...open],
      hasTranscript: files.length > 0,
    };
  }

  #add(line: string): void {
    for (const { kind, at, tool = '', toolUseId = '' } of entriesOf(line)) {
      if (kind === 'tool-use' && this.#open.size < MOST_OPEN) {
        this.#open.set(toolUseId, { name: tool, from: at });
      }
      const call = kind === 'tool-result' ? this.#open.get(toolUseId) : undefined;
      if (call === undefined) continue;
      this.#open.delete(toolUseId);
      this.#tools.push({ kind: 'tool', ...call, to: at });
      if (this.#tools.length > MOST_KEPT) this.#tools = longest(this.#tools, MOST_KEPT / 2);
    }
  }
}

/**
 * Selects the spans for a timeline, in the order of their begin. Attempts, waits and open spans come first, then
 * the longest ones.
 * @param endedAt when the agent's step ended: no span goes on after it.
 */
export function selectSpans(
  spans: readonly AgentSpan[],
  endedAt: string | undefined,
): readonly AgentSpan[] {
  const ended = spans.map((span) =>
    span.to === undefined && endedAt !== undefined ? { ...span, to: endedAt } : span,
  );
  return longest(ended, MOST_SPANS).toSorted((a, b) => a.from.localeCompare(b.from));
}

function longest(spans: readonly AgentSpan[], most: number): AgentSpan[] {
  if (spans.length <= most) return [...spans];
  const length = ({ kind, from, to }: AgentSpan): number =>
    kind === 'attempt' || kind === 'wait' || to === undefined
      ? Number.POSITIVE_INFINITY
      : Date.parse(to) - Date.parse(from);
  return spans.toSorted((a, b) => length(b) - length(a)).slice(0, most);
}
