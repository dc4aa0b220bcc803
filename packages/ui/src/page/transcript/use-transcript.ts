import type { TranscriptEntry } from '@agentteam/detail';
import { useEffect, useState } from 'preact/hooks';
import { problemOf, readTranscriptPage } from '../connection/api.ts';

/** Milliseconds between two requests for what an agent has written since. */
const INTERVAL_MS = 2000;
/** Entries that the page keeps; of a longer transcript, the latest. */
const MOST_ENTRIES = 20_000;

interface TranscriptState {
  readonly entries: readonly TranscriptEntry[];
  /** Earlier entries that the page no longer has. */
  readonly dropped: number;
  /** Whether there is more to read now. */
  readonly isLoading: boolean;
  readonly problem?: string;
}

/** Reads an agent's transcript to its end, and then what is added until the team has ended. */
export function useTranscript(team: string, agent: string, isOver: boolean): TranscriptState {
  const [state, setState] = useState<TranscriptState>({ entries: [], dropped: 0, isLoading: true });
  const [position] = useState({ next: '' });
  useEffect(() => {
    const stop = new AbortController();
    void follow(team, agent, position, isOver, setState, stop.signal);
    return () => stop.abort();
  }, [team, agent, isOver, position]);
  return state;
}

async function follow(
  team: string,
  agent: string,
  position: { next: string },
  isOver: boolean,
  setState: (change: (last: TranscriptState) => TranscriptState) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let isLoading = false;
    try {
      const page = await readTranscriptPage(team, agent, position.next, signal);
      position.next = page.next;
      isLoading = page.more;
      setState((last) => added(last, page.entries, page.more));
    } catch (error) {
      if (signal.aborted) return;
      const problem = problemOf(error);
      setState((last) => ({ ...last, problem }));
    }
    if (isLoading) continue;
    if (isOver) return;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

function added(
  last: TranscriptState,
  entries: readonly TranscriptEntry[],
  isLoading: boolean,
): TranscriptState {
  if (entries.length === 0 && isLoading === last.isLoading && last.problem === undefined)
    return last;
  const all = entries.length === 0 ? last.entries : [...last.entries, ...entries];
  const excess = Math.max(0, all.length - MOST_ENTRIES);
  const kept = excess === 0 ? all : all.slice(excess);
  return { entries: kept, dropped: last.dropped + excess, isLoading };
}
