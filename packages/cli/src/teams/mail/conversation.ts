import type { Colors } from '../../output/terminal/colors.ts';
import { wrap } from '../../output/terminal/columns.ts';
import { oneLine, safe } from '../../output/terminal/safe.ts';
import type { Message } from './message.ts';

const INDENT = '  ';

/** Messages as a person reads them: who to whom and when, then the text, wrapped and indented. */
export function conversation(
  messages: readonly Message[],
  columns: number,
  colors: Colors,
): readonly string[] {
  return messages.flatMap((message, index) => [
    ...(index === 0 ? [] : ['']),
    `${colors.bold(oneLine(message.from))} → ${colors.bold(oneLine(message.to))}  ${colors.dim(
      [time(message.at), KINDS[message.kind], message.delivered ? '' : 'not delivered']
        .filter((text) => text !== '')
        .join(', '),
    )}`,
    ...wrap(safe(message.text), Math.max(20, columns - INDENT.length)).map((line) =>
      `${INDENT}${line}`.trimEnd(),
    ),
  ]);
}

const KINDS: Readonly<Record<Message['kind'], string>> = {
  message: '',
  task: 'task',
  idle: 'idle',
  shutdown: 'shutdown',
};

/** `16:31:03Z`, as in the logs and in `get`: UTC. Agents write it: what is no time is not shown. */
function time(at: string): string {
  const found = /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(at)?.[1];
  return found === undefined ? '' : `${found}Z`;
}
