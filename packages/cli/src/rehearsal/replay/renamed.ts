import type { Reply } from '@agentteam/rehearsal';
import type { ReplyBlock } from './recorded-reply.ts';

/** A path of the recorded run, and the one that stands for it now. */
export interface Renamed {
  readonly from: string;
  readonly to: string;
}

/** A reply in which tools are called on this run's files, and not on those of the recorded one. */
export function renamed(reply: Reply, renames: readonly Renamed[]): Reply {
  if (reply.kind === 'error' || renames.length === 0) return reply;
  return { ...reply, content: reply.content.map((block) => renamedBlock(block, renames)) };
}

function renamedBlock(block: ReplyBlock, renames: readonly Renamed[]): ReplyBlock {
  return block.type === 'text'
    ? { ...block, text: renamedText(block.text, renames) }
    : { ...block, input: renamedValue(block.input, renames) };
}

function renamedValue(value: unknown, renames: readonly Renamed[]): unknown {
  if (typeof value === 'string') return renamedText(value, renames);
  if (Array.isArray(value)) return value.map((item) => renamedValue(item, renames));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, renamedValue(item, renames)]),
  );
}

/** A text of this run, as it would stand in the recorded one. */
export function asRecorded(text: string, renames: readonly Renamed[]): string {
  return renamedText(
    text,
    renames.map(({ from, to }) => ({ from: to, to: from })),
  );
}

function renamedText(text: string, renames: readonly Renamed[]): string {
  return renames.reduce((current, { from, to }) => {
    const [first = '', ...rest] = current.split(from);
    // `…/q3-report` is no part of `…/q3-report-2`.
    return rest.reduce((joined, part) => joined + (/^[\w.-]/.test(part) ? from : to) + part, first);
  }, text);
}
