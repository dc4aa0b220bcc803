import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * A fenced block of shell commands. Its info string, which a reader does not see, determines how e2e/docs
 * tests it: `sh` must succeed, `sh exits N` must exit with N, and `sh untried: REASON` is not run. The
 * commands, options and files of all blocks are checked.
 */
export interface Block {
  /** Path relative to the root of the repository. */
  readonly document: string;
  /** Number of its first line, from 1. */
  readonly line: number;
  readonly text: string;
  /** Expected exit code; undefined when the block is not run. */
  readonly exitCode: number | undefined;
}

/** A command in running text or in a table. */
export interface Span {
  readonly document: string;
  readonly line: number;
  readonly text: string;
}

/** Paths of the pages for users: README.md and the pages of docs/, without its decisions. */
export function documents(): readonly string[] {
  const pages = ['docs', 'docs/toolchains', 'docs/providers'].flatMap((directory) =>
    readdirSync(join(ROOT, directory))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${directory}/${name}`),
  );
  return ['README.md', ...pages];
}

function read(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

const SHELLS = /^(sh|bash|shell|console|zsh|fish)\b/;
const PROGRAMS = /^\s*(\$ )?(agentteam|kubectl|helm|argo|npm|git|docker|kind) /m;

/** @throws Error for a block of commands without a valid info string. */
export function blocksOf(document: string): readonly Block[] {
  return fences(read(document)).flatMap(({ info, line, text }) => {
    if (!SHELLS.test(info) && !(info === '' && PROGRAMS.test(text))) return [];
    const known = /^sh( exits (?<code>\d+)| untried: \S.*)?$/.exec(info);
    if (known === null) {
      throw new Error(
        `${document}:${line}: expected a fence \`\`\`sh, \`\`\`sh exits N or \`\`\`sh untried: REASON`,
      );
    }
    const exitCode = info.includes('untried') ? undefined : Number(known.groups?.['code'] ?? 0);
    return [{ document, line, text, exitCode }];
  });
}

/** Finds commands of the product in backquotes, outside fences. */
export function spansOf(document: string): readonly Span[] {
  const text = read(document);
  const fenced = new Set(
    fences(text).flatMap(({ line, lines }) => Array.from({ length: lines }, (_, n) => line + n)),
  );
  return text.split('\n').flatMap((content, index) => {
    const line = index + 1;
    if (fenced.has(line)) return [];
    return [...content.matchAll(/`((?:kubectl )?agentteam [^`]+)`/g)].map(([, command = '']) => ({
      document,
      line,
      // In a table, vertical bars are escaped.
      text: command.replaceAll('\\|', '|'),
    }));
  });
}

interface Fence {
  readonly info: string;
  /** Number of its first line of content, from 1. */
  readonly line: number;
  readonly lines: number;
  readonly text: string;
}

function fences(text: string): readonly Fence[] {
  const found: Fence[] = [];
  const lines = text.split('\n');
  for (let start = 0; start < lines.length; start += 1) {
    const opening = /^(?<indent> *)```(?<info>\S.*|)$/.exec(lines[start] ?? '');
    if (opening === null) continue;
    const { indent = '', info = '' } = opening.groups ?? {};
    const end = lines.findIndex((line, index) => index > start && line.trim() === '```');
    if (end < 0) throw new Error(`line ${start + 1}: the fence is not closed`);
    const content = lines.slice(start + 1, end).map((line) => line.replace(indent, ''));
    found.push({
      info: info.trim(),
      line: start + 2,
      lines: content.length,
      text: content.join('\n'),
    });
    start = end;
  }
  return found;
}
