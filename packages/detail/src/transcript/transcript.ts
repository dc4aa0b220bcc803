import { basename } from 'node:path';
import { agentNamed } from '@agentteam/contract';
import { volumeDirectories } from '@agentteam/volume';
import type { DetailSource } from '../source.ts';
import { entriesOf, type TranscriptEntry } from './transcript-entry.ts';
import { openTranscript, type TranscriptFile, transcriptFiles } from './transcript-files.ts';
import { readLines } from './transcript-lines.ts';

export interface TranscriptPage {
  readonly entries: readonly TranscriptEntry[];
  /** Where the next page begins. The same position later gives what the agent has written since. */
  readonly next: string;
  /** Whether there is more to read now. */
  readonly more: boolean;
}

export interface TranscriptOptions {
  /** The `next` of an earlier page; absent for the beginning. */
  readonly from?: string;
  /** Entries of a page; a line of the transcript may add a few more. Default: 200. */
  readonly limit?: number;
}

const ENTRIES = 200;
const MOST_ENTRIES = 2000;
/** Bytes of the transcript that one page reads. */
const PAGE_BYTES = 16_777_216; // 16 Mi

/** Reads a page of an agent's conversation. Empty where the caller cannot read the volume. */
export async function readTranscript(
  {
    volume,
    members,
  }: Pick<DetailSource, 'volume'> & { readonly members: readonly { readonly name: string }[] },
  word: string,
  { from = '', limit = ENTRIES }: TranscriptOptions = {},
): Promise<TranscriptPage> {
  const agent = agentNamed(word);
  if (volume === undefined || !members.some(({ name }) => name === agent)) {
    return { entries: [], next: from, more: false };
  }
  const { sessions } = volumeDirectories(volume);
  const files = await transcriptFiles(sessions, agent);
  const most = Math.min(Math.max(1, limit || ENTRIES), MOST_ENTRIES);
  const entries: TranscriptEntry[] = [];
  let position = parsePosition(from);
  let index = indexOf(files, position);
  let modified = '';
  for (let bytes = 0; index < files.length; ) {
    const file = files[index];
    if (file === undefined) break;
    const handle = await openTranscript(sessions, file);
    const offset = nameOf(file) === position.name ? position.offset : 0;
    position = { name: nameOf(file), offset };
    modified = new Date(file.modified).toISOString();
    try {
      if (handle === undefined) continue;
      for await (const line of readLines(handle, offset, PAGE_BYTES - bytes)) {
        position = { name: nameOf(file), offset: line.end };
        entries.push(...(line.text === undefined ? [leftOut(line.bytes)] : entriesOf(line.text)));
        if (entries.length >= most) break;
      }
      bytes += position.offset - offset;
      if (entries.length >= most || bytes >= PAGE_BYTES) {
        return { entries: withTimes(entries, modified), next: positionText(position), more: true };
      }
    } finally {
      index += 1;
      await handle?.close();
    }
  }
  return { entries: withTimes(entries, modified), next: positionText(position), more: false };
}

/** A line that was not parsed has no time of its own: {@link withTimes} gives it that of a neighbour. */
const NO_TIME = '';

function leftOut(bytes: number): TranscriptEntry {
  const text = `A line of ${bytes} bytes was left out, because it is too long.`;
  return { at: NO_TIME, kind: 'system', text };
}

/**
 * Gives entries without a time that of the entry before, or of the next one where there is none before.
 * @param otherwise for a page in which no entry has a time.
 */
function withTimes(
  entries: readonly TranscriptEntry[],
  otherwise: string,
): readonly TranscriptEntry[] {
  let at = entries.find((entry) => entry.at !== NO_TIME)?.at ?? otherwise;
  return entries.map((entry) => {
    if (entry.at === NO_TIME) return { ...entry, at };
    at = entry.at;
    return entry;
  });
}

interface Position {
  readonly name: string;
  readonly offset: number;
}

/** A position is `<offset>@<name of the file>`. Anything else means the beginning. */
function parsePosition(text: string): Position {
  const [, offset = '0', name = ''] = /^(\d{1,15})@(.+)$/.exec(text) ?? [];
  return { name, offset: Number(offset) };
}

function positionText({ name, offset }: Position): string {
  return name === '' ? '' : `${offset}@${name}`;
}

function nameOf({ path }: TranscriptFile): string {
  return basename(path.at(-1) ?? '');
}

function indexOf(files: readonly TranscriptFile[], { name }: Position): number {
  return Math.max(
    0,
    files.findIndex((file) => nameOf(file) === name),
  );
}
