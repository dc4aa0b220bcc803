import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The transcript of a session: Claude Code keeps it under the name of the working directory. */
export async function findTranscript(
  projects: string,
  sessionId: string,
): Promise<string | undefined> {
  const directories = await readdir(projects).catch((): string[] => []);
  for (const directory of directories) {
    const files = await readdir(join(projects, directory)).catch((): string[] => []);
    if (files.includes(`${sessionId}.jsonl`))
      return join(projects, directory, `${sessionId}.jsonl`);
  }
  return undefined;
}

/**
 * The messages of ours that a session has read. One that came while the agent was busy stands there
 * as an attachment, which names the message's own uuid as its source.
 */
export async function readDelivered(transcript: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const line of (await readFile(transcript, 'utf8')).split('\n')) {
    const entry = parse(line);
    if (entry?.type === 'user' && entry.uuid !== undefined) found.add(entry.uuid);
    const source = entry?.attachment?.source_uuid;
    if (source !== undefined) found.add(source);
  }
  return found;
}

interface TranscriptEntry {
  readonly type?: string;
  readonly uuid?: string;
  readonly attachment?: { readonly source_uuid?: string };
}

function parse(line: string): TranscriptEntry | undefined {
  try {
    return JSON.parse(line) as TranscriptEntry;
  } catch {
    return undefined;
  }
}
