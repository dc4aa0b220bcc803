import type { Reply } from '@agentteam/rehearsal';
import type { ReplyBlock } from './recorded-reply.ts';

/** A path of the recorded run and its replacement in the current run. */
export interface PathReplacement {
  readonly from: string;
  readonly to: string;
}

/** Replaces paths in a reply, so that its tool calls use the files of the current run. */
export function replacePaths(reply: Reply, replacements: readonly PathReplacement[]): Reply {
  if (reply.kind === 'error' || replacements.length === 0) return reply;
  return { ...reply, content: reply.content.map((block) => inBlock(block, replacements)) };
}

function inBlock(block: ReplyBlock, replacements: readonly PathReplacement[]): ReplyBlock {
  return block.type === 'text'
    ? { ...block, text: inText(block.text, replacements) }
    : { ...block, input: inValue(block.input, replacements) };
}

function inValue(value: unknown, replacements: readonly PathReplacement[]): unknown {
  if (typeof value === 'string') return inText(value, replacements);
  if (Array.isArray(value)) return value.map((item) => inValue(item, replacements));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, inValue(item, replacements)]),
  );
}

/** Replaces paths of the current run in a text by those of the recorded run. */
export function restorePaths(text: string, replacements: readonly PathReplacement[]): string {
  return inText(
    text,
    replacements.map(({ from, to }) => ({ from: to, to: from })),
  );
}

function inText(text: string, replacements: readonly PathReplacement[]): string {
  return replacements.reduce((current, { from, to }) => {
    const [first = '', ...rest] = current.split(from);
    // `…/q3-report` must not match the beginning of `…/q3-report-2`.
    return rest.reduce((joined, part) => joined + (/^[\w.-]/.test(part) ? from : to) + part, first);
  }, text);
}
