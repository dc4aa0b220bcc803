import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isRecord, parseJson } from '@agentteam/contract';
import type { Delivery } from '@agentteam/volume';

/** Finds the transcript of a session; Claude Code names its directory after the working directory. */
export async function findTranscript(
  projects: string,
  sessionId: string,
): Promise<string | undefined> {
  const name = `${sessionId}.jsonl`;
  const directories = await readdir(projects).catch((): string[] => []);
  for (const directory of directories) {
    const files = await readdir(join(projects, directory)).catch((): string[] => []);
    if (files.includes(name)) return join(projects, directory, name);
  }
  return undefined;
}

/**
 * Whether a transcript has a message. After a full disk, or a kill at its start, it may have none, and Claude
 * Code (2.1.330) neither resumes such a session nor starts another one with the same id.
 */
export async function hasMessage(transcript: string): Promise<boolean> {
  const input = createReadStream(transcript);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (entryOf(line)?.uuid !== undefined) return true;
    }
    return false;
  } finally {
    input.destroy();
  }
}

/**
 * Finds out which deliveries a session has read. A delivery that came while the agent was busy is in the
 * transcript as an attachment, which has its uuid as the source. Several deliveries that waited when a
 * turn started are one message, joined by newlines, under the uuid of the last.
 * @returns their uuids.
 */
export async function readDelivered(
  transcript: string,
  deliveries: readonly Delivery[],
): Promise<ReadonlySet<string>> {
  const indexOf = new Map(deliveries.map(({ uuid }, index) => [uuid, index]));
  const read = new Set<string>();
  for (const line of (await readFile(transcript, 'utf8')).split('\n')) {
    const message = messageOf(line);
    const last = message && indexOf.get(message.uuid);
    if (message === undefined || last === undefined) continue;
    let rest = message.text;
    for (let index = last; index >= 0; index -= 1) {
      const delivery = deliveries[index];
      if (delivery === undefined || (index < last && !rest.endsWith(delivery.text))) break;
      read.add(delivery.uuid);
      rest = rest.slice(0, -(delivery.text.length + 1));
      if (rest === '') break;
    }
  }
  return read;
}

interface TranscriptEntry {
  readonly type?: string;
  readonly uuid?: string;
  readonly message?: { readonly content?: unknown };
  readonly attachment?: { readonly source_uuid?: string; readonly prompt?: unknown };
}

/** @returns undefined for a line that a crash or a full disk cut off. */
function entryOf(line: string): TranscriptEntry | undefined {
  const entry = parseJson(line);
  return isRecord(entry) ? (entry as TranscriptEntry) : undefined;
}

/** The user message in a line of the transcript. */
function messageOf(line: string): { readonly uuid: string; readonly text: string } | undefined {
  const { attachment, message, type, uuid } = entryOf(line) ?? {};
  if (attachment?.source_uuid !== undefined) {
    return { uuid: attachment.source_uuid, text: plainText(attachment.prompt) };
  }
  return type === 'user' && uuid !== undefined
    ? { uuid, text: plainText(message?.content) }
    : undefined;
}

/** Content is either a text or a list of blocks, some of which have a text. */
function plainText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((block: { readonly text?: string }) => block.text ?? '').join('');
}
