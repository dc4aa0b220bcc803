import type { VolumeReading, VolumeSource } from '@agentteam/detail';
import { applyDelta, type Delta } from '@agentteam/detail/delta';
import { parseAnswer } from '../volume/ask-session.ts';
import type { TeamVolume } from '../volume/team-volume.ts';
import { ANSWER_BYTES, parsePage } from './answers.ts';
import { type TeamCopy, TranscriptCopy } from './kept-files.ts';

/** Bytes of all transcripts of a team that are kept, compressed. */
const TRANSCRIPTS_BYTES = 25_165_824; // 24 Mi
const PAGE_ENTRIES = 1000;
const CUT = 'The rest of the transcript is not kept here, because it is too long.';

/**
 * Reads everything that the page shows of a team's volume.
 * @param onProgress gets a sentence for a person.
 * @throws Failure if the volume cannot be read.
 */
export async function copyFiles(
  volume: TeamVolume,
  source: VolumeSource,
  onProgress: (sentence: string) => void,
): Promise<TeamCopy> {
  const content = await volume.ask({ kind: 'follow', source }, ANSWER_BYTES);
  const reading = applyDelta(undefined, parseAnswer(content) as Delta) as VolumeReading;
  const transcripts = new Map<string, TranscriptCopy>();
  const agents = reading.agents.filter(({ hasTranscript }) => hasTranscript);
  let left = TRANSCRIPTS_BYTES;
  for (const [index, { name }] of agents.entries()) {
    onProgress(`Reading the transcripts: ${index + 1} of ${agents.length}.`);
    const copy = await copyTranscript(volume, name, left / (agents.length - index));
    left -= copy.bytes;
    transcripts.set(name, copy);
  }
  return {
    reading,
    transcripts,
    readAt: new Date().toISOString(),
    endedAt: source.head.endedAt,
    bytes: content.length + TRANSCRIPTS_BYTES - left,
  };
}

async function copyTranscript(
  volume: TeamVolume,
  agent: string,
  mostBytes: number,
): Promise<TranscriptCopy> {
  const copy = new TranscriptCopy();
  for (let from = ''; ; ) {
    const request = { kind: 'transcript', agent, from, limit: PAGE_ENTRIES } as const;
    const page = parsePage(await volume.ask(request, ANSWER_BYTES));
    const isCut = page.more && copy.bytes >= mostBytes;
    const at = page.entries.at(-1)?.at ?? '';
    const entries = isCut
      ? [...page.entries, { at, kind: 'system' as const, text: CUT }]
      : page.entries;
    copy.add(from, { ...page, entries, more: page.more && !isCut });
    if (!page.more || isCut || page.next === from) return copy;
    from = page.next;
  }
}
