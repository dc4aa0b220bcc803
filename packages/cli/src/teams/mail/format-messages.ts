import type { Message } from '@agentteam/detail';
import { isFromPerson } from '@agentteam/detail/message-kind';
import type { Colors } from '../../output/terminal/colors.ts';
import { wrap } from '../../output/terminal/columns.ts';
import { oneLine, safe } from '../../output/terminal/safe.ts';
import { quotedQuestion } from '../../output/view/change-line.ts';

const INDENT = '  ';

/** Formats messages for a terminal: sender, receiver and time, then the text, wrapped and indented. */
export function formatMessages(
  messages: readonly Message[],
  columns: number,
  colors: Colors,
): readonly string[] {
  return messages.flatMap((message, index) => [
    ...(index === 0 ? [] : ['']),
    `${colors.bold(senderOf(message))} → ${colors.bold(oneLine(message.to))}  ${colors.dim(
      [timeOf(message.at), labelOf(message), message.delivered ? '' : 'not delivered']
        .filter((text) => text !== '')
        .join(', '),
    )}`,
    ...[...questionBefore(message), message.text]
      .flatMap((text) => wrap(safe(text), Math.max(20, columns - INDENT.length)))
      .map((line) => `${INDENT}${line}`.trimEnd()),
  ]);
}

/** Every agent can write mail with any sender, also one that reads like the rest of the line: `Ann → api, a person`. */
function senderOf({ kind, from }: Message): string {
  return isFromPerson(kind) || AGENT_NAME.test(from)
    ? oneLine(from)
    : JSON.stringify(oneLine(from));
}

const AGENT_NAME = /^[a-z0-9-]+$/;

const LABELS: Readonly<Record<Message['kind'], string>> = {
  message: '',
  person: 'a person',
  answer: 'a person',
  task: 'task',
  idle: 'idle',
  shutdown: 'shutdown',
};

function labelOf({ kind, question }: Message): string {
  return question === undefined ? LABELS[kind] : `${LABELS[kind]}, answer to ${question.id}`;
}

/** The question of an answer, quoted. */
function questionBefore({ to, question }: Message): readonly string[] {
  if (question?.text === undefined) return [];
  return [`${oneLine(to)} asked: ${quotedQuestion({ text: question.text, choices: [] })}`];
}

/** `16:31:03Z`, in UTC as in `get`. Agents write times, so anything else is not shown. */
function timeOf(at: string): string {
  const time = /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(at)?.[1];
  return time === undefined ? '' : `${time}Z`;
}
