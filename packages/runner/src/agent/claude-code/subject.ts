import { isRecord } from '@agentteam/contract';

/** For each tool of Claude Code, the field of its input that names what the tool works on, and how. */
const SUBJECTS: Readonly<Record<string, readonly [field: string, of: (text: string) => string]>> = {
  Read: ['file_path', same],
  Write: ['file_path', same],
  Edit: ['file_path', same],
  NotebookEdit: ['notebook_path', same],
  Bash: ['command', programOf],
  WebFetch: ['url', hostOf],
  SendMessage: ['to', (to) => `to ${to}`],
  Agent: ['subagent_type', same],
  Task: ['subagent_type', same],
};

/** Longest text that is searched. */
const MAX_LENGTH = 4_096;

/** @returns what a call works on, in a form that people outside the pod may see; undefined if unknown. */
export function subjectOf(tool: string, input: unknown): string | undefined {
  const [field, of] = (Object.hasOwn(SUBJECTS, tool) && SUBJECTS[tool]) || ['', same];
  const value = isRecord(input) ? input[field] : undefined;
  return (typeof value === 'string' && of(value.slice(0, MAX_LENGTH))) || undefined;
}

function same(text: string): string {
  return text;
}

/** Words of a shell's grammar, which are no programs. */
const SHELL_WORDS: ReadonlySet<string> = new Set([
  'case',
  'for',
  'function',
  'if',
  'until',
  'while',
]);

/** The program of a command: variables before it may have secrets as values. */
function programOf(command: string): string {
  const words = command.trim().split(/\s+/);
  const first = words.find((word) => !/^[A-Za-z_]\w*=/.test(word)) ?? '';
  // A word with quotes, variables or operators may be a part of anything.
  if (SHELL_WORDS.has(first)) return '';
  return /^[\w.][\w./+-]{0,60}$/.test(first) ? (first.split('/').at(-1) ?? '') : '';
}

/** A URL may contain a password or a token; its host does not. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
