import type { TranscriptEntry } from '@agentteam/detail';
import { visibleIn } from '@agentteam/text';

/** A call of a tool with its result, or another entry of a transcript. */
export interface TranscriptItem {
  readonly entry: TranscriptEntry;
  /** Of a tool call; absent until the tool has answered. */
  readonly result?: TranscriptEntry;
}

/** Puts the results of tools to their calls. A result without a call is an item of its own. */
export function itemsOf(entries: readonly TranscriptEntry[]): readonly TranscriptItem[] {
  const items: { entry: TranscriptEntry; result?: TranscriptEntry }[] = [];
  const open = new Map<string, { entry: TranscriptEntry; result?: TranscriptEntry }>();
  for (const entry of entries) {
    const { kind, toolUseId = '' } = entry;
    const call = kind === 'tool-result' ? open.get(toolUseId) : undefined;
    if (call !== undefined) {
      call.result = entry;
      open.delete(toolUseId);
      continue;
    }
    const item = { entry };
    items.push(item);
    if (kind === 'tool-use') open.set(toolUseId, item);
  }
  return items;
}

/** What a call is about, in one line: the description, the command, the path. */
export function subjectOf(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  const fields = input as Readonly<Record<string, unknown>>;
  for (const name of SUBJECTS) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return shortened(value);
  }
  return '';
}

/** The first line; of a long path, its end. */
function shortened(text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return line.startsWith('/') && line.length > LONGEST_PATH
    ? `…${line.slice(-LONGEST_PATH)}`
    : line;
}

const LONGEST_PATH = 60;

/** The name of a tool for people: `report`, or `gmail: create_draft` of an MCP server. */
export function toolName(name: string): string {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
  if (server === undefined || tool === undefined) return name;
  return server === 'agentteam' ? tool : `${server}: ${tool}`;
}

/** Fields of the inputs of Claude Code's tools, the most telling first. */
const SUBJECTS = [
  ...['description', 'summary', 'subject', 'file_path', 'notebook_path', 'pattern', 'path'],
  ...['command', 'query', 'url', 'skill', 'outcome', 'status', 'taskId', 'to'],
];

/**
 * Parses the input of a tool. JSON can write every character with letters and digits, so hidden ones appear only
 * now. @returns undefined if the text was cut.
 */
export function inputOf(json: string): unknown {
  try {
    return visibleIn<unknown>(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** Whether an item has a text; the search does not distinguish capitals. */
export function matches({ entry, result }: TranscriptItem, search: string): boolean {
  if (search === '') return true;
  return [entry.tool, entry.from, entry.text, result?.text].some(
    (text) => text?.toLowerCase().includes(search) ?? false,
  );
}
