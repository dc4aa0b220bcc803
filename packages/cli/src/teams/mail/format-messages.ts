import type { Message } from '@agentteam/detail';
import type { Colors } from '../../output/terminal/colors.ts';
import { wrap } from '../../output/terminal/columns.ts';
import { oneLine, safe } from '../../output/terminal/safe.ts';

const INDENT = '  ';

/** Formats messages for a terminal: sender, receiver and time, then the text, wrapped and indented. */
export function formatMessages(
  messages: readonly Message[],
  columns: number,
  colors: Colors,
): readonly string[] {
  return messages.flatMap((message, index) => [
    ...(index === 0 ? [] : ['']),
    `${colors.bold(oneLine(message.from))} → ${colors.bold(oneLine(message.to))}  ${colors.dim(
      [timeOf(message.at), LABELS[message.kind], message.delivered ? '' : 'not delivered']
        .filter((text) => text !== '')
        .join(', '),
    )}`,
    ...wrap(safe(message.text), Math.max(20, columns - INDENT.length)).map((line) =>
      `${INDENT}${line}`.trimEnd(),
    ),
  ]);
}

const LABELS: Readonly<Record<Message['kind'], string>> = {
  message: '',
  person: 'a person',
  task: 'task',
  idle: 'idle',
  shutdown: 'shutdown',
};

/** `16:31:03Z`, in UTC as in `get`. Agents write times, so anything else is not shown. */
function timeOf(at: string): string {
  const time = /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(at)?.[1];
  return time === undefined ? '' : `${time}Z`;
}
